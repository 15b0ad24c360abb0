// Binds use cases to Durable Functions: activities by name, and starting orchestrations through the client of an invocation.
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import pLimit from 'p-limit';
import type { Ports } from '../shared/ports/ports.ts';
import { announceWaiting, findLostWork, readFleetPlan, startScheduled } from '../shared/use-cases/run-fleet.ts';
import { findOpenJobs } from '../shared/use-cases/decision-jobs.ts';
import { decideMatchingInput, decideMatchingInstance } from './decide-matching.ts';
import { connectInput, syncInput } from './orchestrations.ts';
import type { Starter } from './route.ts';

export const ended: readonly string[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** The present status of an instance; `undefined` when there is none (the SDK throws on 404). */
export async function statusOf(client: df.DurableClient, instanceId: string): Promise<string | undefined> {
  try {
    return (await client.getStatus(instanceId)).runtimeStatus;
  } catch {
    return undefined;
  }
}

/** Starts an orchestration unless it exists already: a repeated request must not start a second one. */
async function startOnce(client: df.DurableClient, name: string, instanceId: string, input: unknown): Promise<void> {
  if ((await statusOf(client, instanceId)) === undefined) await startNow(client, name, instanceId, input);
}

/**
 * Starts an orchestration without looking first. One that runs is not started again (409), and one that has ended and runs once more
 * finds that its fence or its job is over.
 */
async function startNow(client: df.DurableClient, name: string, instanceId: string, input: unknown): Promise<void> {
  try {
    await client.startNew(name, { instanceId, input });
  } catch (error) {
    // The fleet's timer may have been faster; then it runs, and that is all that was wanted.
    if ((await statusOf(client, instanceId)) === undefined) throw error;
  }
}

/** Starts orchestrations through the durable client of this invocation. */
export function starterOf(context: InvocationContext, ports: Ports): Starter {
  const client = df.getClient(context);
  return {
    startSync: async (companyId, { instanceId, fence }) => await startNow(client, 'syncCompany', instanceId, syncInput(companyId, fence)),
    startProbe: async (companyId, instanceId) =>
      await startOnce(client, 'connectCompany', instanceId, connectInput(companyId, ports.clock.now().toISOString())),
    startDecisionJob: async (companyId, jobId) => {
      const job = { companyId, jobId };
      await startOnce(client, 'decideMatching', decideMatchingInstance(job), decideMatchingInput(job));
    },
  };
}

/** Companies served at the same time by one run of the timer. */
const companiesAtOnce = 8;

/** The fleet's minute: start who is due, revive what was lost, announce who waits. One company's trouble never stops the others. */
export async function runFleet(context: InvocationContext, ports: Ports): Promise<void> {
  const client = df.getClient(context);
  const plan = await readFleetPlan(ports);
  const limit = pLimit(companiesAtOnce);
  const forEach = async <T>(items: readonly T[], companyOf: (item: T) => string, work: (item: T) => Promise<void>) => {
    const guarded = async (item: T) => {
      try {
        await work(item);
      } catch (error) {
        const facts = { companyId: companyOf(item), error: error instanceof Error ? error.message : 'unknown' };
        ports.log('error', 'The fleet could not serve a company.', facts);
      }
    };
    await Promise.all(items.map((item) => limit(async () => await guarded(item))));
  };
  const itself = (companyId: string) => companyId;
  await forEach(
    plan.check,
    ({ companyId }) => companyId,
    async ({ companyId, instanceId }) => {
      const status = await statusOf(client, instanceId);
      if (status !== undefined && !ended.includes(status)) return;
      const lost = await findLostWork(ports, companyId, instanceId);
      if (lost?.kind === 'sync') await client.startNew('syncCompany', { instanceId, input: syncInput(companyId, lost.fence) });
      if (lost?.kind === 'probe')
        await client.startNew('connectCompany', { instanceId, input: connectInput(companyId, ports.clock.now().toISOString()) });
    },
  );
  await forEach(plan.start, itself, async (companyId) => {
    const start = await startScheduled(ports, companyId);
    if (start.kind === 'start') await startNow(client, 'syncCompany', start.instanceId, syncInput(companyId, start.fence));
  });
  await forEach(plan.announce, itself, async (companyId) => await announceWaiting(ports, companyId));
}

/** Starts the orchestrations of decision jobs anew where they were lost or have ended before their job. */
export async function reviveDecisionJobs(context: InvocationContext, ports: Ports): Promise<void> {
  const client = df.getClient(context);
  for (const job of await findOpenJobs(ports)) {
    const instanceId = decideMatchingInstance(job);
    const status = await statusOf(client, instanceId);
    if (status !== undefined && !ended.includes(status)) continue;
    try {
      await client.startNew('decideMatching', { instanceId, input: decideMatchingInput(job) });
    } catch (error) {
      ports.log('error', 'A decision job could not be revived.', { ...job, error: error instanceof Error ? error.message : 'unknown' });
    }
  }
}

/** Orchestrations that ended longer ago than this are forgotten: who asks about a round asks its record. */
const historyKeptMs = 7 * 86_400_000;
/** Where to begin looking; the timer runs often, so older ones are gone already. */
const lookedThroughMs = 30 * 86_400_000;

/** Each round leaves an instance with its history in the task hub; without this they would grow without end. */
export async function purgeEnded(context: InvocationContext, ports: Ports): Promise<void> {
  const now = ports.clock.now().getTime();
  const { Completed, Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
  const { instancesDeleted } = await df.getClient(context).purgeInstanceHistoryBy({
    createdTimeFrom: new Date(now - lookedThroughMs),
    createdTimeTo: new Date(now - historyKeptMs),
    runtimeStatus: [Completed, Failed, Terminated, Canceled],
  });
  if (instancesDeleted > 0) ports.log('info', 'Forgot orchestrations that ended long ago.', { instancesDeleted });
}
