// After consent: patience while the permission is on its way, then a clear "connected" or "failed" with the next step.
import { beforeEach, describe, expect, it } from 'vitest';
import { listAudit } from '../../shared/storage/audit.ts';
import { changeIntegration, readIntegration } from '../../shared/storage/companies.ts';
import { changeFleet, readFleetRow } from '../../shared/storage/fleet.ts';
import { type ProbeResult, probeAccess } from '../../shared/use-cases/probe-access.ts';
import { failures, storeCompany, tenantId } from '../builders.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const companyId = 'company1';
const minuteMs = 60_000;

let ports: FakePorts;
let since: string;
beforeEach(async () => {
  ports = makeFakePorts();
  since = ports.clock.now().toISOString();
  await storeCompany(ports.tables, { integration: { state: 'checking' }, settings: { timeZone: 'Europe/Berlin' } });
  await changeFleet(ports.tables, companyId, { running: { instanceId: 'connect-1', since } });
});
const tenant = () => ports.directories.tenant(tenantId);
const probe = async (tries = 0) => await probeAccess(ports, { companyId, since, tries });
const integration = async () => await readIntegration(ports.tables, companyId);
const actions = async () => (await listAudit(ports.tables, companyId, { after: null, limit: 10 })).entries.map(({ action }) => action);

describe('a probe that succeeds', () => {
  it('connects the company and puts it on the schedule in its own time zone', async () => {
    expect(await probe()).toEqual({ kind: 'connected' });
    expect(await integration()).toMatchObject({ state: 'connected', checkedAt: since, problem: null });
    expect(await actions()).toEqual(['integrationConnected']);
    const dueAt = new Date(Date.parse(since) + 5 * minuteMs).toISOString();
    expect(await readFleetRow(ports.tables, companyId)).toMatchObject({ running: null, dueAt, timeZone: 'Europe/Berlin' });
  });

  it('repeated says so again and is in the log once', async () => {
    await probe();
    expect(await probe()).toEqual({ kind: 'connected' });
    expect(await actions()).toEqual(['integrationConnected']);
  });
});

describe('a probe that fails', () => {
  it('waits longer each time, never more than a minute, and tells nobody yet', async () => {
    tenant().failAlways(failures.accessLost);
    const waits: ProbeResult[] = [];
    for (let tries = 0; tries < 7; tries += 1) waits.push(await probe(tries));
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60].map((seconds) => ({ kind: 'wait', milliseconds: seconds * 1_000 })));
    expect(await integration()).toMatchObject({ state: 'checking', problem: null });
    expect(await actions()).toEqual([]);
  });

  it('waits as long as the tenant asks for', async () => {
    tenant().failNext(failures.throttled);
    expect(await probe()).toEqual({ kind: 'wait', milliseconds: 90_000 });
  });

  it.each(['transient', 'throttled'] as const)('says nothing about the permission while Graph itself is away (%s)', async (kind) => {
    tenant().failAlways(failures[kind]);
    ports.clock.advance(6 * 60 * minuteMs);
    expect(await probe(400)).toMatchObject({ kind: 'wait' });
    expect(await integration()).toMatchObject({ state: 'checking', problem: null });
  });

  it('still connects when the permission comes in time', async () => {
    tenant().failNext(failures.accessLost);
    expect(await probe()).toMatchObject({ kind: 'wait' });
    ports.clock.advance(11 * minuteMs);
    expect(await probe(12)).toEqual({ kind: 'connected' });
  });

  it.each(['ours', 'theirs', 'gone'] as const)('for twelve minutes is shown with its reason and the next step (%s)', async (owner) => {
    tenant().failAlways({ ...failures.accessLost, owner });
    ports.clock.advance(12 * minuteMs - 1);
    expect(await probe(20)).toMatchObject({ kind: 'wait' });
    ports.clock.advance(1);
    expect(await probe(21)).toEqual({ kind: 'failed' });
    const { state, problem } = await integration();
    expect(state).toBe('failed');
    expect(problem).toMatchObject({ owner, code: 'RequestDenied', sentence: 'Consent was taken back.' });
    expect(problem?.nextStep.length).toBeGreaterThan(0);
    expect(await actions()).toEqual(['integrationFailed']);
    expect(await readFleetRow(ports.tables, companyId)).toMatchObject({ running: null, dueAt: null });
  });
});

it.each([{ state: 'disconnected' }, { tenantId: null }] as const)(
  'of a company that left in the meantime asks nobody (%j)',
  async (change) => {
    await changeIntegration(ports.tables, companyId, (present) => ({ ...present, ...change }));
    expect(await probe()).toEqual({ kind: 'stale' });
    expect(tenant().requests).toEqual([]);
  },
);

it('connects, whatever call an earlier try died at', async () => {
  for (let crashAt = 1; ; crashAt += 1) {
    ports = makeFakePorts();
    await storeCompany(ports.tables, { integration: { state: 'checking' } });
    let calls = 0;
    ports.beforeEachCall(() => {
      if ((calls += 1) >= crashAt) throw new Error('crash');
    });
    await probe().catch(() => undefined);
    ports.beforeEachCall(undefined);
    expect(await probe(1)).toEqual({ kind: 'connected' });
    expect((await integration()).state).toBe('connected');
    expect((await readFleetRow(ports.tables, companyId))?.dueAt).not.toBeNull();
    if (calls < crashAt) return;
  }
});
