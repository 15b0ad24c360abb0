// A crash, a decision or a second copy at any single call of a move: nobody and no decision is lost.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { before, beginMove, decisionsOf, makeSmallWorld, outcome, people, playOn } from './reshard-world.ts';
import { companyId, recover, type SyncWorld } from './sync-world.ts';

/** Plays the move, dying once at the n-th call. @returns how many calls there were */
async function moveWithCrash(world: SyncWorld, crashAt: number, stretchMs?: number): Promise<number> {
  const fence = await beginMove(world);
  let calls = 0;
  world.ports.beforeEachCall(() => {
    calls += 1;
    if (calls === crashAt) throw new Error('The process died.');
  });
  await world.play(fence, stretchMs === undefined ? {} : { stretchMs }).catch(() => undefined);
  const made = calls;
  world.ports.beforeEachCall(undefined);
  await playOn(world, stretchMs);
  return made;
}

it.each([
  ['in one stretch', undefined],
  ['a step at a time', 0],
])('a move ends alike, wherever it crashes (%s)', async (_how, stretchMs) => {
  const calm = await makeSmallWorld();
  const calls = await moveWithCrash(calm, 0, stretchMs);
  const expected = await outcome(calm);
  expect(expected).toMatchObject({ shards: 4, count: people.length, status: 'succeeded' });
  for (let crashAt = 1; crashAt <= calls; crashAt += 1) {
    const world = await makeSmallWorld();
    await moveWithCrash(world, crashAt, stretchMs);
    expect(await outcome(world), `crash at call ${crashAt} of ${calls}`).toEqual(expected);
  }
});

describe.each([
  ['in one stretch', undefined],
  ['a step at a time', 0],
])('an admin who decides at any call of a move (%s)', (_how, stretchMs) => {
  it.each([[['carl']], [['ada', 'carl', 'john']], [[...people]]])('neither stops it nor loses the decision (%j)', async (decided) => {
    for (let at = 1; ; at += 1) {
      const world = await makeSmallWorld();
      const fence = await beginMove(world);
      let deciding: Promise<void> | undefined;
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === at) deciding = world.decide('deny', ...decided);
      });
      await world.play(fence, stretchMs === undefined ? {} : { stretchMs });
      world.ports.beforeEachCall(undefined);
      if (!deciding) return;
      await deciding;
      expect(await decisionsOf(world), `decided at call ${at}`).toEqual({
        ...before,
        ...Object.fromEntries(decided.map((id) => [id, 'denied'])),
      });
      expect(await world.state(), `decided at call ${at}`).toMatchObject({ shards: 4, round: null });
      await recover(world);
      await world.check();
    }
  });
});

it('a second copy that begins at any call harms nobody', async () => {
  for (let at = 1; ; at += 1) {
    const world = await makeSmallWorld();
    const fence = await beginMove(world);
    let second: Promise<unknown> | undefined;
    let calls = 0;
    world.ports.beforeEachCall(() => {
      calls += 1;
      if (calls === at) second = runRound(world.ports, { companyId, fence }).catch(() => undefined);
    });
    await world.play(fence).catch(() => undefined);
    world.ports.beforeEachCall(undefined);
    if (!second) return;
    await second;
    await playOn(world);
    expect(await world.state(), `second copy at call ${at}`).toMatchObject({ shards: 4, round: null });
    expect(await decisionsOf(world), `second copy at call ${at}`).toEqual(before);
    await recover(world);
    await world.check();
  }
});

const callsOfMove = 90;

it('any decisions, crashes and copies come to the right end', async () => {
  const decision = fc.record({
    at: fc.integer({ min: 1, max: callsOfMove }),
    command: fc.constantFrom('approve', 'deny', 'reopen'),
    ids: fc.uniqueArray(fc.constantFrom(...people), { minLength: 1, maxLength: 4 }),
  });
  const history = fc.record({
    decisions: fc.array(decision, { maxLength: 8 }),
    crashes: fc.array(fc.integer({ min: 1, max: callsOfMove }), { maxLength: 3 }),
    copies: fc.array(fc.integer({ min: 1, max: callsOfMove }), { maxLength: 2 }),
    stretchMs: fc.constantFrom(undefined, 0),
  });
  const expected = { approve: 'approved', deny: 'denied', reopen: 'pending' } as const;
  await fc.assert(
    fc.asyncProperty(history, async ({ decisions, crashes, copies, stretchMs }) => {
      const world = await makeSmallWorld();
      const fence = await beginMove(world);
      const wanted: Record<string, string> = { ...before };
      const copied: Promise<unknown>[] = [];
      // One after the other, so that it is known which is the last.
      let deciding: Promise<void> = Promise.resolve();
      let calls = 0;
      let decided = false;
      world.ports.beforeEachCall(() => {
        calls += 1;
        for (const { command, ids } of decisions.filter(({ at }) => at === calls)) {
          decided = true;
          for (const id of ids) wanted[id] = expected[command];
          deciding = deciding.then(async () => await world.decide(command, ...ids));
        }
        if (copies.includes(calls)) copied.push(runRound(world.ports, { companyId, fence }).catch(() => undefined));
        // The calls of a decision are not told from the others, and one that dies tells its admin so.
        if (crashes.includes(calls) && !decided) throw new Error('The process died.');
      });
      await world.play(fence, stretchMs === undefined ? {} : { stretchMs }).catch(() => undefined);
      // Copies make calls at which people decide, and the calls of decisions start copies.
      for (let last: unknown; last !== deciding; await Promise.all([last, ...copied])) last = deciding;
      world.ports.beforeEachCall(undefined);
      await playOn(world);
      expect(await decisionsOf(world)).toEqual(wanted);
      await recover(world);
      await world.check();
    }),
    { numRuns: 300 },
  );
});
