// An Entra whose every answer a test chooses: for ID tokens and faults that neither Entra nor the sandbox's stand-in would ever send.
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { makeAuthority } from '../../sandbox/ca.ts';

export interface ForgedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Forgery {
  /** `https://localhost:<port>`. */
  readonly authority: string;
  readonly publicJwk: JWK;
  /** Signs with the published key, unless another one is given. */
  readonly sign: (claims: JWTPayload, options?: { readonly key?: CryptoKey; readonly keyId?: string }) => Promise<string>;
  /** What the token endpoint and the key endpoint answer; `drop` cuts the connection. */
  tokenAnswer: ForgedAnswer | 'drop';
  keysAnswer: ForgedAnswer | 'drop';
  /** Requests so far, as `<method> <path> <body>`, oldest first. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

const keyId = 'the-published-key';

interface Identity {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

let identity: Promise<Identity> | undefined;

/** Once per process: a second certificate authority of the same name would not be told from the first. */
async function makeIdentity(): Promise<Identity> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-forgery-'));
  const { ca, key, cert } = await makeAuthority(folder);
  await rm(folder, { recursive: true });
  setDefaultCACertificates([...getCACertificates('default'), ca]);
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  return { tls: { key, cert }, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid: keyId, use: 'sig' } };
}

/** Listens on a free port, and makes this process trust its certificate. */
export async function openForgery(): Promise<Forgery> {
  identity ??= makeIdentity();
  const { tls, privateKey, publicJwk } = await identity;
  const requests: string[] = [];
  const server = createServer(tls, (request, response) => {
    void readBody(request).then((body) => {
      requests.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`);
      const answer = request.url?.endsWith('/keys') ? forgery.keysAnswer : forgery.tokenAnswer;
      if (answer === 'drop') return request.socket.destroy();
      return response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const forgery: Forgery = {
    authority: `https://localhost:${(server.address() as AddressInfo).port}`,
    publicJwk,
    sign: (claims, options = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: options.keyId ?? keyId }).sign(options.key ?? privateKey),
    tokenAnswer: { status: 500, body: '' },
    keysAnswer: { body: JSON.stringify({ keys: [publicJwk] }) },
    requests,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return forgery;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token with any header and any signature. */
export function rawToken(header: object, claims: object, signature: (signed: string) => string = () => ''): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${signature(signed)}`;
}

/** The same token with other claims and its old signature. */
export function tamper(token: string, changes: object): string {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const old = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as object;
  return `${header}.${encode({ ...old, ...changes })}.${signature}`;
}
