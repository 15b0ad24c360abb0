import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDurableClient } from './fixtures/durable-client.ts';
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

describe('activities', () => {
  test('run one after the other with the result of the one before', async () => {
    expect(await durable.run('sequence', { start: 3 })).toMatchObject({ runtimeStatus: 'Completed', output: 96 });
  });

  test('receive strings, numbers, objects and nothing as Azure hands them over', async () => {
    expect((await durable.run('inputs')).output).toEqual([
      { received: 'text', kind: 'string' },
      { received: '42', kind: 'string' },
      { received: 7, kind: 'number' },
      { received: { nested: [1, null] }, kind: 'object' },
      { received: true, kind: 'boolean' },
      { received: null, kind: 'object' },
    ]);
  });

  test('fan out and come together again', async () => {
    expect((await durable.run('fanOut', { count: 200 })).output).toBe(199 * 200);
  });

  test('that fail can be caught, and the next result goes to the right task', async () => {
    expect((await durable.run('caughtFailure')).output).toEqual({ caught: "Activity function 'fail' failed: no such person ", after: 42 });
  });

  test('that fail uncaught fail the orchestration with their message', async () => {
    const { runtimeStatus, output } = await durable.run('uncaughtFailure');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain('it broke');
  });

  test('that do not exist fail the orchestration by name', async () => {
    const { runtimeStatus, output } = await durable.run('unknownActivity');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain("'nobody' doesn't exist");
  });
});

describe('retries', () => {
  test('wait their interval by the sandbox clock and go on counting ids', async () => {
    const id = await durable.start('retried', { succeedsAt: 3, attemptsAllowed: 5, interval: 10 * minute });
    expect((await durable.status(id)).runtimeStatus).toBe('Running');
    await durable.pass(10 * minute);
    expect((await durable.status(id)).runtimeStatus).toBe('Running');
    await durable.pass(10 * minute);
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: { result: 3, after: 8 } });
  });

  test('that are used up fail one interval after the last attempt', async () => {
    const id = await durable.start('retried', { succeedsAt: 9, attemptsAllowed: 2, interval: 10 * minute });
    await durable.pass(10 * minute);
    expect((await durable.status(id)).runtimeStatus).toBe('Running');
    await durable.pass(10 * minute);
    const { runtimeStatus, output } = await durable.status(id);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain('attempt 2');
  });
});

describe('sub-orchestrations', () => {
  test('give their result to their parent, named or not', async () => {
    const { instanceId, output } = await durable.run('parent');
    const child = (value: number) => ({ doubled: value * 2, parent: instanceId });
    expect(output).toEqual({ named: child(5), group: [child(1), child(2), child(3)] });
    expect((await durable.status(`${instanceId}-named`)).runtimeStatus).toBe('Completed');
  });

  test('that fail are tried again and then fail in the parent', async () => {
    const id = await durable.start('parentOfFailure');
    await durable.pass(minute);
    await durable.pass(minute);
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: { caught: true } });
  });
});

describe('timers', () => {
  test('fire when the clock reaches them, not before', async () => {
    const id = await durable.start('waiting', { minutes: 30 });
    await durable.pass(29 * minute);
    expect((await durable.status(id)).runtimeStatus).toBe('Running');
    await durable.pass(minute);
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: { waitedMinutes: 30 } });
  });

  test('of more than six days are served in pieces', async () => {
    const id = await durable.start('waiting', { minutes: 10 * 24 * 60 });
    for (let days = 0; days < 9; days += 3) {
      await durable.pass(3 * day);
      expect((await durable.status(id)).runtimeStatus).toBe('Running');
    }
    await durable.pass(day);
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: { waitedMinutes: 10 * 24 * 60 } });
  });

  test('of more than six days end at once when the clock jumps over them', async () => {
    const id = await durable.start('waiting', { minutes: 10 * 24 * 60 });
    await durable.pass(20 * day);
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: { waitedMinutes: 20 * 24 * 60 } });
  });

  test('left uncancelled keep the instance running until they fire', async () => {
    const id = await durable.start('neverCancelled');
    expect((await durable.status(id)).runtimeStatus).toBe('Running');
    await durable.pass(minute);
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'first done' });
  });
});

describe('external events', () => {
  test('win against a timer, which is then cancelled', async () => {
    const id = await durable.start('approval');
    expect(await durable.client('raise', { id, event: 'decision', input: { name: 'Ada' } })).toEqual({ result: null });
    await host.settle();
    expect(await durable.status(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { decided: true, by: { name: 'Ada' }, after: 6 },
    });
  });

  test('lose against a timer that fires first', async () => {
    const id = await durable.start('approval');
    await durable.pass(day);
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: { decided: false } });
  });

  test('raised before anybody waits are kept in order', async () => {
    const id = 'collector-early';
    await durable.client('start', { name: 'collector', id, input: {} });
    await durable.client('raise', { id, event: 'item', input: 'one' });
    await durable.client('raise', { id, event: 'item', input: 'two' });
    await host.settle();
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: ['one', 'two'], customStatus: { got: 'one' } });
  });

  test('for a finished or unknown instance are reported', async () => {
    const { instanceId } = await durable.run('sequence', { start: 1 });
    expect(await durable.client('raise', { id: instanceId, event: 'item', input: 1 })).toEqual({ result: null });
    expect((await durable.client('raise', { id: 'nobody', event: 'item', input: 1 })).error).toContain('nobody');
  });
});
