// One round of a company, timed from outside: from the request to the moment storage says that it is over.
import { readSync } from '../shared/storage/sync-state.ts';
import type { Api } from '../sandbox/api.ts';
import type { Company, Msp } from './companies.ts';
import { whenOver } from './measure.ts';
import type { Product } from './product.ts';
import type { Figures } from './samples.ts';
import { makeTenant } from './tenants.ts';

const longestRoundMs = 15 * 60_000;

export interface TimedRound {
  /** `ms`, what it cost, and the counts of the run record. */
  readonly figures: Figures;
  readonly users: number;
}

type Runs = Awaited<ReturnType<Api['runs']>>;

function countsOf([run]: Runs, former: string | null): Figures & { readonly users: number } {
  if (!run || run.runId === former) throw new Error('The round left no record.');
  if (run.status !== 'succeeded') throw new Error(`The round ended as ${run.status}: ${run.problem ?? 'no reason given'}`);
  const { graphCalls, storageCalls, rowsWritten, users, pages } = run.counts;
  return { graphCalls, storageCalls, rowsWritten, users, pages };
}

/**
 * Whether the last round has ended is read from the company's sync row in Azurite, not from the API: a point read every hundredth of the
 * time that has passed costs the app nothing, where the API would take its event loop.
 */
async function waitForEnd({ tables }: Product, companyId: string, former: string | null): Promise<number> {
  const isOver = async () => {
    const { value } = await readSync(tables, companyId);
    return value.round === null && value.lastRoundAt !== null && value.lastRoundAt !== former;
  };
  return await whenOver(isOver, longestRoundMs, 'A round');
}

/** From the moment the company's row says that a round has begun, as its record has it. */
const sinceStart = (ended: number, runs: Runs) => ended - Date.parse(runs[0]?.startedAt ?? '');

/** The first sync of a company that was just connected. */
export async function timeFirstSync(product: Product, api: Api, { companyId }: Company, costs: () => Figures): Promise<TimedRound> {
  const ended = performance.timeOrigin + (await waitForEnd(product, companyId, null));
  const cost = costs();
  const runs = await api.runs(companyId);
  const { users, ...counts } = countsOf(runs, null);
  return { users, figures: { ms: sinceStart(ended, runs), ...cost, ...counts } };
}

/**
 * Sync Now. `ms` is the round's own time, as of one that the schedule starts; `sinceRequestMs` has the HTTP request that asks for it as well.
 */
export async function timeRound(product: Product, api: Api, { companyId }: Company, full: boolean): Promise<TimedRound> {
  const former = (await readSync(product.tables, companyId)).value.lastRoundAt;
  const [formerRun] = await api.runs(companyId);
  const costs = product.startCosts();
  const requested = performance.timeOrigin + performance.now();
  await api.syncNow(companyId, full);
  const ended = performance.timeOrigin + (await waitForEnd(product, companyId, former));
  const cost = costs();
  const runs = await api.runs(companyId);
  const { users, ...counts } = countsOf(runs, formerRun?.runId ?? null);
  return { users, figures: { ms: sinceStart(ended, runs), sinceRequestMs: ended - requested, ...cost, ...counts } };
}

/** Enough for what a first sync runs through to be compiled; above the size from which a load in parts pays. */
const warmUpUsers = 3_200;

/** A tenant whose first sync is not measured. */
export const warmUpTenant = () => makeTenant(0xffff, warmUpUsers);

/** Syncs it, in the way that is measured afterwards: an app that has just started compiles what it runs. */
export async function warmUpApp(product: Product, msp: Msp, loadInParts: boolean): Promise<void> {
  const company = await msp.connect(warmUpTenant(), { loadInParts });
  await timeFirstSync(product, msp.api, company, () => ({}));
  await product.sandbox.settle();
}
