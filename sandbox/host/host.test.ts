import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fixture, makeFixture } from './fixtures/run-fixture.ts';
import type { HostProcess } from './launch.ts';

let fixture: Fixture;
let host: HostProcess;
beforeAll(async () => {
  fixture = await makeFixture('hello');
  host = await fixture.start();
});
afterAll(() => fixture.dispose());

test('an HTTP function starts an orchestration whose result is there after settling', async () => {
  const answer = await fetch(`${host.url}/api/greetings/first`, { method: 'POST', body: JSON.stringify({ names: ['Ada', 'Grace'] }) });
  expect(answer.status).toBe(202);
  const links = (await answer.json()) as { statusQueryGetUri: string };
  expect(answer.headers.get('location')).toBe(links.statusQueryGetUri);
  await host.settle();
  const status = await (await fetch(links.statusQueryGetUri)).json();
  expect(status).toMatchObject({ runtimeStatus: 'Completed', output: { greetings: ['hello Ada', 'hello Grace'] } });
});
