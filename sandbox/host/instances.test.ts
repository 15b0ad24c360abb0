import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Status, makeDurableClient } from './fixtures/durable-client.ts';
import { type Fixture, makeFixture } from './fixtures/run-fixture.ts';
import type { HostProcess } from './launch.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
let fixture: Fixture;
let host: HostProcess;
let durable: ReturnType<typeof makeDurableClient>;
beforeAll(async () => {
  fixture = await makeFixture('durable', { extensions: { durableTask: { defaultVersion: '7' } } });
  host = await fixture.start();
  durable = makeDurableClient(fixture, host);
});
afterAll(() => fixture.dispose());

describe('the life of an instance', () => {
  test('continueAsNew starts over with a new input and an empty history', async () => {
    const { instanceId, output } = await durable.run('counting', { left: 20, total: 0 });
    expect(output).toEqual({ total: 20 * 21 });
    const { historyEvents } = await durable.rawStatus(`${instanceId}?showHistory=true`);
    expect(historyEvents?.map((event) => event.EventType)).toEqual(['ExecutionStarted', 'TaskCompleted', 'ExecutionCompleted']);
  });

  test('terminate ends it at once with the reason, and its timers do nothing any more', async () => {
    const id = await durable.start('waiting', { minutes: 5 });
    await durable.client('terminate', { id, reason: 'enough' });
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
    await durable.pass(10 * minute);
    expect((await durable.status(id)).runtimeStatus).toBe('Terminated');
  });

  test('suspend holds messages back until resume', async () => {
    const id = await durable.start('collector');
    await durable.client('suspend', { id });
    await durable.client('raise', { id, event: 'item', input: 1 });
    await durable.client('raise', { id, event: 'item', input: 2 });
    await host.settle();
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Suspended', customStatus: null });
    await durable.client('resume', { id });
    await host.settle();
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: [1, 2] });
  });

  test('a running id cannot be started again, a finished one starts afresh', async () => {
    const id = await durable.start('collector');
    expect((await durable.client('start', { name: 'collector', id, input: {} })).error).toContain('409');
    await durable.client('terminate', { id, reason: 'again' });
    expect(await durable.client('start', { name: 'collector', id, input: {} })).toEqual({ result: id });
    await host.settle();
    expect((await durable.status(id)).runtimeStatus).toBe('Running');
  });

  test('an unknown orchestrator is refused', async () => {
    expect((await durable.client('start', { name: 'nobody', id: 'x', input: {} })).error).toContain('400');
  });

  test('carries the version it was started with, or the one in host.json', async () => {
    const { instanceId, output } = await durable.run('versions');
    expect(output).toEqual({ own: '7', child: '7' });
    await fetch(`${host.url}/durabletask/orchestrators/versions/explicit?version=9`, { method: 'POST' });
    await host.settle();
    expect(await durable.status('explicit')).toMatchObject({ output: { own: '9', child: '7' } });
    expect(instanceId).toMatch(/^versions-/);
  });

  test('purge removes a finished instance', async () => {
    const { instanceId } = await durable.run('sequence', { start: 1 });
    expect(await durable.client('purge', { id: instanceId })).toEqual({ result: { instancesDeleted: 1 } });
    expect((await durable.client('status', { id: instanceId })).error).toContain('404');
    expect(await durable.client('purge', { id: instanceId })).toEqual({ result: { instancesDeleted: 0 } });
  });

  test('status queries filter by state and creation time', async () => {
    await durable.pass(day);
    const finished = await durable.start('sequence', { start: 1 });
    const waiting = await durable.start('collector');
    const ids = async (filter: Record<string, unknown>) =>
      ((await durable.client('by', { filter })).result as Status[]).map(({ instanceId }) => instanceId);
    const createdTimeFrom = (await durable.rawStatus(finished)).createdTime;
    expect(createdTimeFrom).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(await ids({ createdTimeFrom })).toEqual([finished, waiting]);
    expect(await ids({ createdTimeFrom, runtimeStatus: ['Completed'] })).toEqual([finished]);
    expect(await ids({ createdTimeFrom, runtimeStatus: ['Running', 'Pending'] })).toEqual([waiting]);
    const everyone = (await durable.client('all', {})).result as Status[];
    expect(everyone.map(({ instanceId }) => instanceId)).toEqual(expect.arrayContaining([finished, waiting]));
  });

  test('an orchestrator that throws fails with its message', async () => {
    const { runtimeStatus, output } = await durable.run('throwsAtOnce');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain('bad input');
  });
});

test('the host warns about going on after a failed Task.all with siblings open', async () => {
  const id = await durable.start('failedGroup');
  await durable.pass(minute);
  await durable.pass(minute);
  expect((await durable.status(id)).runtimeStatus).toMatch(/Completed|Failed|Running/);
  expect(fixture.lines.some((line) => line.includes(id) && line.includes('went on after a failed Task.all'))).toBe(true);
});
