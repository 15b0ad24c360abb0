// One company's rounds against the bare drain of the same tenant: first sync, a full round without changes, and rounds of some changes.
import type { Directory } from '../../sandbox/world/directory.ts';
import type { Bench, Lap } from '../bench.ts';
import { type Company, type Msp, openMsp } from '../companies.ts';
import { graphTokenFor, latestToken } from '../graph-access.ts';
import { type Peer, startPeer } from '../peer.ts';
import { type Product, startProduct } from '../product.ts';
import { timeFirstSync, timeRound, warmUpApp, warmUpTenant } from '../rounds.ts';
import type { Figures } from '../samples.ts';
import { median } from '../statistics.ts';
import { makeTenant, spreadIds } from '../tenants.ts';
import { readWithBackstage } from './backstage.ts';
import { type Drained, drainScaled, warmUp } from './drains.ts';

export interface RoundsOptions {
  readonly population: number;
  readonly latencyMs: number;
  readonly repeats: number;
  /** The bare drain reads this many pages and is scaled to all; everything when absent. */
  readonly drainPages?: number;
  /** Repeats in which the full round is run; all when absent. */
  readonly fullRounds?: number;
  /** Numbers of changes, each with how often it is run in each repeat. */
  readonly changes: Readonly<Record<number, number>>;
  readonly backstage: boolean;
}

interface Stage {
  readonly bench: Bench;
  readonly product: Product;
  readonly directory: Directory;
  readonly msp: Msp;
  readonly company: Company;
  readonly drainer: Peer;
  readonly token: string;
  readonly options: RoundsOptions;
  readonly repeat: number;
}

let serial = 0;

function changeTitles({ product, company, directory }: Stage, count: number): void {
  serial += 1;
  const deeds = product.sandbox.world.deeds(company.tenant.tenantId);
  for (const id of spreadIds(directory, count, serial * 7)) deeds.change(id, { jobTitle: `Title ${serial}` });
}

/** One request is over in no time, so it is repeated; many pages are not. */
const bareRequests = (changes: number) => (changes < 1_000 ? 5 : 1);

/** What the same changes cost a client that stores nothing: the delta request alone, warm. */
async function bareRequest({ drainer, token }: Stage, link: string, changes: number): Promise<Figures> {
  const drains: Drained[] = [];
  for (let count = 0; count < bareRequests(changes); count += 1) drains.push(await drainer.ask<Drained>('drain', { url: link, token }));
  return { ms: median(drains.map(({ figures }) => figures['ms'] ?? 0)), graphCalls: drains[0]?.requests ?? 0 };
}

async function roundOfChanges(stage: Stage, changes: number, times: number): Promise<void> {
  const { bench, product, msp, company, drainer, token, options, repeat } = stage;
  const { population, latencyMs } = options;
  const variant = `${changes} changes`;
  for (let time = 0; time < times; time += 1) {
    bench.progress(`${variant} in ${population.toLocaleString('en')}, ${latencyMs} ms`);
    const { deltaLink } = await drainer.ask<Drained>('drain', { url: latestToken(product), token });
    if (changes > 0) changeTitles(stage, changes);
    bench.record(repeat, { scenario: 'bareRequest', population, latencyMs, variant }, await bareRequest(stage, deltaLink ?? '', changes));
    const round = await timeRound(product, msp.api, company, false);
    if (round.users !== changes) throw new Error(`The round read ${round.users} users instead of ${changes}.`);
    bench.record(repeat, { scenario: 'changes', population, latencyMs, variant }, round.figures);
  }
}

async function runRounds(bench: Bench, options: RoundsOptions, repeat: number): Promise<void> {
  const { population, latencyMs } = options;
  const place = { population, latencyMs };
  const tenant = makeTenant(0, population);
  const product = await startProduct({ ...bench.app, tenants: [tenant, warmUpTenant()], latencyMs: 0 });
  const drainer = startPeer('drain', { NODE_EXTRA_CA_CERTS: product.caFile });
  try {
    const token = await graphTokenFor(product, tenant.tenantId);
    bench.progress(`warming up, ${population.toLocaleString('en')} users`);
    const directory = product.directory(tenant.tenantId);
    const allPages = await warmUp(product, drainer, token);
    const msp = await openMsp(product);
    await warmUpApp(product, msp, false);
    product.sandbox.graph.settings(tenant.tenantId).latencyMs = latencyMs;

    bench.progress(`bare drain, ${population.toLocaleString('en')} users, ${latencyMs} ms`);
    const pages = { allPages, pages: options.drainPages };
    bench.record(repeat, { scenario: 'bare', ...place }, await drainScaled(product, drainer, token, pages));
    if (options.backstage) await readWithBackstage({ bench, product, tenantId: tenant.tenantId, token, place, repeat });

    bench.progress(`first sync, ${population.toLocaleString('en')} users, ${latencyMs} ms`);
    const costs = product.startCosts();
    const company = await msp.connect(tenant, { loadInParts: false });
    const first = await timeFirstSync(product, msp.api, company, costs);
    if (first.users !== directory.liveCount()) throw new Error(`The first sync found ${first.users} users, not ${directory.liveCount()}.`);
    bench.record(repeat, { scenario: 'first', ...place }, first.figures);

    if (repeat < (options.fullRounds ?? Number.POSITIVE_INFINITY)) {
      bench.progress(`full round without changes, ${population.toLocaleString('en')} users, ${latencyMs} ms`);
      bench.record(repeat, { scenario: 'full', ...place }, (await timeRound(product, msp.api, company, true)).figures);
    }
    const stage: Stage = { bench, product, directory, msp, company, drainer, token, options, repeat };
    for (const [changes, times] of Object.entries(options.changes)) await roundOfChanges(stage, Number(changes), times);
    // The kernel keeps the peak of the process's whole life, so one look at the end covers every round.
    const { peakMb } = product.startCosts()();
    if (peakMb !== undefined) bench.record(repeat, { scenario: 'memory', ...place }, { peakMb });
  } finally {
    await drainer.stop();
    await product.stop();
  }
}

export function roundsLap(options: RoundsOptions): Lap {
  return {
    scenario: 'rounds',
    title: `rounds of ${options.population.toLocaleString('en')} users at ${options.latencyMs} ms`,
    repeats: options.repeats,
    run: async (bench, repeat) => await runRounds(bench, options, repeat),
  };
}
