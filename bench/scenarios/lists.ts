// A company with many pending people: list pages, bulk approval, and what a round asks of storage, counted by a relay before Azurite.
import type { Directory } from '../../sandbox/world/directory.ts';
import type { Bench, Lap } from '../bench.ts';
import { type Company, type Msp, openMsp } from '../companies.ts';
import { type Product, startProduct } from '../product.ts';
import { timeFirstSync, timeRound } from '../rounds.ts';
import { makeTenant, spreadIds } from '../tenants.ts';
import { approveWave, formWave } from './approve.ts';
import { callsToKnowWhoAsks, listPages, sumOf } from './list-pages.ts';

export interface ListsOptions {
  readonly population: number;
  readonly repeats: number;
  /** How many people one bulk approval takes; 0 leaves bulk approval and what follows it out. */
  readonly approvals: number;
  /** Rounds that bring new people, one after the other, before the pages are read again. */
  readonly openRounds: number;
}

interface Stage {
  readonly bench: Bench;
  readonly product: Product;
  readonly msp: Msp;
  readonly company: Company;
  readonly population: number;
  readonly repeat: number;
}

/** The storage requests of a whole round as Azurite sees them, less what it takes to know who asks for it. */
async function countRound({ bench, product, msp, company, population, repeat }: Stage, changes: number): Promise<void> {
  const directory = product.directory(company.tenant.tenantId);
  const deeds = product.sandbox.world.deeds(company.tenant.tenantId);
  for (const id of changes === 0 ? [] : spreadIds(directory, changes, repeat + changes)) deeds.change(id, { jobTitle: `Title ${repeat}` });
  await product.sandbox.settle();
  const asking = await callsToKnowWhoAsks(product, msp.api, company.companyId);
  product.relay?.take();
  await msp.api.syncNow(company.companyId);
  await product.sandbox.settle();
  const storageRequests = sumOf(product.relay?.take() ?? {}) - asking;
  bench.record(repeat, { scenario: 'roundRequests', population, latencyMs: 0, variant: `${changes} changes` }, { storageRequests });
}

const hiresPerRound = 5;

async function openManyRounds({ bench, product, msp, company }: Stage, rounds: number): Promise<void> {
  const deeds = product.sandbox.world.deeds(company.tenant.tenantId);
  for (let round = 0; round < rounds; round += 1) {
    bench.progress(`round ${round + 1} of ${rounds} that brings new people`);
    for (let hire = 0; hire < hiresPerRound; hire += 1)
      deeds.hire({ displayName: `New ${round} Person ${hire}`, alias: `new.${round}.${hire}` });
    await timeRound(product, msp.api, company, false);
  }
}

interface Wave {
  readonly department: string;
  readonly ids: readonly string[];
  readonly timed: boolean;
}

const approvalsTimed = 3;

/** Three waves of the size that is measured, and one of the rest up to 90 % of everybody. */
function wavesOf(directory: Directory, size: number): readonly Wave[] {
  const people = spreadIds(directory, directory.liveCount());
  const timed = Array.from({ length: approvalsTimed }, (_, wave) => ({
    department: `Wave ${wave + 1}`,
    ids: people.slice(wave * size, (wave + 1) * size),
    timed: true,
  }));
  return [
    ...timed,
    { department: 'Wave of the rest', ids: people.slice(approvalsTimed * size, Math.floor(0.9 * people.length)), timed: false },
  ];
}

async function runLists(bench: Bench, options: ListsOptions, repeat: number): Promise<void> {
  const { population, approvals, openRounds } = options;
  const tenant = makeTenant(0, population);
  const product = await startProduct({ ...bench.app, tenants: [tenant], latencyMs: 0, countCalls: true });
  try {
    bench.progress(`first sync of ${population.toLocaleString('en')} users, for its lists`);
    const waves = approvals === 0 ? [] : wavesOf(product.directory(tenant.tenantId), approvals);
    for (const { department, ids } of waves) formWave(product, tenant.tenantId, department, ids);
    const msp = await openMsp(product);
    const company = await msp.connect(tenant);
    await timeFirstSync(product, msp.api, company, product.startCosts());
    await product.sandbox.settle();
    const stage: Stage = { bench, product, msp, company, population, repeat };
    const read = async (state: string) => await listPages({ bench, product, api: msp.api, company, population, repeat, state });
    for (const changes of [0, 100]) await countRound(stage, changes);
    await read('all pending');
    for (const { department, ids, timed } of waves) {
      bench.progress(`approving ${ids.length.toLocaleString('en')} of ${population.toLocaleString('en')}`);
      const costs = product.startCosts();
      const ms = await approveWave(msp.api, company.companyId, department, ids.length);
      if (timed) bench.record(repeat, { scenario: 'approve', population, latencyMs: 0, variant: `${approvals}` }, { ms, ...costs() });
      await product.sandbox.settle();
    }
    if (waves.length > 0) await read('90 % decided');
    if (openRounds > 0) {
      await openManyRounds(stage, openRounds);
      await product.sandbox.settle();
      await read(`after ${openRounds} rounds`);
    }
  } finally {
    await product.stop();
  }
}

export function listsLap(options: ListsOptions): Lap {
  return {
    scenario: 'lists',
    title: `lists of ${options.population.toLocaleString('en')} pending people`,
    repeats: options.repeats,
    run: async (bench, repeat) => await runLists(bench, options, repeat),
  };
}
