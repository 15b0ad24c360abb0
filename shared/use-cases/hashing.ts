// Secrets are stored and compared only as hashes.
import { createHash, timingSafeEqual } from 'node:crypto';

export const hashSecret = (secret: string) => createHash('sha256').update(secret).digest('base64url');

/** Compares a shown secret with a stored hash in constant time. */
export function matchesHash(secret: string, hash: string): boolean {
  const [shown, stored] = [Buffer.from(hashSecret(secret)), Buffer.from(hash)];
  return shown.length === stored.length && timingSafeEqual(shown, stored);
}
