// The opaque tokens in Graph's links. All state is inside the token, sealed, so that links survive a restart of the sandbox.
import { createCipheriv, createDecipheriv, createHash, createSecretKey } from 'node:crypto';

/** Which entries a delta chain is about, and how far it has come. */
export interface Round {
  readonly tenantId: string;
  readonly appId: string;
  /** The directory's generation: a tenant whose directory was replaced does not know the token. */
  readonly generation: number;
  /** `null`: no `$select` was given; `['*']`: everything. */
  readonly select: readonly string[] | null;
  /** Object ids of `$filter=id eq …`, or null for everybody. */
  readonly ids: readonly string[] | null;
  /** Directory versions of this round and the rounds before it, newest first; a first round has one. */
  readonly versions: readonly number[];
  /** Differs between rounds; the order of the entries follows from it. */
  readonly nonce: number;
  readonly startedAt: number;
  readonly minimal: boolean;
  /** `$expand` was given (it matters to one switch only). */
  readonly expanded: boolean;
  readonly longName: boolean;
}

export interface DeltaToken {
  readonly kind: 'delta';
  readonly round: Round;
  readonly issuedAt: number;
}

export interface PageToken {
  readonly kind: 'page';
  readonly round: Round;
  readonly position: number;
  /** Empty pages sent at this position. */
  readonly blanks: number;
}

export interface ListToken {
  readonly kind: 'list';
  readonly tenantId: string;
  readonly appId: string;
  /** Ordinal at which the next page begins. */
  readonly position: number;
  /** Users on the pages before it. */
  readonly listed: number;
  readonly issuedAt: number;
  /** The page that gave this token had been read before. */
  readonly fromRetry: boolean;
}

export type Token = DeltaToken | PageToken | ListToken;

const key = createSecretKey(createHash('sha256').update('muster sandbox graph token').digest());
/** Bytes before base64; gives the ~2.5 KB of tokens seen in production (docs/graph.md §1.1.8) and ends in `==`. */
const deltaSize = 1_858;
const listSize = 148;

/** Seals a token as base64 text with `+`, `/` and `=`, which breaks clients that decode or rebuild links. */
export function sealToken(token: Token): string {
  const plain = Buffer.from(JSON.stringify(token));
  const target = (token.kind === 'list' ? listSize : deltaSize) - 28;
  const padded = Buffer.concat([
    plain,
    Buffer.alloc(plain.length <= target ? target - plain.length : (3 - ((plain.length - target) % 3)) % 3, ' '),
  ]);
  const nonce = createHash('sha256').update(padded).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([nonce, cipher.update(padded), cipher.final()]);
  return Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64');
}

/** Opens a token; undefined when a single character of it was changed on the way. */
export function openToken(text: string): Token | undefined {
  const sealed = Buffer.from(text, 'base64');
  if (sealed.length < 28 || sealed.toString('base64') !== text) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    return JSON.parse(plain.toString()) as Token;
  } catch {
    return undefined;
  }
}
