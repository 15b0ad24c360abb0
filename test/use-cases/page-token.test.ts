// Page tokens tell nothing, cannot be made or changed by others, and open only the list they were made for.
import { expect, it } from 'vitest';
import { openPage, sealPage } from '../../shared/use-cases/page-token.ts';
import { makeFakePorts } from '../fakes/ports.ts';

const dayMs = 86_400_000;
const list = { purpose: 'users', binding: { companyId: 'company1', status: 'pending', search: null } };
const cursor = 'lovelace ada\u0000user-1';
const refused = expect.objectContaining({ code: 'invalid-page' });

function setUp() {
  const ports = makeFakePorts();
  const token = sealPage(ports, list, cursor) ?? '';
  return { ports, token, open: (shown: string | undefined, where = list) => openPage(ports, where, shown) };
}

it('gives the cursor back, and nothing for the first page', () => {
  const { ports, token, open } = setUp();
  expect(open(token)).toBe(cursor);
  expect(open(undefined)).toBeNull();
  expect(sealPage(ports, list, null)).toBeNull();
});

it('is fit for an address and shows neither the cursor nor that two are the same', () => {
  const { ports, token } = setUp();
  expect(token).toMatch(/^[\w-]+$/);
  expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('ada');
  expect(sealPage(ports, list, cursor)).not.toBe(token);
});

it('does not care about the order in which filters are named', () => {
  const { token, open } = setUp();
  expect(open(token, { ...list, binding: { search: null, status: 'pending', companyId: 'company1' } })).toBe(cursor);
});

it.each<[string, Partial<typeof list>]>([
  ['another list', { purpose: 'runs' }],
  ['another company', { binding: { ...list.binding, companyId: 'company2' } }],
  ['another filter', { binding: { ...list.binding, status: 'denied' } }],
])('is refused for %s', (_what, other) => {
  const { token, open } = setUp();
  expect(() => open(token, { ...list, ...other })).toThrow(refused);
});

it('is refused after a day', () => {
  const { ports, token, open } = setUp();
  ports.clock.advance(dayMs - 1);
  expect(open(token)).toBe(cursor);
  ports.clock.advance(1);
  expect(() => open(token)).toThrow(refused);
});

it('is refused when it was made with another key', () => {
  const { token } = setUp();
  const others = makeFakePorts({ operation: { tokenSigningKey: 'a-different-key-for-tests-of-32-chars' } });
  expect(() => openPage(others, list, token)).toThrow(refused);
});

it('is refused when any byte was changed or cut off, and so is nonsense', () => {
  const { token, open } = setUp();
  const bytes = Buffer.from(token, 'base64url');
  for (const [index, byte] of bytes.entries()) {
    const changed = Buffer.from(bytes);
    changed[index] = byte ^ 1;
    expect(() => open(changed.toString('base64url'))).toThrow(refused);
    expect(() => open(bytes.subarray(0, index).toString('base64url'))).toThrow(refused);
  }
  for (const nonsense of ['', 'x', '%%%', cursor, `${token}AAAA`]) expect(() => open(nonsense)).toThrow(refused);
});
