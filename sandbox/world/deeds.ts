// What can happen in a directory: people are hired, leave, come back, marry, move to another manager. Each deed is one committed change.
import { licencesOf, memberFields, skus } from './accounts.ts';
import { changeKind, type Directory } from './directory.ts';
import type { Json, ManagerReference, Snapshot, Truth, UserFields } from './directory-object.ts';

/** A deed that cannot be done, in a sentence for people. */
export class DeedRefused extends Error {
  override readonly name = 'DeedRefused';
}

export interface Hire {
  readonly displayName: string;
  /** Local part of user principal name and mail. */
  readonly alias: string;
  /** Object id of the manager, or null. */
  readonly managerId?: string | null;
  /** Anything to set besides, by official property name. */
  readonly fields?: Readonly<Record<string, Json>>;
  readonly truth?: Truth;
}

/** New names; what is left out stays. */
export interface Rename {
  readonly displayName?: string;
  readonly userPrincipalName?: string;
  readonly mail?: string | null;
}

/** The deeds of one directory. Users are named by object id; all throw `DeedRefused`. */
export interface Deeds {
  /** Creates a user and returns the object id. */
  readonly hire: (hire: Hire) => string;
  /** Soft-deletes: Graph shows a tombstone with reason `changed`, and the user can be restored. */
  readonly leave: (id: string) => void;
  /** Deletes for good, whether soft-deleted before or not. */
  readonly purge: (id: string) => void;
  readonly restore: (id: string) => void;
  readonly rename: (id: string, names: Rename) => void;
  /** Sets properties; `null` clears one. */
  readonly change: (id: string, fields: Readonly<Record<string, Json>>) => void;
  /** `null` takes the manager away. The manager need not exist: the directory may point anywhere. */
  readonly changeManager: (id: string, manager: ManagerReference | string | null) => void;
  readonly enable: (id: string) => void;
  readonly disable: (id: string) => void;
  /** Creates a user with the names of a deleted one under a new object id, and returns that id. */
  readonly rehire: (id: string) => string;
}

/** Opens a directory for deeds that happen at `now()` (milliseconds). */
export function deedsOf(directory: Directory, now: () => number): Deeds {
  const find = (id: string): { readonly ordinal: number; readonly before: Snapshot } => {
    const ordinal = directory.ordinalOfId(id);
    const before = ordinal === undefined ? undefined : directory.snapshot(ordinal);
    if (ordinal === undefined || before === undefined) throw new DeedRefused(`There is no user ${id} in tenant ${directory.tenantId}.`);
    return { ordinal, before };
  };
  const commit = (ordinal: number, before: Snapshot | undefined, after: Snapshot): void => {
    const properties = differences(before, after);
    const kind = changeKind(before, after);
    if (kind === 'changed' && properties.length === 0) return;
    directory.commit({ ordinal, at: now(), kind, properties, snapshot: after });
  };
  const create = (after: Snapshot): string => {
    commit(directory.objectCount(), undefined, after);
    return after.fields.id;
  };
  const change = (id: string, fields: Readonly<Record<string, Json>>): void => {
    const { ordinal, before } = find(id);
    if (before.state !== 'live') throw new DeedRefused(`User ${id} is deleted; restore it first.`);
    commit(ordinal, before, { ...before, fields: { ...before.fields, ...fields, id } });
  };
  const move = (id: string, from: readonly Snapshot['state'][], state: Snapshot['state']): void => {
    const { ordinal, before } = find(id);
    if (!from.includes(before.state)) throw new DeedRefused(`User ${id} is ${before.state}; it would have to be ${from.join(' or ')}.`);
    commit(ordinal, before, { ...before, state });
  };

  return {
    hire: ({ displayName, alias, managerId, fields, truth }) => {
      const [givenName = displayName, ...rest] = displayName.split(' ');
      const base = { id: directory.nextId(), domain: directory.domain, alias, displayName, created: instant(now()) };
      const person: UserFields = {
        ...memberFields(base),
        assignedLicenses: licencesOf(skus.business),
        givenName,
        surname: rest.join(' ') || null,
      };
      return create({
        state: 'live',
        truth: truth ?? { kind: 'person', purpose: 'user' },
        manager: managerId === undefined || managerId === null ? null : { id: managerId, type: 'user' },
        fields: { ...person, ...fields, id: base.id },
      });
    },
    leave: (id) => move(id, ['live'], 'deleted'),
    purge: (id) => move(id, ['live', 'deleted'], 'purged'),
    restore: (id) => move(id, ['deleted'], 'live'),
    rename: (id, names) => change(id, { ...names }),
    change,
    changeManager: (id, manager) => {
      const { ordinal, before } = find(id);
      commit(ordinal, before, { ...before, manager: typeof manager === 'string' ? { id: manager, type: 'user' } : manager });
    },
    enable: (id) => change(id, { accountEnabled: true }),
    disable: (id) => change(id, { accountEnabled: false }),
    rehire: (id) => {
      const { before } = find(id);
      if (before.state === 'live') throw new DeedRefused(`User ${id} has not left.`);
      return create({ ...before, state: 'live', fields: { ...before.fields, id: directory.nextId(), createdDateTime: instant(now()) } });
    },
  };
}

/** Names of the properties in which two versions differ, `manager` among them; a new object differs in all it has. */
export function differences(before: Snapshot | undefined, after: Snapshot): readonly string[] {
  const names = new Set([...Object.keys(before?.fields ?? {}), ...Object.keys(after.fields)]);
  const changed = [...names].filter((name) => name !== 'id' && !same(before?.fields[name], after.fields[name]));
  return before?.manager?.id === after.manager?.id ? changed : [...changed, 'manager'];
}

function same(first: Json | undefined, second: Json | undefined): boolean {
  return first === second || JSON.stringify(first) === JSON.stringify(second);
}

function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
