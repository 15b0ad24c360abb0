// What is forgotten in time, so that quiet rounds do not pile up.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { day, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => await stage?.stop());

it('the orchestration of a round is forgotten a week after it, and its record stays', async () => {
  const company = await stage.connectCompany({ name: 'Quince' });
  await stage.changeSettings(company, { syncPaused: true });
  await stage.sandbox.settle();
  const { host } = stage.sandbox;
  const orchestration = async () => (await fetch(`${host.url}/runtime/webhooks/durabletask/instances/sync-${company.companyId}-1`)).status;
  const purge = async () => {
    const answer = await fetch(`${host.url}/admin/functions/purgeEnded`, { method: 'POST', body: '{"input":""}' });
    expect(answer.status).toBe(202);
    await stage.sandbox.settle();
  };
  await purge();
  expect(await orchestration()).toBe(200);
  stage.sandbox.clock.advance(8 * day);
  await stage.sandbox.settle();
  await purge();
  expect(await orchestration()).toBe(404);
  expect(await company.admin.runs(company.companyId)).not.toEqual([]);
});
