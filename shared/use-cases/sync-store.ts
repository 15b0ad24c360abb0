// Stores one batch of a round's entries: lists first, then users and counts, then the round's own memory.
import pLimit from 'p-limit';
import { heaviestUser, weightOf } from '../domain/directory-fields.ts';
import { managerStated, seenAlive, seenGone } from '../domain/id-set.ts';
import { isLoad } from '../domain/packed-upkeep.ts';
import { type RoundCounts } from '../domain/round-counts.ts';
import { shardOf } from '../domain/sync-round.ts';
import { arrive, describeChange, joinSightings, seeAgain, type Sighting } from '../domain/user-change.ts';
import { mailKey, newListEntries } from '../domain/user-lists.ts';
import type { DeltaEntry } from '../ports/directory.ts';
import { type Ledger, recordGone } from '../storage/ledger.ts';
import { addListEntries } from '../storage/list-entries.ts';
import { prepareChanges, readUsers, type WriteRequest, writeUsers } from '../storage/shard-writer.ts';
import type { Effect } from '../storage/outbox.ts';
import { flatMapInTurns } from '../storage/turns.ts';
import { type StoredUser, withHistory } from '../storage/user-rows.ts';
import { partitionOf, type UserChange } from '../storage/users.ts';
import { auditEffect } from './audit-effect.ts';
import { withEffects } from './effects.ts';
import { knownOf, saysNothingNew } from './known-people.ts';
import { reviewPlaces, reviewsOf } from './review-effects.ts';
import { headsOf, type RoundContext } from './round-context.ts';

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
  { ports, scope, users }: RoundContext,
  ledger: Ledger,
  newcomers: readonly string[],
  sightings: ReadonlyMap<string, Sighting>,
): Promise<ReadonlyMap<string, string>> {
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
  context: RoundContext,
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
function auditReturns({ ports, scope }: RoundContext, changes: readonly UserChange[]): readonly Effect[] {
  const objectIds = changes.filter(isReturn).map(({ after }) => after.user.objectId);
  if (objectIds.length === 0) return [];
  const summary = `${objectIds.length === 1 ? '1 user' : `${objectIds.length} users`} came back to the tenant, with the decisions made before.`;
  return [auditEffect(ports, { companyId: scope.companyId, by: 'Muster', action: 'usersReturned', summary, reason: null, objectIds })];
}

const countChanges = (changes: readonly UserChange[]): Partial<RoundCounts> => ({
  added: changes.filter((change) => !change.before).length,
  updated: changes.filter((change) => change.before).length,
  returned: changes.filter(isReturn).length,
  managersChanged: changes.filter((change) => (change.before?.user.managerId ?? null) !== change.after.user.managerId).length,
  rowsWritten: changes.length,
});

interface Share {
  /** Those whose rows must be read or written. */
  readonly concerned: readonly string[];
  /** Of these, those who may have a row. */
  readonly mayExist: readonly string[];
}

/** Sorts out whom nothing needs to be read or written for. */
async function shareOf(context: RoundContext, ledger: Ledger, live: readonly string[], sightings: Gathered['sightings']): Promise<Share> {
  const { round } = context;
  // In a first round only those this round has already seen can have a row.
  if (round.first) return { concerned: live, mayExist: live.filter((objectId) => ledger.ids.flags(objectId) !== 0) };
  if (round.kind === 'delta') return { concerned: live, mayExist: live };
  const known = await knownOf(context);
  const concerned = live.filter((objectId) => {
    const sighting = sightings.get(objectId);
    return sighting !== undefined && !saysNothingNew(known.find(objectId), sighting);
  });
  return { concerned, mayExist: concerned };
}

/** A batch whose users are decided and whose lines are on the lists; only the users are still to be written. */
export interface PreparedBatch {
  readonly request: WriteRequest;
  readonly changes: readonly UserChange[];
  readonly live: readonly string[];
  readonly sightings: Gathered['sightings'];
  readonly entries: number;
  readonly unreadable: number;
  /** Where effects will wait. */
  readonly places: readonly { readonly table: 'users'; readonly partition: string }[];
}

/** Prepares a batch, on rows that may still change before it is written: whoever changes is read and decided again then. */
export async function prepareBatch(context: RoundContext, ledger: Ledger, entries: readonly DeltaEntry[]): Promise<PreparedBatch> {
  const { ports, users, scope, fence, round } = context;
  const { sightings, gone, unreadable } = gatherEntries(entries);
  for (const objectId of gone) {
    // Alive and gone in one batch, in no dependable order: as across batches, the directory itself will be asked (docs/graph.md §10 item 12).
    if (sightings.has(objectId)) ledger.ids.add(objectId, seenAlive);
    recordGone(ledger, objectId);
  }
  const live = [...sightings.keys()].filter((objectId) => !gone.has(objectId));
  const { concerned, mayExist } = await shareOf(context, ledger, live, sightings);
  const present = await readUsers(users, scope, mayExist);
  const newcomers = round.first ? [] : concerned.filter((objectId) => !present.has(objectId));
  const recreated = await findRecreated(context, ledger, newcomers, sightings);
  const reviews = await reviewsOf(context);
  const request: WriteRequest = {
    users,
    scope,
    objectIds: concerned,
    present,
    fence,
    knownCounts: await headsOf(context),
    decide: (objectId, stored) => {
      const sighting = sightings.get(objectId);
      return sighting && afterOf(context, sighting, objectId, stored, recreated.get(objectId) ?? null);
    },
    before: async (changes) => {
      const lines = await flatMapInTurns(changes, ({ before, after }) => newListEntries(before?.user, after.user));
      await addListEntries(ports, scope, lines, {
        first: round.first && round.counts.pages === 0,
        ofLoad: round.first || isLoad(changes.length),
      });
    },
    effects: (changes) => [...auditReturns(context, changes), ...reviews(changes)],
  };
  const returning = concerned.filter((objectId) => present.get(objectId)?.user.presence === 'removed');
  const changes = await prepareChanges(request);
  const reviewed = reviewPlaces(
    context,
    changes.map(({ after }) => after.user.objectId),
  );
  const partitions = new Set([...returning.map((objectId) => partitionOf(scope, objectId)), ...reviewed.map(({ partition }) => partition)]);
  const places = [...partitions].map((partition) => ({ table: 'users', partition }) as const);
  return { request, changes, live, sightings, entries: entries.length, unreadable, places };
}

/**
 * Writes the users of a batch. Repeating it (after a crash) changes nothing more.
 * @returns what it did, or `stale` when a newer round has taken over.
 */
export async function writeBatch(context: RoundContext, ledger: Ledger, batch: PreparedBatch): Promise<Partial<RoundCounts> | 'stale'> {
  const { ports, scope, memory } = context;
  const { request, changes, live, sightings, entries, unreadable, places } = batch;
  const result = await withEffects(ports, scope.companyId, places, async () => await writeUsers(request, changes));
  if (result.kind === 'stale') return 'stale';

  for (const { after } of result.changes) {
    const { objectId, managerId, presence } = after.user;
    memory.known?.put(objectId, { digest: after.digest, managerId, presence, shard: shardOf(objectId, scope.shards), expected: true });
  }
  let distinct = 0;
  for (const objectId of live) {
    const stated = (sightings.get(objectId)?.managers.length ?? 0) > 0;
    if ((ledger.ids.flags(objectId) & seenAlive) === 0) distinct += 1;
    ledger.ids.add(objectId, stated ? seenAlive | managerStated : seenAlive);
  }
  return { ...countChanges(result.changes), entries, users: distinct, unreadable };
}
