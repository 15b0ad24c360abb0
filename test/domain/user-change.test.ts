// What entries of the directory make of a user: fields and manager follow, the decision stays, and nothing is written for nothing.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsDigest } from '../../shared/domain/directory-fields.ts';
import { arrive, describeChange, joinSightings, seeAgain, type SeenUser, type Sighting } from '../../shared/domain/user-change.ts';
import { decisions, presences, type User } from '../../shared/domain/user.ts';
import type { ManagerStatement } from '../../shared/ports/directory.ts';
import { buildUser, personFields, tenantId } from '../builders.ts';

const at = '2026-03-05T10:00:00.000Z';
const sighting = (seen: Partial<Sighting> = {}): Sighting => ({ fields: {}, managers: [], ...seen });
const seen = (user: Partial<User> = {}): SeenUser => {
  const built = buildUser(user);
  return { user: built, digest: fieldsDigest(built.fields, built.managerId) };
};
const set = (managerId: string): ManagerStatement => ({ kind: 'set', managerId });
const removed = (...managerIds: readonly string[]): ManagerStatement => ({ kind: 'removed', managerIds });

describe('several entries of one round', () => {
  it('are joined in the order they arrived: later statements win, absent ones do not count', () => {
    const first = sighting({ fields: { displayName: 'Ada', mail: 'ada@x.example', city: 'London' }, managers: [set('m1')] });
    const joined = joinSightings(first, sighting({ fields: { displayName: 'Ada King', city: null }, managers: [removed('m1')] }));
    expect(joined).toEqual({
      fields: { displayName: 'Ada King', mail: 'ada@x.example', city: null },
      managers: [set('m1'), removed('m1')],
    });
    expect(joinSightings(undefined, first)).toBe(first);
  });

  it('lead to the same user as if each had been a round of its own', () => {
    const entry = fc.record(
      { displayName: fc.option(fc.constantFrom('Ada', 'Ada King')), jobTitle: fc.option(fc.constantFrom('Analyst', 'Countess')) },
      { requiredKeys: [] },
    );
    const statement = fc.constantFrom(set('m1'), set('m2'), removed('m1'), removed('m1', 'm2'), undefined);
    const heard = fc.array(fc.tuple(entry, statement), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(heard, (entries) => {
        const sightings = entries.map(([fields, manager]) => sighting({ fields, managers: manager ? [manager] : [] }));
        const oneByOne = sightings.reduce<SeenUser>((known, each) => seeAgain(known, each, at), seen());
        const joined = sightings.reduce<Sighting | undefined>(joinSightings, undefined) ?? sighting();
        const atOnce = seeAgain(seen(), joined, at);
        expect(atOnce.digest).toBe(oneByOne.digest);
        expect(atOnce.user).toEqual(oneByOne.user);
      }),
    );
  });
});

describe('somebody new', () => {
  const arrival = { tenantId, objectId: 'ada', at, recreatedFrom: null };
  it('is pending and present, with a suggestion and its reasons', () => {
    const { user, digest } = arrive(sighting({ fields: personFields('Ada Lovelace'), managers: [set('m1'), set('m2')] }), arrival);
    expect(user).toMatchObject({
      objectId: 'ada',
      decision: 'pending',
      decisionRevision: 0,
      presence: 'present',
      kind: 'person',
      managerId: 'm2',
      arrivedAt: at,
    });
    expect(user.kindReasons.length).toBeGreaterThan(0);
    expect(digest).toBe(fieldsDigest(user.fields, 'm2'));
  });

  it('is pending whatever the suggestion, and remembers who had the mail before', () => {
    const { user } = arrive(sighting({ fields: { userType: 'Guest' } }), { ...arrival, recreatedFrom: 'old' });
    expect(user).toMatchObject({ kind: 'guest', decision: 'pending', recreatedFrom: 'old' });
  });
});

describe('somebody known', () => {
  it('is the same object when nothing changed', () => {
    const known = seen({ managerId: 'm1' });
    expect(seeAgain(known, sighting(), at)).toBe(known);
    expect(seeAgain(known, sighting({ fields: { displayName: 'Ada Lovelace' }, managers: [set('m1'), removed('m9')] }), at)).toBe(known);
  });

  it('comes back present, with nothing else changed', () => {
    for (const presence of ['missing', 'held', 'removed'] as const) {
      const known = seen({ presence, decision: 'approved', removedAt: presence === 'removed' ? '2026-03-01T00:00:00.000Z' : null });
      const { user, digest } = seeAgain(known, sighting(), at);
      expect(user).toEqual({ ...known.user, presence: 'present', removedAt: null });
      expect(digest).toBe(known.digest);
    }
  });

  it('follows fields, manager and suggestion', () => {
    const { user } = seeAgain(seen(), sighting({ fields: { userType: 'Guest', jobTitle: 'Visitor' }, managers: [set('m1')] }), at);
    expect(user).toMatchObject({
      kind: 'guest',
      managerId: 'm1',
      fields: { ...personFields('Ada Lovelace'), userType: 'Guest', jobTitle: 'Visitor' },
    });
  });

  it('keeps decision, arrival and identity through anything', () => {
    const entry = fc.record(
      { displayName: fc.string(), mail: fc.option(fc.string()), userType: fc.constantFrom('Guest', 'Member') },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(entry, fc.constantFrom(...decisions), fc.constantFrom(...presences), (fields, decision, presence) => {
        const known = seen({
          decision,
          presence,
          decisionRevision: 3,
          decidedBy: 'Avery',
          decidedAt: at,
          decisionReason: 'why',
          recreatedFrom: 'old',
        });
        const { user } = seeAgain(known, sighting({ fields, managers: [set('m1')] }), at);
        const kept = [
          'tenantId',
          'objectId',
          'decision',
          'decisionRevision',
          'decidedAt',
          'decidedBy',
          'decisionReason',
          'arrivedAt',
          'recreatedFrom',
        ] as const;
        for (const name of kept) expect(user[name]).toBe(known.user[name]);
        expect(user.presence).toBe('present');
      }),
    );
  });
});

describe('the line in a history', () => {
  const ada = buildUser();
  it.each<[Partial<User>, string | null]>([
    [{}, null],
    [{ fields: { ...ada.fields, jobTitle: 'Analyst' } }, null],
    [{ fields: { ...ada.fields, displayName: 'Ada King' } }, 'displayName "Ada Lovelace" → "Ada King"'],
    [{ fields: { ...ada.fields, mail: null } }, 'mail "ada.lovelace@contoso.example" → nothing'],
    [{ fields: { ...ada.fields, accountEnabled: false } }, 'accountEnabled true → false'],
    [{ managerId: 'm1', presence: 'removed' }, 'manager changed; removed'],
    [{ fields: { ...ada.fields, displayName: 'x'.repeat(300) } }, `displayName "Ada Lovelace" → "${'x'.repeat(100)}"`],
  ])('tells of what people ask about (%#)', (change, line) => {
    expect(describeChange(ada, buildUser(change))).toBe(line);
  });

  it('says that somebody came back, and takes absent and empty for the same', () => {
    expect(describeChange(buildUser({ presence: 'removed' }), ada)).toBe('came back');
    const { mail: _mail, ...without } = ada.fields;
    expect(describeChange(buildUser({ fields: { ...without, mail: null } }), buildUser({ fields: without }))).toBeNull();
  });
});
