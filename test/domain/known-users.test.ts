// What a full round compares with behaves as a map from id to user, through growth.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeIdSet, seenAlive, seenGone } from '../../shared/domain/id-set.ts';
import { type KnownUser, makeKnownUsers } from '../../shared/domain/known-users.ts';
import { presences } from '../../shared/domain/user.ts';

const id = fc.uuid();
const digest = fc.stringMatching(/^[0-9a-f]{16}$/);
const user = fc.record({
  digest,
  managerId: fc.option(id),
  presence: fc.constantFrom(...presences),
  shard: fc.nat({ max: 255 }),
  expected: fc.boolean(),
});

const plain = ({ digest: print, managerId, presence }: KnownUser): KnownUser => ({ digest: print, managerId, presence });

describe('what is known of users', () => {
  it('is what was put last, and nothing of anybody else', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(id, user), { maxLength: 200 }), fc.array(id), (puts, strangers) => {
        const known = makeKnownUsers();
        const model = new Map<string, KnownUser>();
        for (const [objectId, each] of puts) {
          known.put(objectId, each);
          model.set(objectId, plain(each));
        }
        expect(known.size()).toBe(model.size);
        for (const [objectId, each] of model) expect(known.find(objectId)).toEqual(each);
        for (const stranger of strangers) if (!model.has(stranger)) expect(known.find(stranger)).toBeUndefined();
      }),
    );
  });

  it('survives growing', () => {
    const known = makeKnownUsers();
    const of = (index: number) =>
      ({ digest: index.toString(16).padStart(16, '0'), managerId: `m${index % 7}`, presence: 'present', shard: index % 256 }) as const;
    for (let index = 0; index < 20_000; index += 1) known.put(`person-${index}`, { ...of(index), expected: true });
    expect(known.size()).toBe(20_000);
    for (let index = 0; index < 20_000; index += 1) expect(known.find(`person-${index}`)).toEqual(plain(of(index)));
  });
});

describe('shards with somebody unseen', () => {
  it('are those of the expected people that the round did not mention', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(id, user, fc.constantFrom(0, seenAlive, seenGone)), { selector: ([each]) => each }), (people) => {
        const known = makeKnownUsers();
        const seen = makeIdSet();
        for (const [objectId, each, flag] of people) {
          known.put(objectId, each);
          if (flag !== 0) seen.add(objectId, flag);
        }
        const wanted = people.filter(([, { expected }, flag]) => expected && flag === 0).map(([, { shard }]) => shard);
        expect(known.shardsWithUnseen(seen)).toEqual(new Set(wanted));
      }),
    );
  });
});
