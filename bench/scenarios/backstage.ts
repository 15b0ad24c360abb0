// Backstage's reader on the same tenant: it reads lists of 999 into memory and stores nothing, which is the nearest thing in the field.
import type { Bench } from '../bench.ts';
import { listFields } from '../graph-access.ts';
import { startPeer } from '../peer.ts';
import { installPeers } from '../peers/install.ts';
import type { Product } from '../product.ts';
import type { Figures } from '../samples.ts';

let notInstalled: string | null | undefined;

export async function readWithBackstage({
  bench,
  product,
  tenantId,
  token,
  place,
  repeat,
}: {
  readonly bench: Bench;
  readonly product: Product;
  readonly tenantId: string;
  readonly token: string;
  readonly place: { readonly population: number; readonly latencyMs: number };
  readonly repeat: number;
}): Promise<void> {
  notInstalled ??= installPeers();
  if (notInstalled !== null) return bench.cannotMeasure('Backstage’s reader', notInstalled);
  bench.progress(`Backstage’s reader, ${place.population.toLocaleString('en')} users, ${place.latencyMs} ms`);
  const { graph } = product.sandbox;
  const reader = startPeer('backstage', { NODE_EXTRA_CA_CERTS: product.caFile });
  try {
    const input = { baseUrl: graph.baseUrl, token, tenantId, select: listFields };
    // Once for the stand-in, which keeps what it has rendered for a selection, and for the program, which is compiled.
    graph.settings(tenantId).latencyMs = 0;
    await reader.ask('read', input);
    graph.settings(tenantId).latencyMs = place.latencyMs;
    const before = graph.requestCount(tenantId);
    const { figures } = await reader.ask<{ readonly users: number; readonly figures: Figures }>('read', input);
    bench.record(repeat, { scenario: 'backstage', ...place }, { ...figures, graphCalls: graph.requestCount(tenantId) - before });
  } catch (error) {
    bench.cannotMeasure('Backstage’s reader', error instanceof Error ? error.message : String(error));
  } finally {
    graph.settings(tenantId).latencyMs = place.latencyMs;
    await reader.stop();
  }
}
