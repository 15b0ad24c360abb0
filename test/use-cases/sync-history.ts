// What can happen to a tenant and to a sync in random histories, and the tenant as it truly is beside the fake that answers for it.
import * as fc from 'fast-check';
import type { DirectoryFields } from '../../shared/domain/user.ts';
import type { DeltaEntry, Directory, DirectoryFailure } from '../../shared/ports/directory.ts';
import { personFields } from '../builders.ts';
import type { SyncWorld } from './sync-world.ts';

export type Deed =
  | { readonly kind: 'hire'; readonly sameMailAs: number | null }
  | { readonly kind: 'leave' | 'purge' | 'restore' | 'rename' | 'hideManager'; readonly who: number }
  | { readonly kind: 'manager'; readonly who: number; readonly manager: number | null };

/** Something that happens at the n-th call of a round to storage, lists or queue. */
type Incident =
  | { readonly at: number; readonly kind: 'crash' }
  | { readonly at: number; readonly kind: 'deed'; readonly deed: Deed }
  | { readonly at: number; readonly kind: 'decide'; readonly command: 'approve' | 'deny' | 'reopen'; readonly who: number };

export interface Round {
  readonly deeds: readonly Deed[];
  readonly full: boolean;
  readonly faults: readonly (DirectoryFailure['kind'] | null)[];
  readonly incidents: readonly Incident[];
  readonly shuffle: number;
  /** The feed leaves some out, as a lagging replica does. */
  readonly lagging: boolean;
  readonly unreadable: boolean;
}

const who = fc.nat(11);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('hire' as const), sameMailAs: fc.option(who) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('leave', 'purge', 'restore', 'rename', 'hideManager' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('manager' as const), who, manager: fc.option(who) }) },
);
const at = fc.integer({ min: 1, max: 120 });
const incident: fc.Arbitrary<Incident> = fc.oneof(
  fc.record({ at, kind: fc.constant('crash' as const) }),
  fc.record({ at, kind: fc.constant('deed' as const), deed }),
  fc.record({ at, kind: fc.constant('decide' as const), command: fc.constantFrom('approve', 'deny', 'reopen' as const), who }),
);
const faultKinds = ['throttled', 'transient', 'broken', 'tokenRefused', 'pageTokenExpired', 'accessLost'] as const;
export const round: fc.Arbitrary<Round> = fc.record({
  deeds: fc.array(deed, { maxLength: 6 }),
  full: fc.boolean(),
  faults: fc.array(fc.option(fc.constantFrom(...faultKinds), { freq: 3 }), { maxLength: 8 }),
  incidents: fc.array(incident, { maxLength: 5 }),
  shuffle: fc.nat(1000),
  lagging: fc.boolean(),
  unreadable: fc.boolean(),
});

export interface Person {
  readonly fields: DirectoryFields;
  readonly managerId: string | null;
  readonly state: 'live' | 'softDeleted' | 'purged';
}

/** The tenant as it truly is, beside the fake that answers for it. */
export function makeTruth({ tenant }: SyncWorld) {
  const people = new Map<string, Person>();
  const idAt = (index: number) => [...people.keys()][index % Math.max(1, people.size)];
  const change = (index: number, states: readonly Person['state'][], act: (objectId: string, person: Person) => Person): void => {
    const objectId = idAt(index);
    const person = objectId === undefined ? undefined : people.get(objectId);
    if (objectId !== undefined && person && states.includes(person.state)) people.set(objectId, act(objectId, person));
  };
  const enter = (one: Deed): void => {
    switch (one.kind) {
      case 'hire': {
        const objectId = `person-${people.size}`;
        const mail = one.sameMailAs === null ? undefined : people.get(idAt(one.sameMailAs) ?? '')?.fields.mail;
        const fields = personFields(
          `Ada Person ${'abcdefghijklmnopqrstuvwxyz'.charAt(people.size % 26)}`,
          mail === undefined ? {} : { mail },
        );
        people.set(objectId, { fields, managerId: null, state: 'live' });
        tenant.put(objectId, fields);
        return;
      }
      case 'leave':
        return change(one.who, ['live'], (objectId, person) => (tenant.softDelete(objectId), { ...person, state: 'softDeleted' }));
      case 'purge':
        return change(one.who, ['live', 'softDeleted'], (objectId, person) => (tenant.purge(objectId), { ...person, state: 'purged' }));
      case 'restore':
        return change(one.who, ['softDeleted'], (objectId, person) => (tenant.restore(objectId), { ...person, state: 'live' }));
      case 'rename':
        return change(one.who, ['live'], (objectId, person) => {
          const displayName = `${person.fields.displayName ?? ''}x`;
          tenant.put(objectId, { displayName, mail: null });
          return { ...person, fields: { ...person.fields, displayName, mail: null } };
        });
      case 'hideManager':
        return change(one.who, ['live'], (objectId, person) => (tenant.hideManagerFromDelta(objectId), person));
      case 'manager':
        return change(one.who, ['live'], (objectId, person) => {
          const managerId = one.manager === null ? null : (idAt(one.manager) ?? null);
          tenant.setManager(objectId, managerId);
          return { ...person, managerId };
        });
    }
  };
  return { people, idAt, enter };
}

/** Pages come in another order and with repetitions; a lagging feed leaves every fifth person out. */
export function unruly(directory: Directory, { shuffle, lagging }: Round): Directory {
  const isLeftOut = (entry: DeltaEntry) =>
    lagging && entry.kind !== 'unreadable' && (Number(entry.objectId.slice('person-'.length)) + shuffle) % 5 === 0;
  const deltaPage: Directory['deltaPage'] = async (link) => {
    const answer = await directory.deltaPage(link);
    if (!answer.ok) return answer;
    const told = answer.value.entries.filter((entry) => !isLeftOut(entry));
    const turned = [...told.slice(shuffle % (told.length + 1)), ...told.slice(0, shuffle % (told.length + 1)).toReversed()];
    const repeated = turned.filter((_entry, index) => (index + shuffle) % 3 === 0);
    return { ok: true, value: { ...answer.value, entries: [...turned, ...repeated] } };
  };
  return { ...directory, deltaPage };
}
