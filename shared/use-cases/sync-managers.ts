// The managers phase of a full round: the delta feed is known to leave managers out, so every user's manager is read once more
// by `$expand`; it counts only where this round's feed said nothing (docs/graph.md §0 fact 2, §10 item 21).
import { managerStated } from '../domain/id-set.ts';
import { pageBudget } from '../domain/sync-round.ts';
import { seeAgain } from '../domain/user-change.ts';
import { newListEntries } from '../domain/user-lists.ts';
import type { DirectoryFailure } from '../ports/directory.ts';
import type { Ports } from '../ports/ports.ts';
import { readLedger } from '../storage/ledger.ts';
import { addListEntries } from '../storage/list-entries.ts';
import { readUsers, writeUsers } from '../storage/shard-writer.ts';
import { withHistory } from '../storage/user-rows.ts';
import { meetFailure, runStep, moveRound, type StepContext, type StepInput, type StepResult, usageCounts } from './sync-context.ts';

const activityMs = 30_000;
const pagesPerStep = 40;

/** Sets or clears managers of known users; unknown ids are left to the users phase. */
async function applyManagers(context: StepContext, managers: ReadonlyMap<string, string | null>): Promise<number | 'stale'> {
  const { ports, users, scope, fence, round } = context;
  const ids = [...managers.keys()];
  const at = ports.clock.now().toISOString();
  const result = await writeUsers({
    users,
    scope,
    objectIds: ids,
    present: await readUsers(users, scope, ids),
    fence,
    knownCounts: new Map(),
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

/** Reads pages until the list ends, time is up, or a request fails; what was read before a failure counts. */
async function readManagers({ ports, round, directory, companyId }: StepContext): Promise<Reading> {
  const ledger = await readLedger(ports.tables, { companyId, runId: round.runId, chunk: round.chunk });
  const started = ports.clock.now().getTime();
  const unstated = new Map<string, string | null>();
  let { link } = round;
  for (let pages = 0; ; ) {
    const answer = await directory.managerPage(link);
    if (!answer.ok) return { unstated, pages, link, done: false, failure: answer.failure };
    const { entries, nextLink } = answer.value;
    for (const { objectId, managerId } of entries) {
      const stated = (ledger.ids.flags(objectId) & managerStated) !== 0;
      // In a first round nobody has an old manager to clear, so those without one need no look.
      if (!stated && (managerId !== null || !round.first)) unstated.set(objectId, managerId);
    }
    pages += 1;
    if (nextLink === null) return { unstated, pages, link: null, done: true, failure: undefined };
    if (nextLink === link || round.counts.pages + pages > pageBudget(round.expected)) {
      return { unstated: new Map(), pages: 0, link: round.link, done: false, failure: broken('The list of managers did not end.') };
    }
    link = nextLink;
    const outOfTime = ports.clock.now().getTime() - started > activityMs;
    if (outOfTime || pages === pagesPerStep) return { unstated, pages, link, done: false, failure: undefined };
  }
}

/** Reads manager pages and applies what differs; several steps for a large tenant. */
export async function checkManagers(ports: Ports, input: StepInput): Promise<StepResult> {
  return await runStep(ports, input, async (context) =>
    context.round.phase === 'managers' ? await check(ports, context) : { kind: 'next' },
  );
}

async function check(ports: Ports, context: StepContext): Promise<StepResult> {
  const { unstated, pages, link, done, failure } = await readManagers(context);
  const { value: changed, calls } = await ports.storageMeter(async () => await applyManagers(context, unstated));
  if (changed === 'stale') return { kind: 'stale' };
  const from = context.round;
  const phase = done ? ('removals' as const) : from.phase;
  const to = { phase, chunk: from.chunk, link, previousLink: null, ...(pages > 0 ? { failures: 0 } : {}) };
  const counts = { pages, managersChanged: changed, rowsWritten: changed, storageCalls: calls, ...usageCounts(context.directory) };
  if ((await moveRound(context, { from, to, counts })) === 'stale') return { kind: 'stale' };
  if (failure) return await meetFailure(context, failure);
  return { kind: done ? 'next' : 'more' };
}
