// Many companies at once: all wait for one moment at which their permission works, and all sync for the first time together.
import { setTimeout as pause } from 'node:timers/promises';
import { readSync } from '../../shared/storage/sync-state.ts';
import type { Bench, Lap, ScenarioName } from '../bench.ts';
import { type Company, connectAll, openMsp } from '../companies.ts';
import { type Product, startProduct } from '../product.ts';
import { percentile } from '../statistics.ts';
import { makeTenant } from '../tenants.ts';
import { deliverHeldMail } from './mail.ts';

export interface ManyOptions {
  readonly companies: number;
  readonly usersEach: number;
  readonly latencyMs: number;
  readonly repeats: number;
  /** Every how many companies one is throttled hard; none when absent. */
  readonly throttledEvery?: number;
  readonly scenario: Extract<ScenarioName, 'many' | 'fleet'>;
}

/** Longer than all connections take, which must be less than the 12 minutes for which the product waits for a permission. */
const rolesDelayMs = 30 * 60_000;
const longestMs = 15 * 60_000;
/** Resource units per 10 s that leave a tenant a request or two in that time. */
const hardQuota = 2;
const lookMs = 100;

/** When each of these companies had been synced, on the sandbox's clock; their sync rows are asked no more than needed. */
async function waitForAll(product: Product, companies: readonly Company[], bench: Bench): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  const start = performance.now();
  while (ends.size < companies.length) {
    if (performance.now() - start > longestMs) throw new Error(`${companies.length - ends.size} companies were not synced.`);
    // In the order in which they are likely to end; those behind are not asked before those ahead are done.
    const open = companies.filter(({ companyId }) => !ends.has(companyId)).slice(0, 10);
    for (const { companyId } of open) {
      const { value } = await readSync(product.tables, companyId);
      if (value.round === null && value.lastRoundAt !== null) ends.set(companyId, Date.parse(value.lastRoundAt));
    }
    bench.progress(`${ends.size} of ${companies.length} companies synced`);
    await pause(lookMs);
  }
  return ends;
}

/** When each tenant was first asked for users after the start, in milliseconds since then; the probe is one request. */
function watchFirstRequests(
  { sandbox }: Product,
  companies: readonly Company[],
): { readonly waits: Map<string, number>; stop: () => void } {
  const before = new Map(companies.map(({ tenant }) => [tenant.tenantId, sandbox.graph.requestCount(tenant.tenantId)]));
  const waits = new Map<string, number>();
  const start = performance.now();
  const timer = setInterval(() => {
    for (const [tenantId, count] of before) {
      if (waits.has(tenantId) || sandbox.graph.requestCount(tenantId) < count + 2) continue;
      waits.set(tenantId, performance.now() - start);
    }
  }, lookMs);
  return { waits, stop: () => clearInterval(timer) };
}

async function runMany(bench: Bench, options: ManyOptions, repeat: number): Promise<void> {
  const { companies: count, usersEach, latencyMs, scenario, throttledEvery } = options;
  const tenants = Array.from({ length: count }, (_, number) => makeTenant(number, usersEach));
  const product = await startProduct({
    ...bench.app,
    tenants,
    latencyMs,
    rolesDelayMs,
    settings: { ...bench.app.settings, MAIL_PER_MINUTE: '1000000', MAIL_PER_HOUR: '1000000' },
  });
  try {
    const { sandbox } = product;
    // The mail service takes almost nothing for now: mail is measured afterwards, on its own.
    Object.assign(sandbox.email.settings, { sendPerMinute: 1, sendPerHour: 1, statusPerMinute: 1e6, statusPerHour: 1e6 });
    const isThrottled = (index: number) => throttledEvery !== undefined && index % throttledEvery === throttledEvery - 1;
    for (const [index, tenant] of tenants.entries())
      if (isThrottled(index)) sandbox.graph.settings(tenant.tenantId).resourceUnitsPer10s = hardQuota;
    const msp = await openMsp(product);
    const companies = await connectAll(msp, tenants, (done) => bench.progress(`${done} of ${count} companies connected`));
    const throttled = new Set(tenants.filter((_, index) => isThrottled(index)).map(({ tenantId }) => tenantId));

    const costs = product.startCosts();
    const requests = watchFirstRequests(product, companies);
    sandbox.clock.advance(rolesDelayMs);
    const go = sandbox.clock.now();
    const free = companies.filter(({ tenant }) => !throttled.has(tenant.tenantId));
    const endOf = await waitForAll(product, free, bench);
    const freeEnds = free.map(({ companyId }) => (endOf.get(companyId) ?? go) - go);
    const cost = costs();
    const total = Math.max(...freeEnds);
    const waits = free.map(({ tenant }) => requests.waits.get(tenant.tenantId) ?? total);
    const rounds = waits.map((wait, index) => (freeEnds[index] ?? total) - wait);
    const figures = {
      ms: total,
      ...cost,
      medianCompanyMs: percentile(freeEnds, 0.5),
      slowest5PercentMs: percentile(freeEnds, 0.95),
      // From a tenant's first request to the end of its round: what a company waits for once it is its turn.
      longestWaitMs: Math.max(...rounds),
      medianWaitMs: percentile(rounds, 0.5),
      // Before its turn; with everybody asking at once, somebody is last.
      longestQueueMs: Math.max(...waits),
    };
    const place = { population: count * usersEach, latencyMs, variant: `${count} × ${usersEach}` };
    bench.record(repeat, { scenario, ...place }, figures);
    if (throttled.size > 0) {
      const others = companies.filter(({ tenant }) => throttled.has(tenant.tenantId));
      const ends = [...(await waitForAll(product, others, bench)).values()].map((end) => end - go);
      bench.record(repeat, { scenario: `${scenario}Throttled`, ...place }, { ms: Math.max(...ends), companies: ends.length });
    }
    requests.stop();
    await deliverHeldMail({ bench, product, expected: count, place: { ...place, scenario: 'mail' }, repeat });
  } finally {
    await product.stop();
  }
}

export function manyLap(options: ManyOptions): Lap {
  return {
    scenario: options.scenario,
    title: `${options.companies.toLocaleString('en')} companies of ${options.usersEach} users at once`,
    repeats: options.repeats,
    run: async (bench, repeat) => await runMany(bench, options, repeat),
  };
}
