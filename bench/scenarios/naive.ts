// Two naive syncs on the same tenant, each into an Azurite of its own: one upsert at a time, and a transaction of 100 after each page.
import type { Bench, Lap } from '../bench.ts';
import { firstPage, graphTokenFor } from '../graph-access.ts';
import { startPeer } from '../peer.ts';
import { startFreshAzurite, startProduct } from '../product.ts';
import type { Figures } from '../samples.ts';
import { makeTenant } from '../tenants.ts';
import { warmUp } from './drains.ts';

export const naiveWays = ['oneByOne', 'batchAfterPage'] as const;

async function runNaive(bench: Bench, population: number, repeat: number): Promise<void> {
  const tenant = makeTenant(0, population);
  const product = await startProduct({ ...bench.app, tenants: [tenant], latencyMs: 0 });
  const drainer = startPeer('drain', { NODE_EXTRA_CA_CERTS: product.caFile });
  try {
    const token = await graphTokenFor(product, tenant.tenantId);
    await warmUp(product, drainer, token);
    for (const way of naiveWays) {
      bench.progress(`naive sync of ${population.toLocaleString('en')} users, ${way}`);
      const azurite = await startFreshAzurite();
      const peer = startPeer('store', { NODE_EXTRA_CA_CERTS: product.caFile });
      try {
        const input = { url: firstPage(product), token, tables: azurite.connectionString, way };
        const { figures } = await peer.ask<{ readonly figures: Figures }>('store', input);
        bench.record(repeat, { scenario: 'naive', population, latencyMs: 0, variant: way }, { ...figures, ...azurite.costs() });
      } finally {
        await peer.stop();
        await azurite.stop();
      }
    }
  } finally {
    await drainer.stop();
    await product.stop();
  }
}

export function naiveLap({ population, repeats }: { readonly population: number; readonly repeats: number }): Lap {
  return {
    scenario: 'naive',
    title: `naive syncs of ${population.toLocaleString('en')} users`,
    repeats,
    run: async (bench, repeat) => await runNaive(bench, population, repeat),
  };
}
