// Lost access and a disconnect in the middle of a round: visible, told once, and no harm to the data.
import { beforeEach, describe, expect, it } from 'vitest';
import { changeIntegration, readIntegration } from '../../shared/storage/companies.ts';
import { readFleetRow } from '../../shared/storage/fleet.ts';
import { listSendRecords } from '../../shared/storage/mails.ts';
import { recordAccessLost } from '../../shared/use-cases/access-lost.ts';
import { disconnect } from '../../shared/use-cases/disconnect.ts';
import { probeAccess } from '../../shared/use-cases/probe-access.ts';
import { failures, personFields, storeCompany } from '../builders.ts';
import type { FakeWorld } from '../fakes/ports.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

let world: SyncWorld;

async function makeWorld(settings: FakeWorld = {}): Promise<void> {
  world = await makeSyncWorld(settings);
  for (let index = 0; index < 10; index += 1) world.tenant.put(`person-${index}`, personFields(`person-${index}`));
}
beforeEach(async () => await makeWorld());

const integration = async () => await readIntegration(world.ports.tables, companyId);

describe('lost access', () => {
  it('is named, mailed once to whoever can act, and leaves the data alone', async () => {
    await world.sync();
    const [people, { deltaLink }] = [await world.users(), await world.state()];
    world.tenant.failAlways(failures.accessLost);
    for (let round = 0; round < 3; round += 1) await world.sync(round === 1 ? 'full' : 'delta');
    expect(await integration()).toMatchObject({
      state: 'accessLost',
      problem: { owner: 'theirs', code: 'RequestDenied', sentence: 'Consent was taken back.' },
    });
    expect((await world.mails()).filter((mail) => mail.kind === 'accessLost')).toHaveLength(1);
    expect((await world.auditActions()).filter((action) => action === 'integrationAccessLost')).toHaveLength(1);
    expect(await world.users()).toEqual(people);
    expect((await world.state()).deltaLink).toBe(deltaLink);

    world.tenant.failAlways(null);
    await world.sync();
    expect(await integration()).toMatchObject({ state: 'connected', problem: null });
    expect(await world.auditActions()).toContain('integrationAccessRestored');
    expect(await world.users()).toEqual(people);
  });

  it('through our own fault is mailed to the operator once, however many companies it hits', async () => {
    const { ports, tenant } = world;
    await storeCompany(ports.tables, { company: { companyId: 'company2' } });
    tenant.failAlways({ ...failures.accessLost, owner: 'ours' });
    await world.sync();
    const { problem } = await integration();
    if (problem === null) throw new Error('The loss of access was not recorded.');
    await recordAccessLost(ports, 'company2', problem);
    const records = await listSendRecords(ports.tables, 'operator', 10);
    expect(records.map(({ mail }) => mail.content)).toMatchObject([{ kind: 'accessLost', owner: 'ours' }]);
    expect(await world.mails()).toEqual([]);
    expect(await readIntegration(ports.tables, 'company2')).toMatchObject({ state: 'accessLost' });
  });

  it('by disconnecting in the middle of a stretch ends it at its next write', async () => {
    await makeWorld({ pageSize: 100 });
    const people = 6_000;
    for (let number = 0; number < people; number += 1) world.tenant.put(`many-${number}`, personFields(`Many ${number}`));
    let asked = 0;
    world.ports.beforeEachCall(() => {
      // A batch is full by now, and is being stored while the next one is read.
      if (asked > 0 || world.tenant.requests.length < 15) return;
      asked = world.tenant.requests.length;
      void disconnect(world.ports, { companyId, by: 'Avery' });
    });
    expect(await world.sync('delta')).toBe('stale');
    expect(asked).toBeGreaterThan(0);
    expect(world.tenant.requests.length).toBeLessThan(people / 100);
    expect(await world.lastRun()).toMatchObject({ status: 'failed', problem: 'The company was disconnected from its tenant.' });
    expect((await world.state()).round).toBeNull();
    await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state: 'connected' }));
    await world.sync();
    expect(await world.withPresence('present')).toHaveLength(people + 10);
    await world.check();
  });

  it('by disconnecting in the middle ends the round and leaves room for the next', async () => {
    await makeWorld({ pageSize: 1, requestMs: 31_000 });
    await world.sync('delta', {
      before: async (step) => {
        if (step === 'users' && world.tenant.requests.length > 3)
          await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state: 'disconnected' }));
      },
    });
    expect(await world.lastRun()).toMatchObject({ status: 'failed' });
    expect((await world.state()).round).toBeNull();
    expect(world.tenant.requests.length).toBeLessThan(8);
    await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state: 'connected' }));
    await world.sync();
    expect(await world.withPresence('present')).toHaveLength(10);
    await world.check();
  });
});

describe('the probe after consent', () => {
  const probe = async (tries = 0, since = '2026-03-02T08:00:00.000Z') => await probeAccess(world.ports, { companyId, since, tries });
  beforeEach(async () => void (await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state: 'checking' }))));

  it('connects the company and puts it on the schedule at once', async () => {
    expect(await probe()).toEqual({ kind: 'connected' });
    expect(await integration()).toMatchObject({ state: 'connected', problem: null });
    expect((await readFleetRow(world.ports.tables, companyId))?.dueAt).toBe(
      new Date(world.ports.clock.now().getTime() + 5 * 60_000).toISOString(),
    );
    expect(await probe()).toEqual({ kind: 'connected' });
    expect(await world.auditActions()).toEqual(['integrationConnected']);
  });

  it('waits, longer each time, while the permission is on its way', async () => {
    world.tenant.failAlways(failures.accessLost);
    const waits = [];
    for (let tries = 0; tries < 8; tries += 1) waits.push(await probe(tries));
    expect(waits.map((result) => (result.kind === 'wait' ? result.milliseconds : result))).toEqual(
      [2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000),
    );
    expect(await integration()).toMatchObject({ state: 'checking' });
  });

  it('waits as long as the directory asks', async () => {
    world.tenant.failAlways(failures.throttled);
    expect(await probe()).toEqual({ kind: 'wait', milliseconds: 90_000 });
  });

  it('names what is wrong after twelve minutes, and connects when it works after all', async () => {
    world.tenant.failAlways(failures.accessLost);
    world.ports.clock.advance(12 * 60_000);
    expect(await probe(20)).toEqual({ kind: 'failed' });
    expect(await integration()).toMatchObject({ state: 'failed', problem: { owner: 'theirs', code: 'RequestDenied' } });
    world.tenant.failAlways(null);
    expect(await probe(21)).toEqual({ kind: 'connected' });
    expect(await world.auditActions()).toEqual(['integrationFailed', 'integrationConnected']);
  });

  it('does nothing for a company that was disconnected', async () => {
    await changeIntegration(world.ports.tables, companyId, (present) => ({ ...present, state: 'disconnected' }));
    expect(await probe()).toEqual({ kind: 'stale' });
    expect(world.tenant.requests).toEqual([]);
  });
});
