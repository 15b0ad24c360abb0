// Binds use cases to Durable Functions: activities by name, and starting orchestrations through the client of an invocation.
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Ports } from '../shared/ports/ports.ts';
import { announceWaiting, findLostWork, readFleetPlan, startScheduled } from '../shared/use-cases/run-fleet.ts';
import { connectInput, syncInput } from './orchestrations.ts';
import type { Starter } from './route.ts';

const ended: readonly string[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** The present status of an instance; `undefined` when there is none (the SDK throws on 404). */
async function statusOf(client: df.DurableClient, instanceId: string): Promise<string | undefined> {
  try {
    return (await client.getStatus(instanceId)).runtimeStatus;
  } catch {
    return undefined;
  }
}

/** Starts an orchestration unless it exists already: a repeated request must not start a second one. */
async function startOnce(client: df.DurableClient, name: string, instanceId: string, input: unknown): Promise<void> {
  if ((await statusOf(client, instanceId)) !== undefined) return;
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
    startSync: async (companyId, { instanceId, fence }) => await startOnce(client, 'syncCompany', instanceId, syncInput(companyId, fence)),
    startProbe: async (companyId, instanceId) =>
      await startOnce(client, 'connectCompany', instanceId, connectInput(companyId, ports.clock.now().toISOString())),
  };
}

/** The fleet's minute: start who is due, revive what was lost, announce who waits. One company's trouble never stops the others. */
export async function runFleet(context: InvocationContext, ports: Ports): Promise<void> {
  const client = df.getClient(context);
  const plan = await readFleetPlan(ports);
  const guarded = async (companyId: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      ports.log('error', 'The fleet could not serve a company.', { companyId, error: error instanceof Error ? error.message : 'unknown' });
    }
  };
  for (const { companyId, instanceId } of plan.check) {
    await guarded(companyId, async () => {
      const status = await statusOf(client, instanceId);
      if (status !== undefined && !ended.includes(status)) return;
      const lost = await findLostWork(ports, companyId, instanceId);
      if (lost?.kind === 'sync') await client.startNew('syncCompany', { instanceId, input: syncInput(companyId, lost.fence) });
      if (lost?.kind === 'probe')
        await client.startNew('connectCompany', { instanceId, input: connectInput(companyId, ports.clock.now().toISOString()) });
    });
  }
  for (const companyId of plan.start) {
    await guarded(companyId, async () => {
      const start = await startScheduled(ports, companyId);
      if (start.kind === 'start') await startOnce(client, 'syncCompany', start.instanceId, syncInput(companyId, start.fence));
    });
  }
  for (const companyId of plan.announce) await guarded(companyId, async () => await announceWaiting(ports, companyId));
}
