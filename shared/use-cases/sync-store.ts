// Stores one batch of a round's entries: lists first, then users and counts, then the round's own memory.
import pLimit from 'p-limit';
import { heaviestUser, weightOf } from '../domain/directory-fields.ts';
import { managerStated, seenAlive, seenGone } from '../domain/id-set.ts';
import type { RoundCounts } from '../domain/sync-round.ts';
import { arrive, describeChange, joinSightings, seeAgain, type Sighting } from '../domain/user-change.ts';
import { mailKey, newListEntries } from '../domain/user-lists.ts';
import type { DeltaEntry } from '../ports/directory.ts';
import type { Ports } from '../ports/ports.ts';
import { type Ledger, recordGone } from '../storage/ledger.ts';
import { addListEntries } from '../storage/list-entries.ts';
import { type KnownCounts, readUsers, writeUsers } from '../storage/shard-writer.ts';
import type { Effect } from '../storage/outbox.ts';
import { type StoredUser, withHistory } from '../storage/user-rows.ts';
import { partitionOf, type UserChange, type Users, type UserScope } from '../storage/users.ts';
import { type EffectPorts, withEffects } from './effects.ts';

export interface BatchContext {
  readonly ports: Pick<Ports, 'index'> & EffectPorts;
  readonly users: Users;
  readonly scope: UserScope;
  readonly fence: number;
  /** Nobody was stored before this round. */
  readonly first: boolean;
  readonly ledger: Ledger;
  readonly knownCounts: KnownCounts;
}

interface Gathered {
  readonly sightings: ReadonlyMap<string, Sighting>;
  /** Ids whose last entry in this batch is a tombstone. */
  readonly gone: ReadonlySet<string>;
  readonly unreadable: number;
}

/** Joins the entries of each user; a tombstone followed by a live entry is alive, a live entry followed by a tombstone is gone. */
function gatherEntries(entries: readonly DeltaEntry[]): Gathered {
  const sightings = new Map<string, Sighting>();
  const gone = new Set<string>();
  let unreadable = 0;
  for (const entry of entries) {
    switch (entry.kind) {
      case 'unreadable':
        unreadable += 1;
        break;
      case 'tombstone':
        gone.add(entry.objectId);
        break;
      case 'live':
        if (weightOf(entry.fields) > heaviestUser) {
          unreadable += 1;
          break;
        }
        gone.delete(entry.objectId);
        sightings.set(
          entry.objectId,
          joinSightings(sightings.get(entry.objectId), { fields: entry.fields, managers: entry.manager ? [entry.manager] : [] }),
        );
        break;
    }
  }
  return { sightings, gone, unreadable };
}

const parallelLookUps = 8;
const sameMailLimit = 10;

/** New objects whose mail an earlier user had who left or whose removal waits: re-created, not returned (product rule 2). */
async function findRecreated(
  context: BatchContext,
  newcomers: readonly string[],
  sightings: ReadonlyMap<string, Sighting>,
): Promise<ReadonlyMap<string, string>> {
  const { ports, scope, users, ledger } = context;
  const limit = pLimit(parallelLookUps);
  const found = new Map<string, string>();
  const lookUp = async (objectId: string) => {
    const key = mailKey(sightings.get(objectId)?.fields.mail);
    if (key === '') return;
    const { entries } = await ports.index(scope, 'mail').read({ key, limit: sameMailLimit });
    const others = await users.readMany(entries.map((entry) => entry.id).filter((id) => id !== objectId));
    for (const { user } of others.values()) {
      const departed = user.presence === 'removed' || user.presence === 'held' || (ledger.ids.flags(user.objectId) & seenGone) !== 0;
      if (departed && mailKey(user.fields.mail) === key) found.set(objectId, user.objectId);
    }
  };
  await Promise.all(newcomers.map((objectId) => limit(async () => await lookUp(objectId))));
  return found;
}

