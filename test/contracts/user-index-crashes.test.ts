// A user whose row says "listed" is never missing from the index, wherever writers, readers and compactions are broken
// off or overtake each other: every place of a few well-chosen scenes, and random histories.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMissingTables, makeTables } from '../../shared/adapters/tables.ts';
import type { Table } from '../../shared/ports/tables.ts';
import { startAzurite } from '../../sandbox/azurite.ts';
import { makeFakeTables } from '../fakes/tables.ts';
import { makeWorld, people, type Step, type Trouble, type World } from './user-index-world.ts';

const pasts: Readonly<Record<string, readonly Step[]>> = {
  'an index never packed': [
    { kind: 'list', from: 0, count: 100, renamed: true, packed: false },
    { kind: 'wait', minutes: 61 },
    { kind: 'decide', from: 20, count: 60 },
  ],
  /** Two old runs and old loose rows, in part decided since, one run that replaced others, and something young of each. */
  'an index of every kind of row': [
    { kind: 'list', from: 0, count: 60, renamed: true, packed: true },
    { kind: 'list', from: 40, count: 60, renamed: true, packed: true },
    { kind: 'wait', minutes: 61 },
    { kind: 'compact' },
    { kind: 'list', from: 100, count: 30, renamed: true, packed: true },
    { kind: 'list', from: 120, count: 40, renamed: false, packed: false },
    { kind: 'decide', from: 20, count: 130 },
    { kind: 'wait', minutes: 61 },
    { kind: 'list', from: 200, count: 5, renamed: false, packed: true },
    { kind: 'list', from: 210, count: 25, renamed: false, packed: false },
  ],
};

const steps: Readonly<Record<string, Step>> = {
  'a reading': { kind: 'read' },
  'a compaction': { kind: 'compact' },
  'a packed addition': { kind: 'list', from: 10, count: 130, renamed: false, packed: true },
  'a loose addition': { kind: 'list', from: 10, count: 130, renamed: false, packed: false },
  'a decision about many': { kind: 'decide', from: 0, count: 120, packed: true },
  'a decision about some': { kind: 'decide', from: 0, count: 15 },
  'a compaction that asks nobody': { kind: 'compact', asking: false },
};

const others: Readonly<Record<string, readonly Step[]>> = {
  'a compaction': [{ kind: 'compact' }],
  'compactions over hours': [
    { kind: 'compact' },
    { kind: 'wait', minutes: 61 },
    { kind: 'list', from: 300, count: 30, renamed: false, packed: false },
    { kind: 'compact' },
    { kind: 'wait', minutes: 61 },
    { kind: 'list', from: 330, count: 30, renamed: false, packed: false },
    { kind: 'compact' },
  ],
  'a compaction that asks nobody': [{ kind: 'compact', asking: false }],
  'a decision': [{ kind: 'decide', from: 0, count: 150 }],
  'a decision, a return and a compaction that asks nobody': [
    { kind: 'decide', from: 0, count: 150 },
    { kind: 'list', from: 20, count: 100, renamed: false, packed: true },
    { kind: 'compact', asking: false },
  ],
  'the return of decided users, loose': [{ kind: 'list', from: 20, count: 130, renamed: false, packed: false }],
  'the return of decided users, packed': [{ kind: 'list', from: 20, count: 130, renamed: false, packed: true }],
  'the return of decided users and a compaction': [
    { kind: 'list', from: 20, count: 130, renamed: false, packed: true },
    { kind: 'wait', minutes: 20 },
    { kind: 'compact' },
  ],
};

/** More than any threshold, so that the compaction after it happens. Nobody else is about these users. */
const fill: Step = { kind: 'list', from: 370, count: 30, renamed: true, packed: false };

/** Lets everything in flight land and be compacted: exactly those listed must be left. */
async function settle(world: World): Promise<void> {
  await world.readAll();
  await world.perform(fill);
  await world.perform({ kind: 'wait', minutes: 61 });
  await world.perform({ kind: 'compact' });
  expect((await world.readAll()).toSorted()).toEqual(world.listed());
}

