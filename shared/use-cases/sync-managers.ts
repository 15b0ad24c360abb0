// The managers phase of a full round: the delta feed is known to leave managers out, so every user's manager is read once more
// by `$expand`; it counts only where this round's feed said nothing (docs/graph.md §0 fact 2, §10 item 21).
import { managerStated } from '../domain/id-set.ts';
import { isComplete, missedUsers, startPlan } from '../domain/load-partitions.ts';
import { partitioningPays } from '../domain/load-prefixes.ts';
import { pageBudget } from '../domain/sync-round.ts';
import { seeAgain } from '../domain/user-change.ts';
import { newListEntries } from '../domain/user-lists.ts';
import type { DirectoryFailure, ManagerPage } from '../ports/directory.ts';
import type { Ledger } from '../storage/ledger.ts';
import { addListEntries } from '../storage/list-entries.ts';
import { readUsers, writeUsers } from '../storage/shard-writer.ts';
import { withHistory } from '../storage/user-rows.ts';
import { beforeWriting, checkpoint, headsOf, ledgerOf, type RoundContext, type RoundResult, stage } from './round-context.ts';
import { readInParts } from './read-in-parts.ts';
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
  const result = await writeUsers({
    users,
    scope,
    objectIds: ids,
    present: await readUsers(users, scope, ids),
    fence,
    knownCounts: await headsOf(context),
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
      );
    },
  });
  return result.kind === 'stale' ? 'stale' : result.changes.length;
}

interface Reading {
  /** What the list says of those whose manager this round's feed did not state. */
  readonly unstated: ReadonlyMap<string, string | null>;
  readonly pages: number;
  /** Where to go on; `null` when everybody was read. */
  readonly link: string | null;
  readonly done: boolean;
  readonly failure: DirectoryFailure | undefined;
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
async function readChain(context: RoundContext): Promise<Reading> {
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
async function readParts(context: RoundContext, total: number): Promise<Reading | 'givenUp'> {
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

async function readManagers(context: RoundContext): Promise<Reading> {
  const { link, expected, lastProblem } = context.round;
  // After trouble the chain goes on, because it remembers how far it came.
  if (link === null && lastProblem === null && expected !== null && partitioningPays(expected)) {
    const reading = await readParts(context, expected);
    if (reading !== 'givenUp') return reading;
  }
  return await readChain(context);
}

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
  return (await checkpoint(context)) === 'stale' ? { kind: 'stale' } : { kind: 'more' };
}
