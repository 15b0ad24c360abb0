import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fixture, makeFixture } from './fixtures/run-fixture.ts';

let fixture: Fixture;
let durable: Fixture;
beforeAll(async () => {
  fixture = await makeFixture('hello');
  durable = await makeFixture('durable');
});
afterAll(async () => {
  await fixture.dispose();
  await durable.dispose();
});

test('a port in use is named', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(fixture.start({ port })).rejects.toThrow(`Port ${port} is already in use`);
  await new Promise((resolve) => taken.close(resolve));
});

test('an app that cannot be loaded is an error with its reason', async () => {
  await expect(fixture.start({ appFile: '/nowhere/main.cjs' })).rejects.toThrow(/exit code 1[^]*nowhere/);
});

test('an app with a durable entity is refused by name', async () => {
  const entity = await makeFixture('entity');
  await expect(entity.start()).rejects.toThrow('"counter" is a durable entity');
  await entity.dispose();
});

test('settling gives up after its time and names what is still busy', async () => {
  const host = await durable.start();
  const body = JSON.stringify({ milliseconds: 400 });
  await fetch(`${host.url}/durabletask/orchestrators/sleeping/late`, { method: 'POST', body });
  await expect(host.settle(100)).rejects.toThrow('activity slow: running');
  await host.settle();
  expect(await (await fetch(`${host.url}/durabletask/instances/late`)).json()).toMatchObject({ output: 'slept' });
});

test('stopping lets a running activity finish and keeps its result', async () => {
  const host = await durable.start();
  await fetch(`${host.url}/durabletask/orchestrators/sleeping/stopped`, { method: 'POST', body: JSON.stringify({ milliseconds: 300 }) });
  await expect(host.settle(50)).rejects.toThrow('busy');
  await host.stop();
  const runs = () => durable.lines.filter((line) => line.startsWith('slow activity done')).length;
  const before = runs();
  const again = await durable.start();
  await again.settle();
  expect(await (await fetch(`${again.url}/durabletask/instances/stopped`)).json()).toMatchObject({ output: 'slept' });
  expect(runs()).toBe(before);
});

test('the peak of its memory is known', async () => {
  const host = await fixture.start();
  expect(await host.peakResidentBytes()).toBeGreaterThan(10_000_000);
});

test('a stall of its event loop is known until it is reset', async () => {
  const web = await makeFixture('web');
  const host = await web.start();
  await host.resetEventLoopDelay();
  await fetch(`${host.url}/api/block`, { method: 'POST', body: '1000' });
  const stalled = await host.eventLoopDelay();
  expect(stalled.max).toBeGreaterThanOrEqual(990);
  await host.resetEventLoopDelay();
  expect((await host.eventLoopDelay()).max).toBeLessThan(stalled.max);
  await web.dispose();
});

test('the worker is started with the arguments that Azure would give it', async () => {
  const web = await makeFixture('web');
  const host = await web.start({ env: { languageWorkers__node__arguments: '--max-old-space-size=300  --max-semi-space-size=8' } });
  expect(await (await fetch(`${host.url}/api/arguments`)).json()).toEqual(['--max-old-space-size=300', '--max-semi-space-size=8']);
  await web.dispose();
});
