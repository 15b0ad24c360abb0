// The rules of keeping directory fields, checked on generated users: what merging keeps, and what counts as a change.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalForm, fieldShapes, fieldsDigest, mergeFields, selectedFields } from '../../shared/domain/directory-fields.ts';
import type { DirectoryField, DirectoryFields } from '../../shared/domain/user.ts';

const valueOf = {
  text: fc.option(fc.string({ unit: 'binary' }), { nil: null }),
  flag: fc.option(fc.boolean(), { nil: null }),
  texts: fc.option(fc.array(fc.string()), { nil: null }),
  licences: fc.option(fc.array(fc.uuid()), { nil: null }),
};
const anyFields = fc.record(Object.fromEntries(selectedFields.map((name) => [name, valueOf[fieldShapes[name]]])), {
  requiredKeys: [],
}) as fc.Arbitrary<DirectoryFields>;
const anyManager = fc.option(fc.uuid(), { nil: null });
const anyField = fc.constantFrom(...selectedFields);

describe('merging an entry into what is stored', () => {
  it('keeps what is absent, clears what is null and sets what has a value', () => {
    const stored: DirectoryFields = { displayName: 'Ada', mail: 'ada@contoso.example', city: 'Bern', accountEnabled: true };
    expect(mergeFields(stored, { mail: null, city: 'Biel', accountEnabled: false })).toEqual({
      displayName: 'Ada',
      mail: null,
      city: 'Biel',
      accountEnabled: false,
    });
  });

  it('treats an undefined property like an absent one', () => {
    const entry = { displayName: undefined } as unknown as DirectoryFields;
    expect(mergeFields({ displayName: 'Ada' }, entry)).toEqual({ displayName: 'Ada' });
  });

  it('changes nothing when the same entry arrives again', () => {
    fc.assert(
      fc.property(anyFields, anyFields, (stored, entry) => {
        const once = mergeFields(stored, entry);
        expect(mergeFields(once, entry)).toEqual(once);
      }),
    );
  });

  it('holds every statement of the entry and nothing that nobody stated', () => {
    fc.assert(
      fc.property(anyFields, anyFields, (stored, entry) => {
        const merged = mergeFields(stored, entry);
        for (const name of selectedFields) expect(merged[name]).toEqual(entry[name] === undefined ? stored[name] : entry[name]);
      }),
    );
  });
});

describe('the digest of a user', () => {
  it('is 16 hex digits and does not depend on the order of properties', () => {
    fc.assert(
      fc.property(anyFields, anyManager, (fields, managerId) => {
        const turned = Object.fromEntries(Object.entries(fields).toReversed()) as DirectoryFields;
        expect(fieldsDigest(fields, managerId)).toMatch(/^[0-9a-f]{16}$/);
        expect(fieldsDigest(turned, managerId)).toBe(fieldsDigest(fields, managerId));
      }),
    );
  });

  it('differs when any one field differs, also between absent and null', () => {
    fc.assert(
      fc.property(anyFields, anyField, anyFields, anyManager, (fields, name, other, managerId) => {
        const changed = withField(fields, name, other[name]);
        fc.pre(canonicalForm(fields, null) !== canonicalForm(changed, null));
        expect(fieldsDigest(changed, managerId)).not.toBe(fieldsDigest(fields, managerId));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(selectedFields)('notices a change of %s', (name) => {
    const values = { text: ['a', 'b'], flag: [true, false], texts: [['a'], ['b']], licences: [['a'], ['b']] }[fieldShapes[name]];
    const digests = [undefined, null, ...values].map((value) => fieldsDigest(withField({}, name, value as never), null));
    expect(new Set(digests).size).toBe(4);
  });

  it('differs when the manager differs', () => {
    const fields = { displayName: 'Ada' };
    expect(new Set([null, 'm1', 'm2'].map((managerId) => fieldsDigest(fields, managerId))).size).toBe(3);
  });

  it('does not mistake a value for its neighbour', () => {
    expect(fieldsDigest({ givenName: 'Ada' }, null)).not.toBe(fieldsDigest({ surname: 'Ada' }, null));
    expect(fieldsDigest({ proxyAddresses: ['a', 'b'] }, null)).not.toBe(fieldsDigest({ proxyAddresses: ['a,b'] }, null));
  });

  it('takes a reordered list for the same list', () => {
    expect(fieldsDigest({ proxyAddresses: ['smtp:b@x.example', 'SMTP:a@x.example'] }, null)).toBe(
      fieldsDigest({ proxyAddresses: ['SMTP:a@x.example', 'smtp:b@x.example'] }, null),
    );
  });

  it('tells 100,000 similar users apart', () => {
    const digests = new Set(Array.from({ length: 100_000 }, (_, index) => fieldsDigest({ displayName: `User ${index}` }, null)));
    expect(digests.size).toBe(100_000);
  });
});

function withField(fields: DirectoryFields, name: DirectoryField, value: DirectoryFields[DirectoryField]): DirectoryFields {
  const { [name]: _, ...rest } = fields;
  return value === undefined ? rest : { ...rest, [name]: value };
}
