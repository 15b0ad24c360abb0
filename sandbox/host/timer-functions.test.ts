import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Fixture, makeFixture } from './fixtures/run-fixture.ts';
import type { HostProcess } from './launch.ts';

const minute = 60_000;
const hour = 60 * minute;
const env = { WEEKLY: '0 0 9 * * Mon', WEBSITE_TIME_ZONE: 'Europe/Berlin' };
let fixture: Fixture;
let host: HostProcess;
beforeEach(async () => {
  fixture = await makeFixture('schedules');
  // All tests begin at one minute past noon (UTC) on a Wednesday far in the future.
  fixture.clock.advance(Date.parse('2040-02-01T12:01:00Z') - fixture.clock.now());
  host = await fixture.start({ env });
});
afterEach(() => fixture.dispose());

interface Run {
  readonly name: string;
  readonly at: string;
  readonly isPastDue: boolean;
  readonly last: string;
  readonly retry: number;
}

async function runsOf(name: string): Promise<readonly Run[]> {
  const { runs } = (await (await fetch(`${host.url}/api/runs`)).json()) as { runs: Run[] };
  return runs.filter((run) => run.name === name);
}

async function passUntil(time: string): Promise<void> {
  fixture.clock.advance(Date.parse(time) - fixture.clock.now());
  await host.settle();
}

test('a timer runs when the clock reaches its time, and once more an hour later', async () => {
  await passUntil('2040-02-01T12:59:00Z');
  expect(await runsOf('hourly')).toEqual([]);
  await passUntil('2040-02-01T13:00:00Z');
  await passUntil('2040-02-01T14:00:00Z');
  const runs = await runsOf('hourly');
  expect(runs.map(({ at, isPastDue }) => [at.slice(0, 16), isPastDue])).toEqual([
    ['2040-02-01T13:00', false],
    ['2040-02-01T14:00', false],
  ]);
  expect(runs[1]?.last).toContain('2040-02-01T13:00');
});

test('a jump over many times runs the timer once, as past due', async () => {
  await passUntil('2040-02-04T18:20:00Z');
  expect(await runsOf('hourly')).toMatchObject([{ isPastDue: true }]);
  expect(await runsOf('everyTenMinutes')).toHaveLength(1);
});

test('a schedule may come from a setting and follows the time zone', async () => {
  await passUntil('2040-02-06T07:59:00Z');
  expect(await runsOf('fromSetting')).toEqual([]);
  await passUntil('2040-02-06T08:00:00Z');
  expect(await runsOf('fromSetting')).toHaveLength(1);
});

test('a run missed while the host was down is made up once it is back', async () => {
  await host.stop();
  fixture.clock.advance(5 * hour);
  host = await fixture.start({ env });
  await host.settle();
  expect(await runsOf('hourly')).toMatchObject([{ isPastDue: true }]);
  expect(await runsOf('everyTenMinutes')).toEqual([]);
});

test('nothing is made up when nothing was missed', async () => {
  await passUntil('2040-02-01T13:00:00Z');
  await host.stop();
  fixture.clock.advance(10 * minute);
  host = await fixture.start({ env });
  await host.settle();
  expect(await runsOf('hourly')).toEqual([]);
});

test('a timer never overlaps itself, also when it is run by hand', async () => {
  const byHand = () => fetch(`${host.url}/admin/functions/slow`, { method: 'POST', body: '{"input":""}' });
  expect((await Promise.all([byHand(), byHand(), byHand()])).map((answer) => answer.status)).toEqual([202, 202, 202]);
  await host.settle();
  expect(await runsOf('slow')).toHaveLength(3);
  expect(await (await fetch(`${host.url}/api/runs`)).json()).toMatchObject({ most: 1 });
});

test('a failing timer is tried again as it asked', async () => {
  await passUntil('2040-02-02T11:15:00Z');
  expect((await runsOf('failing')).map(({ retry }) => retry)).toEqual([0, 1, 2]);
});

test('only timer functions can be run by hand', async () => {
  expect((await fetch(`${host.url}/admin/functions/runs`, { method: 'POST' })).status).toBe(404);
});
