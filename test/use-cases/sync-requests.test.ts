// One round at a time: requests that meet a running one are kept, and a writer whose round is over is refused everywhere.
import { beforeEach, describe, expect, it } from 'vitest';
import { changeIntegration } from '../../shared/storage/companies.ts';
import { readFleetRow } from '../../shared/storage/fleet.ts';
import { findLostWork } from '../../shared/use-cases/run-fleet.ts';
import { personFields } from '../builders.ts';
import type { RoundPhase } from '../../shared/domain/sync-round.ts';
import { abandonRound, runRound } from '../../shared/use-cases/run-round.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await makeSyncWorld({ pageSize: 1, requestMs: 16_000 });
  for (const name of ['ada', 'blaise', 'carl', 'daniel']) world.tenant.put(name, personFields(name));
});

/** Does this once, ahead of the first call of a phase. */
function once(phase: RoundPhase, act: () => Promise<unknown>) {
  let done = false;
  return async (name: RoundPhase) => {
    if (name !== phase || done) return;
    done = true;
    await act();
  };
}

describe('a request', () => {
  it('is refused while the company is not connected', async () => {
    for (const state of ['notConnected', 'checking', 'failed', 'disconnected'] as const) {
      await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state }));
      expect(await world.request()).toEqual({ kind: 'notConnected' });
    }
  });

  it('starts a round under the next fence and an instance of its own', async () => {
    expect(await world.request()).toMatchObject({ kind: 'start', fence: 1, instanceId: `sync-${companyId}-1` });
    await world.play(1);
    expect(await world.request()).toMatchObject({ kind: 'start', fence: 2, instanceId: `sync-${companyId}-2` });
  });

  it('made twice while a round runs becomes one more round', async () => {
    const answers: unknown[] = [];
    await world.sync('delta', { before: once('users', async () => void answers.push(await world.request(), await world.request())) });
    const runs = await world.runs();
    const [again, first] = runs;
    expect(answers).toEqual([
      { kind: 'coalesced', runId: first?.runId },
      { kind: 'coalesced', runId: first?.runId },
    ]);
    expect(runs.map(({ reason, kind, status }) => [reason, kind, status])).toEqual([
      ['runAgain', 'delta', 'succeeded'],
      ['syncNow', 'full', 'succeeded'],
    ]);
    expect(again?.counts.entries).toBe(0);
    expect(await world.state()).toMatchObject({ round: null, runAgain: null, fence: 2 });
  });

  it('for a full round is not weakened by a later one for a delta', async () => {
    await world.sync();
    await world.sync('delta', {
      before: once('users', async () => {
        await world.request('full');
        await world.request('delta');
      }),
    });
    expect((await world.runs()).map(({ kind, reason }) => [kind, reason])).toEqual([
      ['full', 'runAgain'],
      ['delta', 'syncNow'],
      ['full', 'syncNow'],
    ]);
  });

  it('that comes while the round finishes is not lost', async () => {
    await world.sync('delta', { before: once('finish', async () => await world.request()) });
    expect(await world.runs()).toHaveLength(2);
  });

  it('by several at once starts one round', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, async () => await world.request()));
    expect(answers.filter((answer) => answer.kind === 'start')).toHaveLength(1);
    expect((await world.state()).fence).toBe(1);
  });
});

describe('a stretch of a round that is over', () => {
  it('does nothing', async () => {
    await world.sync();
    world.tenant.put('ada', { displayName: 'Ada King' });
    const before = [await world.users(), await world.state(), await world.runs()];
    expect(await runRound(world.ports, { companyId, fence: 1 })).toEqual({ kind: 'stale' });
    expect(await abandonRound(world.ports, { companyId, fence: 1 })).toEqual({ kind: 'stale' });
    expect([await world.users(), await world.state(), await world.runs()]).toEqual(before);
  });

  it('cannot write users after a newer round has written', async () => {
    await world.sync();
    world.tenant.put('ada', { displayName: 'Old' });
    const { tables } = world.ports;
    const start = await world.request();
    if (start.kind !== 'start') throw new Error('The round did not start.');
    // The old round has read its page and is about to store it when the new one overtakes it.
    let overtaken = false;
    const { openDirectory } = world.ports;
    const slow = {
      ...world.ports,
      openDirectory: (tenantId: string) => {
        const directory = openDirectory(tenantId);
        const deltaPage: typeof directory.deltaPage = async (link) => {
          const answer = await directory.deltaPage(link);
          if (overtaken) return answer;
          overtaken = true;
          await world.play(start.fence);
          world.tenant.put('ada', { displayName: 'New' });
          await world.sync();
          return answer;
        };
        return { ...directory, deltaPage };
      },
    };
    expect(await runRound({ ...slow, tables }, { companyId, fence: start.fence })).toEqual({ kind: 'stale' });
    expect((await world.user('ada')).fields.displayName).toBe('New');
    await world.check();
  });
});

describe('the schedule', () => {
  it('names the running orchestration while a round runs, and when the next is due afterwards', async () => {
    let during: unknown;
    await world.sync('delta', { before: once('managers', async () => (during = await readFleetRow(world.ports.tables, companyId))) });
    expect(during).toMatchObject({ running: { instanceId: `sync-${companyId}-1` } });
    const row = await readFleetRow(world.ports.tables, companyId);
    expect(row?.running).toBeNull();
    const wait = Date.parse(row?.dueAt ?? '') - world.ports.clock.now().getTime();
    expect(wait).toBeGreaterThanOrEqual(60 * 60_000);
    expect(wait).toBeLessThan(66 * 60_000);
  });

  it('finds a run-again round whose orchestration died before it heard of it', async () => {
    await world
      .sync('delta', {
        before: once('finish', async () => {
          await world.request();
          let writes = 0;
          world.ports.tables.failWith(({ table, operation }) => {
            // The cursor is swapped by the first write of the finish that does not concern the mark; everything behind it is lost.
            if (table === 'companies' && operation === 'write' && (writes += 1) > 2) throw new Error('crash');
          });
        }),
      })
      .catch(() => undefined);
    world.ports.tables.failWith(undefined);
    const instanceId = (await readFleetRow(world.ports.tables, companyId))?.running?.instanceId ?? '';
    const lost = await findLostWork(world.ports, companyId, instanceId);
    expect(lost).toMatchObject({ kind: 'sync' });
    if (lost?.kind === 'sync') expect(await world.play(lost.fence)).toBe('ended');
    expect((await world.state()).round).toBeNull();
  });
});
