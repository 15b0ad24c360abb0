// Pages of the pending list over HTTP: how long one takes and what it asks of storage, in both orders and for several kinds.
import type { Api } from '../../sandbox/api.ts';
import type { Bench } from '../bench.ts';
import type { Company } from '../companies.ts';
import type { Product } from '../product.ts';
import { median } from '../statistics.ts';
import type { CallCounts } from '../storage-relay.ts';

const pagesInRow = 4;
const pageSize = 50;

const queries = [
  { name: 'by name', query: { sort: 'name' } },
  { name: 'by arrival', query: { sort: 'arrival' } },
  { name: 'people by name', query: { sort: 'name', kind: 'person' } },
  { name: 'guests by name', query: { sort: 'name', kind: 'guest' } },
  { name: 'rooms by arrival', query: { sort: 'arrival', kind: 'room' } },
] as const;

export const listQueries: readonly string[] = queries.map(({ name }) => name);

export function sumOf(counts: CallCounts): number {
  return Object.values(counts).reduce((sum, { points, others }) => sum + points + others, 0);
}

/** What any request costs before it does its work: who asks, and may they. Told by the request that does nearly nothing else. */
export async function callsToKnowWhoAsks({ relay }: Product, api: Api, companyId: string): Promise<number> {
  relay?.take();
  await api.call(`/companies/${companyId}`);
  return sumOf(relay?.take() ?? {});
}

/** Reads the first pages of each list and records every one. `points` are point reads, `others` all the rest. */
export async function listPages({
  bench,
  product,
  api,
  company: { companyId },
  population,
  repeat,
  state,
}: {
  readonly bench: Bench;
  readonly product: Product;
  readonly api: Api;
  readonly company: Company;
  readonly population: number;
  readonly repeat: number;
  readonly state: string;
}): Promise<void> {
  bench.progress(`pages of ${pageSize}, ${population.toLocaleString('en')} people, ${state}`);
  const asking = await callsToKnowWhoAsks(product, api, companyId);
  for (const { name, query } of queries) {
    // One page that is not counted, so that the first is not the one that compiles the code.
    await api.userPage(companyId, { ...query, limit: pageSize });
    let page: string | null | undefined;
    const times: number[] = [];
    const reads: number[] = [];
    for (let count = 0; count < pagesInRow && page !== null; count += 1) {
      product.relay?.take();
      const start = performance.now();
      const answer = await api.userPage(companyId, { ...query, limit: pageSize, page });
      const ms = performance.now() - start;
      const calls = product.relay?.take() ?? {};
      const { points = 0 } = calls['users'] ?? {};
      const figures = { ms, shown: answer.users.length, userReads: points, otherCalls: sumOf(calls) - points - asking };
      page = answer.nextPage;
      // The last page is shorter than others and would make a list look faster the fewer people it has.
      if (page === null && count > 0) break;
      bench.record(repeat, { scenario: 'list', population, latencyMs: 0, variant: `${name}, ${state}` }, figures, 'silent');
      times.push(ms);
      reads.push(points);
    }
    const where = `${population.toLocaleString('en')} people, ${state}`;
    bench.tell(`List page ${name}, ${where}: median ${median(times).toFixed(0)} ms, ${median(reads)} reads of users`);
  }
}
