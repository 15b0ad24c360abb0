// The thresholds of the quick run: the same promises at 10,000 users, where what a round costs in any case weighs more than at 100,000.
import { at, atLeast, atMost, listTargets, type Target, term } from './targets.ts';

const population = 10_000;
const changes = (count: number, figure = 'ms') => term(at('changes', population, 50, `${count} changes`), figure);
const bareRequest = (count: number) => term(at('bareRequest', population, 50, `${count} changes`));
const bare = term(at('bare', population, 50));
const requests = (count: number) => term(at('roundRequests', population, 0, `${count} changes`), 'storageRequests');
const many = at('many', population, 50, '20 × 500');

/**
 * Counts have the limits of the full run: they do not depend on the machine. Ratios of times have the full run's limits where 10,000 users
 * are enough for them; where they are not, `because` says what the limit allows for.
 */
export function quickTargets(listOrders: readonly string[]): readonly Target[] {
  return [
    {
      name: 'first sync 10k, 50 ms / bare drain',
      value: term(at('first', population, 50)),
      per: bare,
      ...atMost(2),
      because: 'the chain takes 3 s here and not 27, so beginning, lists and the last transactions weigh ten times as much',
    },
    {
      name: 'partitioned first sync 10k, 50 ms / bare drain',
      value: term(at('partitioned', population, 50)),
      per: bare,
      ...atMost(1.8),
      because: 'reading in parts takes half a second, but storing 10,000 rows with their lists 3 to 4 s, against 3 s of bare drain',
    },
    {
      name: 'full round without changes 10k, 50 ms / bare drain',
      value: term(at('full', population, 50)),
      per: bare,
      ...atMost(1.5),
      because: 'the fixed cost of a round, about a third of a second, against 3 s',
    },
    { name: 'full round without changes 10k: user rows written', value: term(at('full', population, 50), 'rowsWritten'), ...atMost(0) },
    { name: '100 changes in 10k, 50 ms / bare request', value: changes(100), per: bareRequest(100), ...atMost(8) },
    { name: '100 changes in 10k: storage requests', value: requests(100), ...atMost(220) },
    { name: '0 changes in 10k, 50 ms / bare request', value: changes(0), per: bareRequest(0), ...atMost(1.5) },
    { name: '0 changes in 10k: storage requests', value: requests(0), ...atMost(6) },
    {
      name: '20 companies × 500 at once / write floor',
      value: term(many),
      per: term(at('floor', population, 0, '8 at a time')),
      ...atMost(4.5),
      because: 'the floor takes 1 to 2 s, in which every company also has an orchestration, lists, records and its own requests to Graph',
    },
    {
      name: '20 companies × 500 at once: longest wait / total',
      value: term(many, 'longestWaitMs'),
      per: term(many),
      ...atMost(0.5),
    },
    {
      name: 'approve 1k of 10k / write floor',
      value: term(at('approve', population, 0, '1000')),
      per: term(at('approveFloor', population, 0, '8 at a time')),
      ...atMost(5),
      because: 'a job has an orchestration, a set to collect and an end to record, against a floor of a few tenths of a second',
    },
    ...listTargets(population, 1_000, ['all pending', '90 % decided', 'after 10 rounds'], listOrders),
    { name: 'peak memory, 10k (MB)', value: term(at('memory', population, 50), 'peakMb'), ...atMost(450) },
    {
      name: 'one upsert at a time / first sync, 10k, 0 ms',
      value: term(at('naive', population, 0, 'oneByOne')),
      per: term(at('first', population, 0)),
      ...atLeast(2.5),
      because: 'the first sync takes 4 to 6 s with all that it stores besides users, and 10,000 single writes 15 s or more',
    },
    {
      name: 'a batch after each page / first sync, 10k, 0 ms',
      value: term(at('naive', population, 0, 'batchAfterPage')),
      per: term(at('first', population, 0)),
      ...atLeast(0.5),
      because: 'without latency both are bound by CPU time, and the naive one stores users alone: no lists, counts, audit or managers',
    },
  ];
}
