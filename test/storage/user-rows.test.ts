// A user survives being stored, and being stored over somebody's former self, whatever was there before.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUser, encodeDifference, encodeUser, type StoredUser } from '../../shared/storage/user-rows.ts';
import { buildUser, tenantId } from '../builders.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const optional = fc.option(text);
const long = fc.integer({ min: 1, max: 90_000 }).map((length) => 'ab'.repeat(length));
const line = fc.record({ at: text, what: text, by: text, why: optional });

const stored: fc.Arbitrary<Omit<StoredUser, 'etag'>> = fc
  .record({
    displayName: fc.oneof({ weight: 4, arbitrary: fc.option(text) }, { weight: 1, arbitrary: long }),
    managerId: optional,
    decision: fc.constantFrom('pending', 'approved', 'denied'),
    decidedAt: optional,
    decidedBy: optional,
    decisionReason: optional,
    recreatedFrom: optional,
    removedAt: optional,
    kindReasons: fc.array(text, { maxLength: 3 }),
    history: fc.array(line, { maxLength: 3 }),
    digest: fc.stringMatching(/^[0-9a-f]{16}$/),
  })
  .map(({ displayName, history, digest, ...user }) => ({
    user: buildUser({ objectId: 'ada', ...user, fields: { displayName: displayName as string | null, mail: 'ada@contoso.example' } }),
    history,
    digest,
  }));

const etag = 'W/"1"';
const read = (properties: Parameters<typeof decodeUser>[2]) => decodeUser(tenantId, 'ada', properties, etag);

describe('a stored user', () => {
  it('reads as it was written', () => {
    fc.assert(
      fc.property(stored, (user) => {
        expect(read(encodeUser(user))).toEqual({ ...user, etag });
      }),
    );
  });

  it('reads as what was merged over it last, however many times', () => {
    fc.assert(
      fc.property(fc.array(stored, { minLength: 2, maxLength: 5 }), ([first, ...later]) => {
        if (!first) throw new Error('There is at least one.');
        let row = encodeUser(first);
        for (const next of later) {
          row = { ...row, ...encodeDifference(read(row), next) };
          expect(read(row)).toEqual({ ...next, etag });
        }
      }),
    );
  });

  it('is decided without its fields being written again', () => {
    const before = { user: buildUser({ objectId: 'ada' }), history: [], digest: '0123456789abcdef' };
    const after = { ...before, user: { ...before.user, decision: 'approved', decidedBy: 'Avery' } } as const;
    expect(encodeDifference(before, after)).toEqual({ decision: 'approved', decidedBy: 'Avery' });
  });
});
