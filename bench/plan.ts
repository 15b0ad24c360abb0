// Which laps a run is made of. Repeats are interleaved: every lap once, then every lap again, so that a disturbance meets all alike.
import type { Lap } from './bench.ts';
import { bundleLap } from './scenarios/bundle.ts';
import { floorLap } from './scenarios/floor.ts';
import { listsLap } from './scenarios/lists.ts';
import { manyLap } from './scenarios/many.ts';
import { naiveLap } from './scenarios/naive.ts';
import { partitionedLap } from './scenarios/partitioned.ts';
import { roundsLap } from './scenarios/rounds.ts';

const fewChanges = { 0: 2, 100: 2 };

/**
 * 10,000 users only, within five minutes on two slow cores. The naive syncs are run once: the slower one alone takes as long as
 * everything else of a repeat.
 */
export function quickPlan(repeats: number): readonly Lap[] {
  return [
    bundleLap(),
    roundsLap({ population: 10_000, latencyMs: 0, repeats, fullRounds: 1, changes: {}, backstage: false }),
    roundsLap({ population: 10_000, latencyMs: 50, repeats, changes: fewChanges, backstage: true }),
    partitionedLap({ population: 10_000, latencyMs: 50, repeats }),
    floorLap({ population: 10_000, updates: 1_000, repeats, scenario: 'floor', inFlight: [8] }),
    listsLap({ population: 1_000, repeats: 1, approvals: 0, openRounds: 0 }),
    listsLap({ population: 10_000, repeats: 1, approvals: 1_000, openRounds: 10 }),
    manyLap({ companies: 20, usersEach: 500, latencyMs: 50, repeats, scenario: 'many' }),
    naiveLap({ population: 10_000, repeats: 1 }),
  ];
}

/**
 * Everything, in about an hour. Long chains are not drained in full by the bare client: at 200 ms it reads 50 pages and at 300,000 users
 * 100, which are scaled to all. Repeated is what work decides; where the latency of answers is nearly all of the time, at 200 ms, and where
 * no target compares times, once is enough.
 */
export function fullPlan(repeats: number): readonly Lap[] {
  const allChanges = { 0: 3, 10: 1, 100: 3, 1_000: 1, 10_000: 1 };
  const slow = { latencyMs: 200, repeats: 1, changes: {}, backstage: false };
  return [
    roundsLap({ population: 10_000, latencyMs: 50, repeats, changes: allChanges, backstage: true }),
    roundsLap({ population: 100_000, latencyMs: 50, repeats, changes: allChanges, backstage: true }),
    partitionedLap({ population: 100_000, latencyMs: 50, repeats }),
    floorLap({ population: 100_000, updates: 10_000, repeats, scenario: 'floor', inFlight: [4, 8] }),
    floorLap({ population: 100_000, updates: 0, repeats, shards: 200, scenario: 'manyFloor', inFlight: [8] }),
    manyLap({ companies: 200, usersEach: 500, latencyMs: 50, repeats, scenario: 'many' }),
    roundsLap({ population: 10_000, latencyMs: 0, repeats, changes: fewChanges, backstage: true }),
    naiveLap({ population: 10_000, repeats }),
    bundleLap(),
    listsLap({ population: 1_000, repeats: 1, approvals: 0, openRounds: 0 }),
    listsLap({ population: 100_000, repeats: 1, approvals: 10_000, openRounds: 50 }),
    roundsLap({ ...slow, population: 100_000, drainPages: 50 }),
    partitionedLap({ population: 100_000, latencyMs: 200, repeats: 1 }),
    roundsLap({ population: 300_000, latencyMs: 50, repeats: 1, drainPages: 100, changes: {}, backstage: false }),
    manyLap({ companies: 2_000, usersEach: 50, latencyMs: 50, repeats: 1, throttledEvery: 40, scenario: 'fleet' }),
    roundsLap({ ...slow, population: 10_000, changes: fewChanges }),
    roundsLap({ population: 100_000, latencyMs: 0, repeats: 1, changes: fewChanges, backstage: true }),
    partitionedLap({ population: 10_000, latencyMs: 50, repeats: 1 }),
    partitionedLap({ population: 300_000, latencyMs: 50, repeats: 1 }),
  ];
}
