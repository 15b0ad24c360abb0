// Codes of authenticator apps and recovery codes: making them, showing them once, and knowing one again.
import { createHash, timingSafeEqual } from 'node:crypto';
import { HOTP, Secret, TOTP } from 'otpauth';
import { acceptedSteps, type JudgedCode, plainCode, recoveryCodeCount, showRecoveryCode, stepSeconds } from '../domain/second-factor.ts';
import type { Ports } from '../ports/ports.ts';
import { hashSecret } from './hashing.ts';
import { seal, unseal } from './sealed-box.ts';

type CodePorts = Pick<Ports, 'operation' | 'clock' | 'ids' | 'log'>;

/** Whose secret it is: sealed for one account, it is of no use in another's row. */
export interface FactorHolder {
  readonly companyId: string;
  readonly objectId: string;
}

/** 160 bits: as long as the hash of the codes (RFC 4226 §4). */
const secretBytes = 20;
/** 120 bits, more than the 112 from which a plain hash is enough (OWASP ASVS 5.0, 6.5.2). */
const recoveryBytes = 15;
const digits = 6;
const algorithm = 'SHA1';
const issuer = 'Muster';

const boxOf = ({ companyId, objectId }: FactorHolder) => ({
  purpose: 'second-factor',
  binding: Buffer.from(JSON.stringify([companyId, objectId])),
});

function randomBase32({ ids }: Pick<Ports, 'ids'>, bytes: number): string {
  const random = createHash('sha256').update(ids.newSecret()).digest().subarray(0, bytes);
  return new Secret({ buffer: new Uint8Array(random).buffer }).base32;
}

export interface NewSecret {
  /** Base32, for typing. */
  readonly secret: string;
  /** `otpauth://totp/…`, for a QR code. */
  readonly uri: string;
  /** For storing. */
  readonly sealedSecret: string;
}

/** @param label which account it is, as the app shows it */
export function newSecret(ports: CodePorts, holder: FactorHolder, label: string): NewSecret {
  const secret = randomBase32(ports, secretBytes);
  const uri = new TOTP({ issuer, label, secret, algorithm, digits, period: stepSeconds }).toString();
  return { secret, uri, sealedSecret: seal(ports.operation, boxOf(holder), secret) };
}

const isSame = (typed: string, code: string): boolean => timingSafeEqual(Buffer.from(hashSecret(typed)), Buffer.from(hashSecret(code)));

/** What a typed code is by this secret. All of the window is worked out, whatever was typed. */
export function judgeCode(ports: CodePorts, holder: FactorHolder, sealedSecret: string, typed: string): JudgedCode {
  const code = plainCode(typed);
  const base32 = unseal(ports.operation, boxOf(holder), sealedSecret);
  if (base32 === undefined) {
    ports.log('error', 'The secret of a second factor cannot be opened; was the signing key replaced?', { companyId: holder.companyId });
    return { step: null, recoveryHash: hashSecret(code) };
  }
  const secret = Secret.fromBase32(base32);
  let step: number | null = null;
  for (const counter of acceptedSteps(ports.clock.now())) {
    if (isSame(code, HOTP.generate({ secret, algorithm, digits, counter }))) step = counter;
  }
  return { step, recoveryHash: hashSecret(code) };
}

/** Shown once; only the hashes stay. */
export function newRecoveryCodes(ports: CodePorts): { readonly codes: readonly string[]; readonly hashes: readonly string[] } {
  const codes = Array.from({ length: recoveryCodeCount }, () => showRecoveryCode(randomBase32(ports, recoveryBytes)));
  return { codes, hashes: codes.map((code) => hashSecret(plainCode(code))) };
}
