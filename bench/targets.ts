// What the product promises about its speed, as ratios within one run wherever that is possible, and whether a run kept it.
import { figureAt, type Place, type Summary } from './samples.ts';

/** A figure of one place, such as `ms` of the first sync of 100,000 users at 50 ms. */
interface Term {
  readonly place: Place;
  readonly figure: string;
}

export interface Target {
  readonly name: string;
  readonly value: Term;
  /** What the value is divided by; the value itself counts when absent. */
  readonly per?: Term;
  /** The value must be at most, or at least, this. */
  readonly limit: number;
  readonly sense: 'atMost' | 'atLeast';
  /** Where the limit comes from, when it is not the promise itself. */
  readonly because?: string;
}

export interface Verdict {
  readonly name: string;
  /** `null` when something was not measured. */
  readonly value: number | null;
  readonly limit: number;
  readonly sense: Target['sense'];
  readonly outcome: 'PASS' | 'FAIL' | 'not measured';
}

export function judge(targets: readonly Target[], summaries: readonly Summary[]): readonly Verdict[] {
  const read = ({ place, figure }: Term) => figureAt(summaries, place, figure);
  return targets.map(({ name, value, per, limit, sense }) => {
    const top = read(value);
    const bottom = per === undefined ? 1 : read(per);
    if (top === undefined || bottom === undefined || bottom === 0)
      return { name, value: null, limit, sense, outcome: 'not measured' as const };
    const measured = top / bottom;
    const kept = sense === 'atMost' ? measured <= limit : measured >= limit;
    return { name, value: measured, limit, sense, outcome: kept ? ('PASS' as const) : ('FAIL' as const) };
  });
}

/** A place, written shortly. */
export const at = (scenario: string, population: number, latencyMs: number, variant?: string): Place => ({
  scenario,
  population,
  latencyMs,
  ...(variant === undefined ? {} : { variant }),
});
export const term = (place: Place, figure = 'ms'): Term => ({ place, figure });
export const atMost = (limit: number) => ({ limit, sense: 'atMost' }) as const;
export const atLeast = (limit: number) => ({ limit, sense: 'atLeast' }) as const;

/** The list without a filter in the same order: in a small company a filter leaves less than a page, which would be no measure. */
const unfiltered = (order: string) => (order.endsWith('by arrival') ? 'by arrival' : 'by name');

/** Pages of a list: calls at the larger size in every state, and time against the smaller size. */
export function listTargets(large: number, small: number, states: readonly string[], orders: readonly string[]): readonly Target[] {
  return orders.flatMap((order) =>
    states.flatMap((state): readonly Target[] => {
      const place = at('list', large, 0, `${order}, ${state}`);
      const where = `list page ${order}, ${large.toLocaleString('en')}, ${state}`;
      return [
        { name: `${where}: reads of users`, value: term(place, 'userReads'), ...atMost(50) },
        { name: `${where}: other calls`, value: term(place, 'otherCalls'), ...atMost(3) },
        {
          name: `${where} / a page ${unfiltered(order)} at ${small.toLocaleString('en')}`,
          value: term(place),
          per: term(at('list', small, 0, `${unfiltered(order)}, all pending`)),
          ...atMost(1.3),
        },
      ];
    }),
  );
}

/** The promises of the full run. */
export function fullTargets(listOrders: readonly string[]): readonly Target[] {
  const hundred = 100_000;
  const bare = (latencyMs: number) => term(at('bare', hundred, latencyMs));
  const memory = (population: number) => term(at('memory', population, 50), 'peakMb');
  const changes = (population: number, count: number, figure = 'ms') => term(at('changes', population, 50, `${count} changes`), figure);
  const bareRequest = (count: number) => term(at('bareRequest', hundred, 50, `${count} changes`));
  const requests = (count: number) => term(at('roundRequests', hundred, 0, `${count} changes`), 'storageRequests');
  const many = at('many', hundred, 50, '200 × 500');
  const naive = (way: string) => term(at('naive', 10_000, 0, way));
  return [
    { name: 'first sync 100k, 50 ms / bare drain', value: term(at('first', hundred, 50)), per: bare(50), ...atMost(1.5) },
    { name: 'first sync 100k, 200 ms / bare drain', value: term(at('first', hundred, 200)), per: bare(200), ...atMost(1.2) },
    { name: 'partitioned first sync 100k, 50 ms / bare drain', value: term(at('partitioned', hundred, 50)), per: bare(50), ...atMost(0.9) },
    {
      name: 'partitioned first sync 100k, 200 ms / bare drain',
      value: term(at('partitioned', hundred, 200)),
      per: bare(200),
      ...atMost(0.35),
    },
    { name: 'full round without changes 100k, 50 ms / bare drain', value: term(at('full', hundred, 50)), per: bare(50), ...atMost(1.25) },
    { name: 'full round without changes 100k: user rows written', value: term(at('full', hundred, 50), 'rowsWritten'), ...atMost(0) },
    { name: '100 changes in 100k, 50 ms / bare request', value: changes(hundred, 100), per: bareRequest(100), ...atMost(8) },
    { name: '100 changes in 100k: storage requests', value: requests(100), ...atMost(220) },
    { name: '100 changes in 100k / the same in 10k', value: changes(hundred, 100), per: changes(10_000, 100), ...atMost(1.5) },
    { name: '0 changes in 100k, 50 ms / bare request', value: changes(hundred, 0), per: bareRequest(0), ...atMost(1.5) },
    { name: '0 changes in 100k: storage requests', value: requests(0), ...atMost(6) },
    {
      name: '200 companies × 500 at once / write floor',
      value: term(many),
      per: term(at('manyFloor', hundred, 0, '8 at a time')),
      ...atMost(1.6),
    },
    { name: '200 companies × 500 at once: longest wait / total', value: term(many, 'longestWaitMs'), per: term(many), ...atMost(0.5) },
    {
      name: 'approve 10k of 100k / write floor',
      value: term(at('approve', hundred, 0, '10000')),
      per: term(at('approveFloor', hundred, 0, '8 at a time')),
      ...atMost(2.5),
    },
    ...listTargets(hundred, 1_000, ['all pending', '90 % decided', 'after 50 rounds'], listOrders),
    { name: 'peak memory, 10k (MB)', value: memory(10_000), ...atMost(450) },
    { name: 'peak memory, 100k (MB)', value: memory(hundred), ...atMost(450) },
    { name: 'peak memory, 300k (MB)', value: memory(300_000), ...atMost(450) },
    { name: 'peak memory, 300k / 100k', value: memory(300_000), per: memory(hundred), ...atMost(1.15) },
    { name: 'one upsert at a time / first sync, 10k, 0 ms', value: naive('oneByOne'), per: term(at('first', 10_000, 0)), ...atLeast(8) },
    {
      name: 'a batch after each page / first sync, 10k, 0 ms',
      value: naive('batchAfterPage'),
      per: term(at('first', 10_000, 0)),
      ...atLeast(2),
    },
  ];
}
