import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Fixture, makeFixture } from './fixtures/run-fixture.ts';

const width = 200;
const loops = 30;
const concurrency = 8;
let fixture: Fixture;
beforeEach(async () => {
  const durableTask = { maxConcurrentActivityFunctions: concurrency, maxConcurrentOrchestratorFunctions: 4 };
  fixture = await makeFixture('busy', { extensions: { durableTask } });
});
afterEach(() => fixture.dispose());

test('killed again and again, the host runs no committed activity twice and ends with the right result', async () => {
  const trace = join(fixture.folder, 'trace');
  const open = () => fixture.start({ env: { TRACE_FILE: trace } });
  let host = await open();
  await fetch(`${host.url}/api/start`, { method: 'POST', body: JSON.stringify({ width, loops }) });
  const deaths: { readonly from: number; readonly committed: ReadonlySet<string> }[] = [];
  const kills = 5;
  for (let kill = 1; kill <= kills; kill += 1) {
    // Each kill comes at another point of the work: in the fan-out, between the two, and in the loop.
    await begun(trace, Math.floor((kill * (width + loops)) / (kills + 1)));
    await host.kill();
    deaths.push({ from: lines(trace).length, committed: committedFanOut(join(fixture.folder, 'state.sqlite')) });
    host = await open();
  }
  await host.settle();
  const status = await (await fetch(`${host.url}/durabletask/instances/all`)).json();
  expect(status).toMatchObject({ runtimeStatus: 'Completed', output: { fan: width, looped: loops } });
  expect(deaths.at(-1)?.committed.size).toBeGreaterThan(width / 2);
  for (const { from, committed } of deaths)
    expect(
      lines(trace)
        .slice(from)
        .filter((line) => committed.has(line)),
    ).toEqual([]);
  // Only what was under way at a kill may have begun twice.
  const repeated = lines(trace).length - new Set(lines(trace)).size;
  expect(repeated).toBeLessThanOrEqual(kills * concurrency);
  expect(new Set(lines(trace)).size).toBe(width + loops);
});

test('a host that may restart comes back by itself on the same port and goes on', async () => {
  const host = await fixture.start({ env: { TRACE_FILE: join(fixture.folder, 'trace') }, restartOnCrash: true });
  await fetch(`${host.url}/api/start`, { method: 'POST', body: JSON.stringify({ width: 50, loops: 5 }) });
  const first = host.pid;
  await host.kill();
  await host.settle();
  expect(host.pid).not.toBe(first);
  const status = await (await fetch(`${host.url}/durabletask/instances/all`)).json();
  expect(status).toMatchObject({ runtimeStatus: 'Completed', output: { fan: 50, looped: 5 } });
});

function lines(trace: string): readonly string[] {
  try {
    return readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** Waits until that many different activities have begun. */
async function begun(trace: string, count: number): Promise<void> {
  while (new Set(lines(trace)).size < count) await pause(5);
}

/** The fan-out's activities whose end is in the state file of a dead host, as the lines they leave in the trace. */
function committedFanOut(stateFile: string): ReadonlySet<string> {
  const database = new DatabaseSync(stateFile);
  const open = new Set(
    database
      .prepare("SELECT input FROM activities WHERE name = 'work'")
      .all()
      .map((row) => itemOf(row['input'])),
  );
  database.close();
  const all = Array.from({ length: width }, (_, index) => `fan-${index}`);
  return new Set(all.filter((item) => !open.has(item)).map((item) => `begin ${item}`));
}

function itemOf(input: unknown): string {
  return (JSON.parse(String(input)) as { item: string }).item;
}
