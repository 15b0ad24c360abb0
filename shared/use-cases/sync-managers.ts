// The managers phase of a full round: the delta feed is known to leave managers out, so every user's manager is read once more
// by `$expand`; it counts only where this round's feed said nothing (docs/graph.md §0 fact 2, §10 item 21).
import { managerStated } from '../domain/id-set.ts';
import { isComplete, missedUsers, startPlan } from '../domain/load-partitions.ts';
import { partitioningPays } from '../domain/load-prefixes.ts';
import { isLoad } from '../domain/packed-upkeep.ts';
import { pageBudget } from '../domain/sync-round.ts';
import { seeAgain } from '../domain/user-change.ts';
import { newListEntries } from '../domain/user-lists.ts';
import type { DirectoryFailure, ManagerPage } from '../ports/directory.ts';
import type { Ledger } from '../storage/ledger.ts';
import { addListEntries } from '../storage/list-entries.ts';
import { readUsers, type WriteRequest, writeUsers } from '../storage/shard-writer.ts';
import { withHistory } from '../storage/user-rows.ts';
import {
  beforeWriting,
  checkpoint,
  headsOf,
  ledgerOf,
  type ManagersRead,
  type RoundContext,
  type RoundResult,
  stage,
} from './round-context.ts';
import { reviewPlaces, reviewsOf } from './review-effects.ts';
import { withEffects } from './effects.ts';
import { readInParts } from './read-in-parts.ts';
import { settled } from './settled.ts';
import { meetFailure } from './sync-failure.ts';
import { reconcile } from './sync-load.ts';

const pagesPerStep = 40;

/** Sets or clears managers of known users; unknown ids are left to the users phase. */
async function applyManagers(context: RoundContext, managers: ReadonlyMap<string, string | null>): Promise<number | 'stale'> {
  const { ports, users, scope, fence, round } = context;
  if (managers.size === 0) return 0;
  if ((await beforeWriting(context)) === 'stale') return 'stale';
  const ids = [...managers.keys()];
  const at = ports.clock.now().toISOString();
  const reviews = await reviewsOf(context);
  const knownCounts = await headsOf(context);
  const stored = await readUsers(users, scope, ids);
  const request: WriteRequest = {
    users,
    scope,
    objectIds: ids,
    present: stored,
    fence,
    knownCounts,
    decide: (objectId, present) => {
      const managerId = managers.get(objectId);
      if (!present || managerId === undefined || present.user.presence === 'removed' || present.user.managerId === managerId)
        return undefined;
      const statement =
        managerId === null
          ? ({ kind: 'removed', managerIds: present.user.managerId === null ? [] : [present.user.managerId] } as const)
          : ({ kind: 'set', managerId } as const);
      const seen = seeAgain({ user: present.user, digest: present.digest }, { fields: {}, managers: [statement] }, at);
      // Somebody who arrived in this very round had no other manager before: the feed merely left this one out.
      if (present.user.arrivedAt >= round.startedAt) return { ...seen, history: present.history };
      return { ...seen, history: withHistory(present.history, { at, what: 'manager changed', by: 'Sync', why: null }) };
    },
    before: async (changes) => {
      await addListEntries(
        ports,
        scope,
        changes.flatMap(({ before, after }) => newListEntries(before?.user, after.user)),
        { ofLoad: round.first || isLoad(changes.length) },
      );
    },
    effects: reviews,
  };
  const places = reviewPlaces(context, ids);
  const result = await withEffects(ports, scope.companyId, places, async () => await writeUsers(request));
  return result.kind === 'stale' ? 'stale' : result.changes.length;
}

const broken = (sentence: string): DirectoryFailure => ({
  kind: 'broken',
  detail: { status: null, code: null, requestId: null, sentence },
});

/** Keeps those of a page whose manager the feed did not state and who, as far as is known, have another one stored. */
function note(
  { round, memory }: RoundContext,
  ledger: Ledger,
  unstated: Map<string, string | null>,
  entries: ManagerPage['entries'],
): void {
  for (const { objectId, managerId } of entries) {
    if ((ledger.ids.flags(objectId) & managerStated) !== 0) continue;
    // In a first round nobody has an old manager to clear, so those without one need no look.
    if (round.first ? managerId !== null : memory.known?.find(objectId)?.managerId !== managerId) unstated.set(objectId, managerId);
  }
}

