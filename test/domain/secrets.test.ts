// Tokens of an id and a secret: what was joined comes apart again, and nothing else is taken for one.
import { expect, it } from 'vitest';
import { joinToken, splitToken } from '../../shared/domain/secrets.ts';

const id = 'abcdefghij0123456789';
const secret = 'AbC-_0123456789012345678901234567890123456z'.padEnd(43, 'z').slice(0, 43);

it('comes apart as it was joined', () => {
  expect(splitToken(joinToken(id, secret))).toEqual({ id, secret });
});

it.each([
  null,
  undefined,
  '',
  '.',
  id,
  `${id}.`,
  `.${secret}`,
  `${id}${secret}`,
  `${id}.${secret}x`,
  `${id}.${secret.slice(1)}`,
  `x${id}.${secret}`,
  `${id.toUpperCase()}.${secret}`,
  `${id}.${secret.slice(1)}/`,
  ` ${id}.${secret}`,
  `${id}.${secret}\n`,
  `${id}.${secret}.${secret}`,
])('is not taken from %j', (token) => {
  expect(splitToken(token)).toBeUndefined();
});
