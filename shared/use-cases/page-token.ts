// Page tokens are opaque: encrypted (a cursor may hold a name) and bound to the company, the query and a day.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { Refusal } from '../domain/errors.ts';
import type { Ports } from '../ports/ports.ts';

type TokenPorts = Pick<Ports, 'clock' | 'operation'>;

const lifeMs = 86_400_000;
const nonceBytes = 12;
const tagBytes = 16;

const keyOf = ({ operation }: TokenPorts) => Buffer.from(hkdfSync('sha256', operation.tokenSigningKey, 'muster', 'page-token', 32));
/** What a token is good for: the same list, of the same company, with the same filters. */
const bindingOf = (purpose: string, binding: Readonly<Record<string, unknown>>) =>
  createHash('sha256')
    .update(JSON.stringify([purpose, Object.entries(binding).toSorted(([left], [right]) => (left < right ? -1 : 1))]))
    .digest();

export interface PageBinding {
  readonly purpose: string;
  readonly binding: Readonly<Record<string, unknown>>;
}

/** Wraps a cursor; `null` stays `null`. */
export function sealPage(ports: TokenPorts, { purpose, binding }: PageBinding, cursor: string | null): string | null {
  if (cursor === null) return null;
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(ports), nonce).setAAD(bindingOf(purpose, binding));
  const content = JSON.stringify({ cursor, until: ports.clock.now().getTime() + lifeMs });
  const sealed = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/**
 * Unwraps a token.
 * @throws Refusal `invalid-page` for a token that is forged, expired, or was made for another list, company or filter.
 */
export function openPage(ports: TokenPorts, { purpose, binding }: PageBinding, token: string | undefined): string | null {
  if (token === undefined) return null;
  try {
    const bytes = Buffer.from(token, 'base64url');
    // Without a length, Node would take the four bytes of a token that was cut short for a whole tag.
    const form = { authTagLength: tagBytes };
    const decipher = createDecipheriv('aes-256-gcm', keyOf(ports), bytes.subarray(0, nonceBytes), form).setAAD(bindingOf(purpose, binding));
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const content = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8');
    const { cursor, until } = JSON.parse(content) as { cursor: string; until: number };
    if (until > ports.clock.now().getTime()) return cursor;
  } catch {
    // Every way of being wrong gets the same answer.
  }
  throw new Refusal('invalid-page');
}