/** Reads pages one after another until the list ends, time is up, or a request fails; what was read before a failure counts. */
async function readChain(context: RoundContext): Promise<ManagersRead> {
  const { ports, round, directory, deadline } = context;
  const ledger = await ledgerOf(context);
  const unstated = new Map<string, string | null>();
  let { link } = round;
  for (let pages = 0; ; ) {
    const answer = await directory.managerPage(link);
    if (!answer.ok) return { unstated, pages, link, done: false, failure: answer.failure };
    const { entries, nextLink } = answer.value;
    note(context, ledger, unstated, entries);
    pages += 1;
    if (nextLink === null) return { unstated, pages, link: null, done: true, failure: undefined };
    if (nextLink === link || round.counts.pages + pages > pageBudget(round.expected)) {
      return { unstated: new Map(), pages: 0, link: round.link, done: false, failure: broken('The list of managers did not end.') };
    }
    link = nextLink;
    const outOfTime = ports.clock.now().getTime() >= deadline;
    if (outOfTime || pages === pagesPerStep) return { unstated, pages, link, done: false, failure: undefined };
  }
}

/**
 * Reads the list in parts, side by side. It keeps no position: it takes a fraction of the chain's time or is given up for it, and it
 * counts only when it brought as many people as the directory counts.
 */
async function readParts(context: RoundContext, total: number): Promise<ManagersRead | 'givenUp'> {
  const { ports, directory, deadline } = context;
  const ledger = await ledgerOf(context);
  const unstated = new Map<string, string | null>();
  const { plan, failure } = await readInParts({
    directory,
    clock: ports.clock,
    pause: ports.pause,
    plan: startPlan({ total }),
    deadline,
    page: directory.managerPage,
    take: async (entries) => {
      note(context, ledger, unstated, entries);
      return 'goOn';
    },
  });
  if (failure !== null) return { unstated: new Map(), pages: 0, link: null, done: false, failure };
  if (!isComplete(plan)) return 'givenUp';
  const counted = await directory.countUsers();
  if (!counted.ok || missedUsers(plan.received, [total, counted.value]) > 0) return 'givenUp';
  return { unstated, pages: plan.pages, link: null, done: true, failure: undefined };
}

/** After trouble the chain is read, because it remembers how far it came. */
const mayReadParts = ({ round: { expected, lastProblem } }: RoundContext) =>
  lastProblem === null && expected !== null && partitioningPays(expected);

/**
 * Begins to read the list while the last users are still being stored; `checkManagers` takes what comes of it. Nothing is kept of it
 * when the stretch ends before.
 */
export function readManagersAhead(context: RoundContext): void {
  if (context.round.load?.kind === 'read' || !mayReadParts(context)) return;
  context.memory.managersAhead = settled(readParts(context, context.round.expected ?? 0));
}

/** Whoever was stored meanwhile may have had their manager stated by the feed. */
function stillUnstated(ledger: Ledger, unstated: ManagersRead['unstated']): ManagersRead['unstated'] {
  return new Map([...unstated].filter(([objectId]) => (ledger.ids.flags(objectId) & managerStated) === 0));
}

async function readManagers(context: RoundContext): Promise<ManagersRead> {
  const { memory, round } = context;
  if (round.link !== null || !mayReadParts(context)) return await readChain(context);
  const ahead = await memory.managersAhead;
  memory.managersAhead = undefined;
  if (ahead?.kind === 'failed') throw ahead.error;
  const reading = ahead?.value ?? (await readParts(context, round.expected ?? 0));
  if (reading === 'givenUp') return await readChain(context);
  return { ...reading, unstated: stillUnstated(await ledgerOf(context), reading.unstated) };
}

const pagesReadAgain = 5;

/** Reads manager pages and applies what differs. */
export async function checkManagers(context: RoundContext): Promise<RoundResult> {
  if (context.round.load?.kind === 'read') return await reconcile(context);
  const { unstated, pages, link, done, failure } = await readManagers(context);
  const changed = await applyManagers(context, unstated);
  if (changed === 'stale') return { kind: 'stale' };
  const failures = pages > 0 ? 0 : context.round.failures;
  const next = { phase: done ? 'removals' : 'managers', link, previousLink: null, failures } as const;
  stage(context, next, { pages, managersChanged: changed, rowsWritten: changed });
  if (failure) return await meetFailure(context, failure);
  // A list that came with a few requests is read again after a crash, which is cheaper than to store that it was read.
  if (done && pages <= pagesReadAgain) return { kind: 'more' };
  return (await checkpoint(context)) === 'stale' ? { kind: 'stale' } : { kind: 'more' };
}
