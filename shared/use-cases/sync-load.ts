// The load phase of the first round of a large tenant: the plain list, read in parts side by side, and the changes since by a delta
// link that was taken before. Whenever anything speaks against it, the delta chain reads everybody instead.
import { isComplete, type LoadPlan, missedUsers, startPlan } from '../domain/load-partitions.ts';
import type { Load } from '../domain/sync-round.ts';
import type { DeltaEntry, ListedUser } from '../ports/directory.ts';
import { type RoundContext, type RoundResult, stage } from './round-context.ts';
import { readInParts } from './read-in-parts.ts';
import { batchSize, makeBatchStore, type Stored } from './store-batches.ts';
import { meetFailure } from './sync-failure.ts';

/** Nobody is stored yet, so a list that shows no manager has nothing to take away. */
function toEntry(listed: ListedUser): DeltaEntry {
  if (listed.kind === 'unreadable') return listed;
  const { objectId, fields, managerId } = listed;
  const live = { kind: 'live', objectId, fields } as const;
  return managerId === null ? live : { ...live, manager: { kind: 'set', managerId } };
}

/** The chain reads everybody from the start, whatever the parts brought; its page budget begins anew. */
function fallBack(context: RoundContext, why: Extract<Load, { kind: 'fellBack' }>['why']): RoundResult {
  const { ports, companyId, round } = context;
  ports.log('warning', 'A load in parts was given up for the delta chain.', { companyId, runId: round.runId, why });
  const start = { phase: 'users', link: null, previousLink: null, nextDeltaLink: null, failures: 0 } as const;
  stage(context, { ...start, load: { kind: 'fellBack', why } }, { pages: -round.counts.pages });
  return { kind: 'more' };
}

/** The delta link comes first: whatever changes while the parts are read is found behind it. */
async function startLoad(context: RoundContext): Promise<RoundResult> {
  const answer = await context.directory.startDelta();
  if (answer.ok) {
    stage(context, { load: { kind: 'reading', plan: startPlan({ total: context.round.expected ?? 0 }), deltaLink: answer.value } });
    return { kind: 'more' };
  }
  const { failure } = answer;
  const ofTheTenant = failure.kind === 'throttled' || failure.kind === 'accessLost';
  return ofTheTenant ? await meetFailure(context, failure) : fallBack(context, 'refused');
}

/** Reads everybody in parts. */
export async function loadInParts(context: RoundContext): Promise<RoundResult> {
  const { load } = context.round;
  if (load?.kind !== 'reading') return await startLoad(context);
  const { ports, directory, scope, deadline } = context;
  const { deltaLink } = load;
  const store = makeBatchStore(context);
  let entries: DeltaEntry[] = [];
  let { pages } = load.plan;

  const handOver = async (plan: LoadPlan): Promise<Stored> => {
    const next = isComplete(plan)
      ? ({ load: { kind: 'read' }, phase: 'users', link: deltaLink, previousLink: null } as const)
      : ({ load: { kind: 'reading', plan, deltaLink } } as const);
    const former = await store.handOver({ entries, pages: plan.pages - pages, next, alone: false });
    entries = [];
    ({ pages } = plan);
    return former;
  };

  const reading = readInParts({
    directory,
    clock: ports.clock,
    pause: ports.pause,
    plan: load.plan,
    deadline,
    page: directory.usersPage,
    take: async (listed, planSoFar) => {
      entries.push(...listed.map(toEntry));
      if (entries.length < batchSize(scope.shards)) return 'goOn';
      return (await handOver(planSoFar)).kind === 'stored' ? 'goOn' : 'stop';
    },
  });
  try {
    await reading;
  } finally {
    await store.finish();
  }
  const { plan, failure } = await reading;
  await handOver(plan);
  const last = await store.finish();
  if (last.kind === 'stale') return { kind: 'stale' };
  if (last.kind === 'failed') throw last.error;
  if (plan.givenUp !== null) return fallBack(context, plan.givenUp);
  return failure === null ? { kind: 'more' } : await meetFailure(context, failure);
}

/**
 * After the changes since: a directory that counts more people than the parts and the changes brought is read once more, by the delta
 * chain. Whoever was read in parts was read with the manager, so there is nothing else to do before removals.
 */
export async function reconcile(context: RoundContext): Promise<RoundResult> {
  const { expected, counts } = context.round;
  const counted = await context.directory.countUsers();
  if (!counted.ok) return await meetFailure(context, counted.failure);
  // Whoever came and could not be read was not missed; the chain could not read them either.
  const met = counts.users + counts.unreadable;
  if (missedUsers(met, [expected ?? counted.value, counted.value]) > 0) return fallBack(context, 'countsDisagree');
  stage(context, { phase: 'removals' });
  return { kind: 'more' };
}
