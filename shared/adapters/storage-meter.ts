// Counts the HTTP requests to storage that one piece of work makes, so that tests and run records can hold it to a budget.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TableServiceClientOptions } from '@azure/data-tables';
import type { StorageMeter } from '../ports/ports.ts';

/** A policy of the Azure SDKs' HTTP pipeline. */
export type PipelinePolicy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number]['policy'];

interface Count {
  calls: number;
  /** The measurement this one is part of: its work includes ours. */
  readonly outer: Count | undefined;
}

/**
 * Makes a meter and the policy that feeds it. Give the policy to every client to be measured, where repeated attempts count as well:
 * `additionalPolicies: [{ policy, position: 'perRetry' }]`, or `client.pipeline.addPolicy(policy, { afterPhase: 'Retry' })` later on.
 * A transaction is one request, whatever it holds.
 *
 * Measurements may run side by side: each counts what was started from inside it. A measurement inside another counts for both.
 */
export function makeStorageMeter(): { readonly meter: StorageMeter; readonly policy: PipelinePolicy } {
  const current = new AsyncLocalStorage<Count>();
  return {
    meter: async (work) => {
      const count: Count = { calls: 0, outer: current.getStore() };
      const value = await current.run(count, async () => await work(() => count.calls));
      return { value, calls: count.calls };
    },
    policy: {
      name: 'storageMeterPolicy',
      sendRequest: (request, next) => {
        for (let count = current.getStore(); count !== undefined; count = count.outer) count.calls += 1;
        return next(request);
      },
    },
  };
}
