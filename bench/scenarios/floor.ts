// The write floor: rows like the product's own in hand-made transactions, over as many shards, without Graph.
import { shardsFor } from '../../shared/domain/sync-round.ts';
import type { Bench, Lap } from '../bench.ts';
import { openMsp } from '../companies.ts';
import { startPeer } from '../peer.ts';
import { startFreshAzurite, startProduct } from '../product.ts';
import { timeFirstSync } from '../rounds.ts';
import type { Figures } from '../samples.ts';
import { makeTenant } from '../tenants.ts';

interface FloorOptions {
  readonly population: number;
  /** Rows written again afterwards: the floor of a bulk approval. */
  readonly updates: number;
  readonly repeats: number;
  /** Shards to write to; those of one company of this size when absent. */
  readonly shards?: number;
  readonly scenario: string;
  /** Numbers of transactions under way at a time; each is a measurement of its own. */
  readonly inFlight: readonly number[];
}

const templateUsers = 1_000;
let templates: Promise<readonly string[]> | undefined;

/** Rows as the product stores them, from a company of 1,000; taken once a run. */
async function readTemplates(bench: Bench): Promise<readonly string[]> {
  bench.progress('taking rows of the product as templates');
  const tenant = makeTenant(0, templateUsers);
  const product = await startProduct({ ...bench.app, tenants: [tenant], latencyMs: 0 });
  const reader = startPeer('write-floor');
  try {
    const msp = await openMsp(product);
    await timeFirstSync(product, msp.api, await msp.connect(tenant), product.startCosts());
    const rows = await reader.ask<readonly string[]>('templates', { tables: product.tablesConnection });
    if (rows.length < templateUsers / 2) throw new Error(`Only ${rows.length} rows could be taken as templates.`);
    return rows;
  } finally {
    await reader.stop();
    await product.stop();
  }
}

async function runFloor(bench: Bench, options: FloorOptions, repeat: number): Promise<void> {
  const { population, updates, scenario } = options;
  templates ??= readTemplates(bench);
  const rows = await templates;
  for (const inFlight of options.inFlight) {
    bench.progress(`write floor, ${population.toLocaleString('en')} rows, ${inFlight} transactions at a time`);
    const azurite = await startFreshAzurite();
    const writer = startPeer('write-floor');
    try {
      const { write, update } = await writer.ask<{ readonly write: Figures; readonly update: Figures }>('write', {
        tables: azurite.connectionString,
        rows: population,
        shards: options.shards ?? shardsFor(population),
        inFlight,
        templates: rows,
        updates,
      });
      const place = { population, latencyMs: 0, variant: `${inFlight} at a time` };
      bench.record(repeat, { scenario, ...place }, { ...write, ...azurite.costs() });
      if (updates > 0) bench.record(repeat, { scenario: 'approveFloor', ...place }, update);
    } finally {
      await writer.stop();
      await azurite.stop();
    }
  }
}

export function floorLap(options: FloorOptions): Lap {
  return {
    scenario: 'floor',
    title: `write floor of ${options.population.toLocaleString('en')} rows${options.shards === undefined ? '' : ` in ${options.shards} partitions`}`,
    repeats: options.repeats,
    run: async (bench, repeat) => await runFloor(bench, options, repeat),
  };
}
