// First sync by the partitioned load: lists split by first letter, read side by side, instead of the delta chain.
import type { Bench, Lap } from '../bench.ts';
import { openMsp } from '../companies.ts';
import { graphTokenFor } from '../graph-access.ts';
import { startPeer } from '../peer.ts';
import { startProduct } from '../product.ts';
import { timeFirstSync, warmUpApp, warmUpTenant } from '../rounds.ts';
import { makeTenant } from '../tenants.ts';
import { warmUp } from './drains.ts';

interface PartitionedOptions {
  readonly population: number;
  readonly latencyMs: number;
  readonly repeats: number;
}

async function runPartitioned(bench: Bench, { population, latencyMs }: PartitionedOptions, repeat: number): Promise<void> {
  const tenant = makeTenant(0, population);
  const product = await startProduct({ ...bench.app, tenants: [tenant, warmUpTenant()], latencyMs: 0 });
  const drainer = startPeer('drain', { NODE_EXTRA_CA_CERTS: product.caFile });
  try {
    bench.progress(`warming up, ${population.toLocaleString('en')} users`);
    await warmUp(product, drainer, await graphTokenFor(product, tenant.tenantId));
    const msp = await openMsp(product);
    await warmUpApp(product, msp, true);
    product.sandbox.graph.settings(tenant.tenantId).latencyMs = latencyMs;
    bench.progress(`partitioned first sync, ${population.toLocaleString('en')} users, ${latencyMs} ms`);
    const costs = product.startCosts();
    const company = await msp.connect(tenant, { loadInParts: true });
    const { figures, users } = await timeFirstSync(product, msp.api, company, costs);
    const live = product.directory(tenant.tenantId).liveCount();
    if (users !== live) throw new Error(`The first sync found ${users} users, not ${live}.`);
    bench.record(repeat, { scenario: 'partitioned', population, latencyMs }, figures);
  } finally {
    await drainer.stop();
    await product.stop();
  }
}

export function partitionedLap(options: PartitionedOptions): Lap {
  return {
    scenario: 'partitioned',
    title: `partitioned first sync of ${options.population.toLocaleString('en')} users at ${options.latencyMs} ms`,
    repeats: options.repeats,
    run: async (bench, repeat) => await runPartitioned(bench, options, repeat),
  };
}
