// The key every token of the stand-in is signed with, and a second one nobody trusts, for tokens that must be refused.

import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { KeptState } from './state.ts';

export interface SigningKey {
  readonly keyId: string;
  /** Public part as the JWKS endpoint serves it; like Entra's without `alg`. */
  readonly publicKeys: JSONWebKeySet;
  readonly sign: (claims: JWTPayload) => Promise<string>;
  /** Signs with a key that is not published; `keyId` may still claim to be the published one. */
  readonly signUntrusted: (claims: JWTPayload, keyId: string) => Promise<string>;
}

/** Takes the key from the kept state, or makes and keeps a new one; its id is its thumbprint, so it is stable too. */
export async function openSigningKey(state: KeptState): Promise<SigningKey> {
  const kept = state.signingKey();
  const privateJwk: JWK = kept ?? (await makePrivateJwk());
  if (kept === undefined) state.keepSigningKey({ ...privateJwk });
  const keyId = await calculateJwkThumbprint(privateJwk);
  const privateKey = await importJWK(privateJwk, 'RS256');
  const { kty, n, e } = privateJwk;
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('The kept signing key of the Entra stand-in is not an RSA key.');
  const untrusted = generateOnce();
  return {
    keyId,
    publicKeys: { keys: [{ kty, use: 'sig', kid: keyId, n, e }] },
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: keyId }).sign(privateKey),
    signUntrusted: async (claims, claimedKeyId) =>
      new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: claimedKeyId }).sign(await untrusted()),
  };
}

async function makePrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return exportJWK(privateKey);
}

/** Only tests need the untrusted key, and making one costs a noticeable part of a second. */
function generateOnce(): () => Promise<CryptoKey> {
  let made: Promise<CryptoKey> | undefined;
  return () => {
    made ??= generateKeyPair('RS256').then(({ privateKey }) => privateKey);
    return made;
  };
}
