import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkToken, covers } from './claims.ts';

const key = { name: 'sandbox', value: 'c2VjcmV0' };
const now = 1_700_000_000;
const audience = 'sb://127.0.0.1:5672/Mail';

/** A token as the SDK writes it, with what the test wants different. */
function makeToken(
  change: { readonly resource?: string; readonly expiry?: number; readonly value?: string; readonly name?: string } = {},
): string {
  const resource = encodeURIComponent(change.resource ?? audience);
  const expiry = change.expiry ?? now + 3600;
  const signature = createHmac('sha256', change.value ?? key.value)
    .update(`${resource}\n${expiry}`)
    .digest('base64');
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${change.name ?? key.name}`;
}

const check = (token: string, type = 'servicebus.windows.net:sastoken') => checkToken(key, { audience, type, token }, now);

it('grants what a well-signed token is for, and all of the namespace for a token of the namespace', () => {
  expect(check(makeToken())).toEqual({ granted: true, path: 'mail' });
  expect(check(makeToken({ resource: 'sb://127.0.0.1:5672/' }))).toEqual({ granted: true, path: 'mail' });
});

it.each([
  ['another key', makeToken({ value: 'b3RoZXI=' }), 'Invalid signature.'],
  ['another key name', makeToken({ name: 'root' }), 'Unknown SharedAccessKeyName.'],
  ['an end in the past', makeToken({ expiry: now }), 'The token has expired.'],
  ['another queue', makeToken({ resource: 'sb://127.0.0.1:5672/mailing' }), 'The token is for another resource.'],
  ['nothing in it', 'SharedAccessSignature', 'The shared access signature lacks sr, sig or se.'],
])('refuses a token with %s', (_, token, reason) => {
  expect(check(token)).toEqual({ granted: false, reason });
});

it('refuses other kinds of tokens', () => {
  expect(check(makeToken(), 'jwt')).toMatchObject({ granted: false });
});

it('covers an entity and what is below it only', () => {
  expect(['mail', 'mail/$deadletterqueue', 'mailing'].map((address) => covers('mail', address))).toEqual([true, true, false]);
});
