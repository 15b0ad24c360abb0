// Secrets of links in mails. They are worked out again when a mail is sent, so that no table, no queue and no log ever holds one: only
// its hash is stored, with the token it opens.
import { createHmac, hkdfSync } from 'node:crypto';
import type { Operation } from '../ports/ports.ts';

const purpose = 'muster: links in mails';

/** The secret of a token, 256 bits as base64url. Whoever changes the signing key ends all open links. */
export function linkSecret({ tokenSigningKey }: Pick<Operation, 'tokenSigningKey'>, tokenId: string): string {
  const key = hkdfSync('sha256', tokenSigningKey, '', purpose, 32);
  return createHmac('sha256', Buffer.from(key)).update(tokenId).digest('base64url');
}