function afterOf(
  context: BatchContext,
  sighting: Sighting,
  objectId: string,
  present: StoredUser | undefined,
  recreatedFrom: string | null,
) {
  const at = context.ports.clock.now().toISOString();
  if (!present) return { ...arrive(sighting, { tenantId: context.scope.tenantId, objectId, at, recreatedFrom }), history: [] };
  const seen = seeAgain(present, sighting, at);
  if (seen === present) return undefined;
  const what = describeChange(present.user, seen.user);
  const history = what === null ? present.history : withHistory(present.history, { at, what, by: 'Sync', why: null });
  return { ...seen, history };
}

const isReturn = ({ before, after }: UserChange) => before?.user.presence === 'removed' && after.user.presence === 'present';

/** Whoever comes back does so with the former decision and may be active at once, so the audit log names them. */
function auditReturns({ ports, scope }: BatchContext, changes: readonly UserChange[]): readonly Effect[] {
  const objectIds = changes.filter(isReturn).map(({ after }) => after.user.objectId);
  if (objectIds.length === 0) return [];
  const summary = `${objectIds.length === 1 ? '1 user' : `${objectIds.length} users`} came back to the tenant, with the decisions made before.`;
  const at = ports.clock.now().toISOString();
  const entry = {
    auditId: ports.ids.newId(),
    companyId: scope.companyId,
    at,
    by: 'Muster',
    action: 'usersReturned',
    summary,
    reason: null,
    objectIds,
  } as const;
  return [{ kind: 'audit', entry }];
}

const countChanges = (changes: readonly UserChange[]): Partial<RoundCounts> => ({
  added: changes.filter((change) => !change.before).length,
  updated: changes.filter((change) => change.before).length,
  returned: changes.filter(isReturn).length,
  managersChanged: changes.filter((change) => (change.before?.user.managerId ?? null) !== change.after.user.managerId).length,
  rowsWritten: changes.length,
});

/**
 * Stores a batch. Repeating it (after a crash) changes nothing more.
 * @returns what it did and the ids to remember as gone, or `stale` when a newer round has taken over.
 */
export async function storeBatch(
  context: BatchContext,
  entries: readonly DeltaEntry[],
): Promise<{ readonly counts: Partial<RoundCounts>; readonly gone: readonly string[] } | 'stale'> {
  const { ports, users, scope, fence, ledger, knownCounts } = context;
  const { sightings, gone, unreadable } = gatherEntries(entries);
  for (const objectId of gone) recordGone(ledger, objectId);
  const live = [...sightings.keys()].filter((objectId) => !gone.has(objectId));

  // In a first round only those this round has already seen can have a row; nothing else needs reading.
  const mayExist = context.first ? live.filter((objectId) => ledger.ids.flags(objectId) !== 0) : live;
  const present = await readUsers(users, scope, mayExist);
  const newcomers = context.first ? [] : live.filter((objectId) => !present.has(objectId));
  const recreated = await findRecreated(context, newcomers, sightings);

  const store = async () =>
    await writeUsers({
      users,
      scope,
      objectIds: live,
      present,
      fence,
      knownCounts,
      decide: (objectId, stored) => {
        const sighting = sightings.get(objectId);
        return sighting && afterOf(context, sighting, objectId, stored, recreated.get(objectId) ?? null);
      },
      before: async (changes) => {
        await addListEntries(
          ports,
          scope,
          changes.flatMap(({ before, after }) => newListEntries(before?.user, after.user)),
        );
      },
      effects: (changes) => auditReturns(context, changes),
    });
  const returning = live.filter((objectId) => present.get(objectId)?.user.presence === 'removed');
  const partitions = [...new Set(returning.map((objectId) => partitionOf(scope, objectId)))];
  const places = partitions.map((partition) => ({ table: 'users', partition }) as const);
  const result = await withEffects(ports, scope.companyId, places, store);
  if (result.kind === 'stale') return 'stale';

  let distinct = 0;
  for (const objectId of live) {
    const stated = (sightings.get(objectId)?.managers.length ?? 0) > 0;
    if ((ledger.ids.flags(objectId) & seenAlive) === 0) distinct += 1;
    ledger.ids.add(objectId, stated ? seenAlive | managerStated : seenAlive);
  }
  return { counts: { ...countChanges(result.changes), entries: entries.length, users: distinct, unreadable }, gone: [...gone] };
}
