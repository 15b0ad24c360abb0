// The removals phase: who left is removed only on proof (a tombstone, or a complete full round plus a confirming read),
// and waits in a hold when too many would vanish at once (product rule 3).
import { summarise } from '../domain/counts.ts';
import { seenAlive } from '../domain/id-set.ts';
import { movePresence, type PresenceEvent } from '../domain/presence.ts';
import { addToWindow, decideRemovals, pruneWindow, removalsIn } from '../domain/removal-hold.ts';
import { mailKey, newListEntries } from '../domain/user-lists.ts';
import type { Verdict } from '../domain/sync-round.ts';
import type { Presence, User } from '../domain/user.ts';
import { addListEntries } from '../storage/list-entries.ts';
import type { Effect } from '../storage/outbox.ts';
import { readUsers, writeUsers } from '../storage/shard-writer.ts';
import { withHistory } from '../storage/user-rows.ts';
import { partitionOf, type UserChange } from '../storage/users.ts';
import { auditEffect } from './audit-effect.ts';
import { withEffects } from './effects.ts';
import {
  beforeWriting,
  checkpoint,
  headsOf,
  ledgerOf,
  type RoundContext,
  type RoundResult,
  stage,
  stageState,
  totalsOf,
} from './round-context.ts';
import { reviewsOf } from './review-effects.ts';
import { meetFailure } from './sync-failure.ts';
import { phaseAfterRemovals } from './sync-reshard.ts';
import { type Confirmed, confirm, findSuspects, type Suspects, wasRemovedDuring } from './sync-suspects.ts';

/**
 * Decides once per round whether removals are applied; a repeat after a crash finds the decision. It covers no more people than it was
 * made for: when a repeat finds more, it is made anew.
 */
async function verdictOf(context: RoundContext, removals: number): Promise<Verdict | 'stale'> {
  const { round, ports, state, settings } = context;
  if (round.verdict !== null && (round.verdict.kind === 'hold' || removals <= round.verdict.removals)) return round.verdict;
  const { found, held } = summarise(await totalsOf(context));
  const at = ports.clock.now().toISOString();
  const decision = decideRemovals({
    proposed: removals + held,
    activePopulation: found,
    removedInWindow: removalsIn(pruneWindow(state.removals, at)),
    settings,
  });
  const verdict: Verdict = { kind: decision.kind, reason: decision.kind === 'hold' ? decision.reason : null, removals };
  stage(context, { verdict });
  // Removals are remembered for the rolling window before any of them is applied, so that a crash can only count too many.
  if (verdict.kind === 'apply') stageState(context, { removals: addToWindow(state.removals, { at, count: removals }) });
  // Another copy of this stretch may have been faster.
  return (await checkpoint(context)) === 'stale' ? 'stale' : (context.round.verdict ?? verdict);
}

function auditOf({ ports, companyId }: RoundContext, verdict: Verdict, changes: readonly UserChange[]): readonly Effect[] {
  const ended = changes.filter(({ after }) => after.user.presence === 'removed' || after.user.presence === 'held');
  const [first] = ended;
  if (!first) return [];
  const held = first.after.user.presence === 'held';
  const people = ended.length === 1 ? '1 user' : `${ended.length} users`;
  return [
    auditEffect(ports, {
      companyId,
      by: 'Muster',
      action: held ? 'usersHeld' : 'usersRemoved',
      summary: held ? `${people} left the tenant; their removal waits for an admin.` : `${people} left the tenant.`,
      reason: held ? verdict.reason : null,
      objectIds: ended.map(({ after }) => after.user.objectId),
    }),
  ];
}

/** The events each suspect goes through; `missing` comes first where the proof is a confirming read. */
type Events = ReadonlyMap<string, readonly PresenceEvent[]>;

const nobodyLeft: Verdict = { kind: 'apply', reason: null, removals: 0 };

const endOf = (user: User, events: Events, at: string) =>
  (events.get(user.objectId) ?? []).reduce((moved, event) => movePresence(moved, event, at), user);

async function applyEvents(context: RoundContext, events: Events, verdict: Verdict): Promise<'done' | 'stale'> {
  const { ports, users, scope, fence, companyId } = context;
  if (events.size === 0) return 'done';
  if ((await beforeWriting(context)) === 'stale') return 'stale';
  const knownCounts = await headsOf(context);
  const reviews = await reviewsOf(context);
  const ids = [...events.keys()];
  const partitions = [...new Set(ids.map((objectId) => partitionOf(scope, objectId)))];
  const at = ports.clock.now().toISOString();
  return await withEffects(
    ports,
    companyId,
    partitions.map((partition) => ({ table: 'users', partition }) as const),
    async () => {
      const result = await writeUsers({
        users,
        scope,
        objectIds: ids,
        present: await readUsers(users, scope, ids),
        fence,
        knownCounts,
        decide: (_objectId, present) => {
          if (!present) return undefined;
          const user = endOf(present.user, events, at);
          if (user === present.user) return undefined;
          return {
            user,
            digest: present.digest,
            history: withHistory(present.history, { at, what: user.presence, by: 'Sync', why: null }),
          };
        },
        before: async (changes) => {
          await addListEntries(
            ports,
            scope,
            changes.flatMap(({ before, after }) => newListEntries(before?.user, after.user)),
          );
        },
        effects: (changes) => [...auditOf(context, verdict, changes), ...reviews(changes)],
      });
      return result.kind;
    },
  );
}

