// Encrypts what must be read again but not by whoever gets at storage or at an address: AES-256-GCM under a key of its own for each purpose,
// bound to the place it belongs to.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Operation } from '../ports/ports.ts';

type Key = Pick<Operation, 'tokenSigningKey'>;

const nonceBytes = 12;
const tagBytes = 16;
const form = { authTagLength: tagBytes };

const keyOf = ({ tokenSigningKey }: Key, purpose: string) => Buffer.from(hkdfSync('sha256', tokenSigningKey, 'muster', purpose, 32));

export interface Box {
  /** Keys of different purposes have nothing in common. */
  readonly purpose: string;
  /** Where the box belongs; it opens nowhere else. */
  readonly binding: Buffer;
}

export function seal(key: Key, { purpose, binding }: Box, content: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(key, purpose), nonce, form).setAAD(binding);
  const sealed = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @returns `undefined` for what was forged, cut short, sealed for another place or purpose, or under another key */
export function unseal(key: Key, { purpose, binding }: Box, text: string): string | undefined {
  try {
    const bytes = Buffer.from(text, 'base64url');
    // Without a length, Node would take the four bytes of a text that was cut short for a whole tag.
    const decipher = createDecipheriv('aes-256-gcm', keyOf(key, purpose), bytes.subarray(0, nonceBytes), form).setAAD(binding);
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