/** Plays the scene with the trouble at each storage call of the step, until the step is over before its trouble comes. */
async function atEveryCall(past: readonly Step[], step: Step, troubleAt: (call: number) => Trouble): Promise<void> {
  let calls = Number.POSITIVE_INFINITY;
  for (let call = 1; call <= calls; call += 1) {
    const world = makeWorld(makeFakeTables().lists);
    for (const one of past) await world.perform(one);
    const made = await world.perform({ ...step, trouble: troubleAt(call) } as Step);
    if (made < call) calls = made;
    await settle(world);
  }
  expect(calls).toBeGreaterThan(0);
}

const scenes = Object.entries(pasts).flatMap(([pastName, past]) =>
  Object.entries(steps).map(([name, step]) => [name, pastName, past, step] as const),
);

describe.each(scenes)('%s over %s', (_, __, past, step) => {
  test.each(Object.entries(others))('loses nobody to %s in between any two of its storage calls', async (___, meanwhile) => {
    await atEveryCall(past, step, (call) => ({ kind: 'meanwhile', call, steps: meanwhile }));
  });

  test('loses nobody when it dies before or after any of its storage calls', async () => {
    await atEveryCall(past, step, (call) => ({ kind: 'crash', call, landed: false }));
    await atEveryCall(past, step, (call) => ({ kind: 'crash', call, landed: true }));
  });

  test('loses nobody when the answer to any of its storage calls is lost and the call repeated', async () => {
    await atEveryCall(past, step, (call) => ({ kind: 'twice', call }));
  });
});

const stretch = { from: fc.nat(people - 1), count: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: people })) };
const none = fc.constant<Trouble>({ kind: 'none' });

function stepWith(trouble: fc.Arbitrary<Trouble>): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('list'), ...stretch, renamed: fc.boolean(), packed: fc.boolean(), trouble }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('decide'), ...stretch, packed: fc.boolean(), trouble }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), minutes: fc.oneof(fc.nat(20), fc.nat(130)) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('compact'), asking: fc.boolean(), trouble }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('read'), trouble }) },
  );
}

const call = fc.integer({ min: 1, max: 14 });
const anyTrouble: fc.Arbitrary<Trouble> = fc.oneof(
  none,
  fc.record({ kind: fc.constant('crash'), call, landed: fc.boolean() }),
  fc.record({ kind: fc.constant('twice'), call }),
  fc.record({ kind: fc.constant('meanwhile'), call, steps: fc.array(stepWith(none), { minLength: 1, maxLength: 4 }) }),
);

async function playHistories(table: () => Table, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(stepWith(anyTrouble), { minLength: 4, maxLength: 14, size: 'max' }), async (history) => {
      const world = makeWorld(table());
      for (const step of history) {
        await world.perform(step);
        await world.readAll();
      }
      await settle(world);
    }),
    { numRuns },
  );
}

test('nobody is lost in any history', async () => {
  await playHistories(() => makeFakeTables().lists, 150);
});

test('nobody is lost in any history over a real table service', async () => {
  const tables = await startAzurite({ services: 'table' });
  try {
    const access = { kind: 'connectionString', connectionString: tables.connectionString } as const;
    await createMissingTables(access);
    const { lists } = makeTables(access);
    await playHistories(() => lists, 10);
  } finally {
    await tables.stop();
  }
});

test('90 % decided within a minute are off the list after a compaction that asks nobody', async () => {
  const world = makeWorld(makeFakeTables().lists);
  await world.perform({ kind: 'list', from: 0, count: people, renamed: true, packed: true });
  await world.perform({ kind: 'decide', from: 0, count: 360 });
  expect(await world.readAll()).toEqual(world.listed());
  await world.perform({ kind: 'compact', asking: false });
  expect(await world.readAll()).toEqual(world.listed());
  expect(world.listed()).toHaveLength(40);
});
