// The begin of a round and its users phase: pages are fetched while the batch before is stored, and the cursor moves only after what
// it covers is stored.
import { partitioningPays } from '../domain/load-prefixes.ts';
import { pageBudget, type Round, shardsFor } from '../domain/sync-round.ts';
import type { DeltaEntry, DirectoryFailure } from '../ports/directory.ts';
import { beginToKnow } from './known-people.ts';
import { type RoundContext, type RoundResult, stage, stageState } from './round-context.ts';
import { type BatchStore, batchSize, makeBatchStore, type Stored } from './store-batches.ts';
import { meetFailure, noteAccess } from './sync-failure.ts';
import { readManagersAhead } from './sync-managers.ts';

/** The shards of a company are fixed now; too many cost a little, too few a lot. */
const expectedUnlessCounted = 10_000;

/** Opens the round: how many to expect, and how many shards to use. A delta round needs to know neither. */
export async function begin(context: RoundContext): Promise<RoundResult> {
  const { round, state } = context;
  if (round.kind === 'full' && round.expected === null) {
    const counted = await context.directory.countUsers();
    if (!counted.ok && counted.failure.kind === 'accessLost') return await meetFailure(context, counted.failure);
    if (counted.ok) stage(context, { expected: counted.value });
  }
  if (state.shards === 0) stageState(context, { shards: shardsFor(context.round.expected ?? expectedUnlessCounted) });
  const { expected, first } = context.round;
  const inParts = first && context.settings.loadInParts && expected !== null && partitioningPays(expected);
  stage(context, { phase: inParts ? 'load' : 'users' });
  return { kind: 'more' };
}

/** A stored page link older than this is not resumed (docs/graph.md §10 item 8). */
const linkLifeMs = 86_400_000;

/** A request that nobody may come to wait for any more. */
function ahead<T>(asked: Promise<T>): Promise<T> {
  asked.catch(() => undefined);
  return asked;
}

/** Where to go on after a batch. */
type Position = Pick<Round, 'link' | 'previousLink' | 'phase' | 'nextDeltaLink'>;

const broken = (sentence: string): DirectoryFailure => ({
  kind: 'broken',
  detail: { status: null, code: null, requestId: null, sentence },
});

/** Reads and stores pages until the feed ends, time is up, or a request fails. */
export async function pullUsers(context: RoundContext): Promise<RoundResult> {
  const store = makeBatchStore(context);
  try {
    return await pull(context, store);
  } finally {
    // Whatever ended the reading, nothing is left at work behind it.
    await store.finish();
  }
}

async function pull(context: RoundContext, store: BatchStore): Promise<RoundResult> {
  const { round, directory, scope, ports } = context;
  const outdated = round.kind === 'full' && round.link !== null && ports.clock.now().getTime() - Date.parse(round.linkSince) > linkLifeMs;
  if (outdated) {
    const refused: DirectoryFailure = { ...broken('The stored page link is too old to go on from.'), kind: 'tokenRefused' };
    return await meetFailure(context, refused);
  }

  beginToKnow(context);
  let { link, previousLink } = round;
  let entries: DeltaEntry[] = [];
  let pages = 0;
  let allPages = round.counts.pages;
  let failure: DirectoryFailure | undefined;
  let done = false;

  const handOver = async (next: Position): Promise<Stored> => {
    const alone = round.counts.pages === 0 && pages === allPages && next.phase !== 'users';
    const former = await store.handOver({ entries, pages, next, alone });
    entries = [];
    pages = 0;
    return former;
  };

  let asked = directory.deltaPage(link);
  while (!done && failure === undefined) {
    const answer = await asked;
    if (!answer.ok) {
      failure = answer.failure;
      break;
    }
    const { next } = answer.value;
    pages += 1;
    allPages += 1;
    done = next.kind === 'deltaLink';
    if (!done && next.link === link) failure = broken('A page named itself as the next one.');
    if (!done && allPages > pageBudget(round.expected)) failure = broken(`The feed did not end after ${allPages} pages.`);
    if (failure) break;
    previousLink = link;
    link = next.link;
    const outOfTime = ports.clock.now().getTime() >= context.deadline;
    // The next page is on its way while this one is read and handed over.
    if (!done && !outOfTime) asked = ahead(directory.deltaPage(link));
    entries.push(...answer.value.entries);
    if (!done && !outOfTime && entries.length < batchSize(scope.shards)) continue;
    const position: Position = done
      ? { link: null, previousLink: null, phase: round.kind === 'full' ? 'managers' : 'removals', nextDeltaLink: link }
      : { link, previousLink, phase: 'users', nextDeltaLink: null };
    if (position.phase === 'managers') readManagersAhead(context);
    const former = await handOver(position);
    if (former.kind === 'stale') return { kind: 'stale' };
    if (former.kind === 'failed') throw former.error;
    if (outOfTime) break;
  }
  if (failure !== undefined && pages > 0 && failure.kind !== 'broken') {
    await handOver({ link, previousLink, phase: 'users', nextDeltaLink: null });
  }
  const last = await store.finish();
  if (last.kind === 'stale') return { kind: 'stale' };
  if (last.kind === 'failed') throw last.error;
  if (failure !== undefined) return await meetFailure(context, failure);
  await noteAccess(context);
  return { kind: 'more' };
}