const sameMailLimit = 10;

/** People who wait and came later than somebody who left, with the same mail, are marked re-created, whichever came first in the feed. */
async function markRecreated(context: RoundContext, left: readonly User[]): Promise<'done' | 'stale'> {
  const { ports, users, scope, fence } = context;
  const recreatedFrom = new Map<string, string>();
  for (const { objectId, fields, arrivedAt } of left) {
    const key = mailKey(fields.mail);
    if (key === '') continue;
    const { entries } = await ports.index(scope, 'mail').read({ key, limit: sameMailLimit });
    const others = await users.readMany(entries.map((entry) => entry.id).filter((id) => id !== objectId));
    for (const { user } of others.values()) {
      const isNew = user.decision === 'pending' && user.presence === 'present' && user.arrivedAt > arrivedAt;
      if (isNew && user.recreatedFrom === null && mailKey(user.fields.mail) === key) recreatedFrom.set(user.objectId, objectId);
    }
  }
  const ids = [...recreatedFrom.keys()];
  if (ids.length === 0) return 'done';
  if ((await beforeWriting(context)) === 'stale') return 'stale';
  const result = await writeUsers({
    users,
    scope,
    objectIds: ids,
    present: await users.readMany(ids),
    fence,
    knownCounts: await headsOf(context),
    decide: (objectId, present) =>
      present && {
        user: { ...present.user, recreatedFrom: recreatedFrom.get(objectId) ?? null },
        digest: present.digest,
        history: present.history,
      },
  });
  return result.kind;
}

/** Turns what the directory confirmed into events. Without an answer about somebody unseen, that person is only `missing`. */
function eventsOf({ tombstones, unseen }: Suspects, { found, unasked }: Confirmed, doubtful: ReadonlySet<string>, held: boolean): Events {
  const events = new Map<string, readonly PresenceEvent[]>();
  for (const { objectId } of tombstones) {
    if (doubtful.has(objectId) && found.get(objectId) !== 'absent') continue;
    events.set(objectId, [held ? 'hold' : 'tombstone']);
  }
  for (const { objectId } of unseen) {
    if (unasked.has(objectId)) continue;
    const answer = found.get(objectId);
    if (answer === 'absent') events.set(objectId, ['missing', held ? 'hold' : 'confirmedAbsent']);
    else if (answer === undefined) events.set(objectId, ['missing']);
    else events.set(objectId, ['seen']);
  }
  return events;
}

/** Settles who left. Repeating it after a crash comes to the same end. */
export async function settleRemovals(context: RoundContext): Promise<RoundResult> {
  const { round } = context;
  const ledger = await ledgerOf(context);
  const suspects = await findSuspects(context, ledger);
  const people = [...suspects.tombstones, ...suspects.unseen];
  // Seen both alive and gone in one round, in no dependable order: the directory itself is asked (docs/graph.md §10 item 12).
  // So is it when an entry could not be read: it may have been the one that brought somebody back.
  const unsure = round.counts.unreadable > 0;
  const seenBoth = suspects.tombstones.filter(({ objectId }) => unsure || (ledger.ids.flags(objectId) & seenAlive) !== 0);
  const doubtful = new Set(seenBoth.map(({ objectId }) => objectId));
  const answer = await confirm(context, [...doubtful, ...suspects.unseen.map(({ objectId }) => objectId)]);
  if (!answer.ok) return await meetFailure(context, answer.failure);

  const leaving = eventsOf(suspects, answer.value, doubtful, false);
  // Whoever is held already waits for an admin and is no new removal.
  const removals = people.filter((user) => user.presence !== 'held' && endOf(user, leaving, round.startedAt).presence === 'removed').length;
  const verdict = removals === 0 ? nobodyLeft : await verdictOf(context, removals);
  if (verdict === 'stale') return { kind: 'stale' };
  const events = verdict.kind === 'apply' ? leaving : eventsOf(suspects, answer.value, doubtful, true);
  if ((await applyEvents(context, events, verdict)) === 'stale') return { kind: 'stale' };
  // By what should be written, and not by what this call wrote: a write whose answer was lost has been made all the same.
  const ends = people.map((user) => ({ user, after: endOf(user, events, round.startedAt) }));
  const settled = ends.filter(({ user, after }) => user !== after);
  const became = (presence: Presence) => settled.flatMap(({ after }) => (after.presence === presence ? [after] : []));
  // In a round that holds, whoever is held may have been held by an earlier try that did not come as far as here.
  const held = context.round.verdict?.kind === 'hold' ? ends.flatMap(({ after }) => (after.presence === 'held' ? [after] : [])) : [];
  if ((await markRecreated(context, [...suspects.departed, ...became('removed'), ...held])) === 'stale') return { kind: 'stale' };

  stage(
    context,
    { phase: await phaseAfterRemovals(context), failures: 0 },
    {
      removed: became('removed').length + suspects.departed.filter((user) => wasRemovedDuring(round, user)).length,
      held: became('held').length,
      missing: became('missing').length,
      unknownTombstones: suspects.unknownTombstones,
      rowsWritten: settled.length,
    },
  );
  return { kind: 'more' };
}
