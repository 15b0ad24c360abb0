import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeStorageMeter } from '../../shared/adapters/storage-meter.ts';
import { type Azurite, startAzurite } from '../../sandbox/azurite.ts';

const { meter, policy } = makeStorageMeter();
let azurite: Azurite;
let client: TableClient;

/** Answers this many requests with 503 before they reach Azurite. */
let failures = 0;

beforeAll(async () => {
  azurite = await startAzurite({ services: 'table' });
  client = TableClient.fromConnectionString(azurite.connectionString, 'measured', {
    allowInsecureConnection: true,
    retryOptions: { retryDelayInMs: 1, maxRetryDelayInMs: 1 },
    additionalPolicies: [{ policy, position: 'perRetry' }],
  });
  client.pipeline.addPolicy(
    {
      name: 'failFirst',
      sendRequest: async (request, next) => {
        const response = await next(request);
        failures -= 1;
        return failures >= 0 ? { ...response, status: 503 } : response;
      },
    },
    { afterPhase: 'Retry' },
  );
  await client.createTable();
  const rows = Array.from({ length: 3 }, (_, index) => ['create', { partitionKey: 'p', rowKey: `r${index}` }] as const);
  await client.submitTransaction(rows.map(([kind, row]) => [kind, row]));
});

afterAll(() => azurite.stop());

const read = (row = 'r0') => client.getEntity('p', row);

async function list(rowsPerPage: number): Promise<number> {
  let pages = 0;
  for await (const _page of client.listEntities({ queryOptions: { filter: "PartitionKey eq 'p'" } }).byPage({ maxPageSize: rowsPerPage }))
    pages += 1;
  return pages;
}

describe('the storage meter', () => {
  test('gives back what the work gave back, and counts each request', async () => {
    const { value, calls } = await meter(async () => [(await read('r0')).rowKey, (await read('r1')).rowKey]);
    expect(value).toEqual(['r0', 'r1']);
    expect(calls).toBe(2);
    expect((await meter(async () => 'nothing asked')).calls).toBe(0);
  });

  test('counts every page of a list', async () => {
    expect(await meter(() => list(1))).toEqual({ value: 3, calls: 3 });
  });

  test('counts a transaction as one request', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({ partitionKey: 'many', rowKey: `r${index}` }));
    const { calls } = await meter(() => client.submitTransaction(rows.map((row) => ['upsert', row, 'Replace'])));
    expect(calls).toBe(1);
  });

  test('counts repeated attempts', async () => {
    failures = 2;
    expect((await meter(() => read())).calls).toBe(3);
  });

  test('counts requests that fail', async () => {
    expect(await meter(() => read('absent').catch(() => 'absent'))).toEqual({ value: 'absent', calls: 1 });
  });

  test('counts what runs in parallel inside the work', async () => {
    expect((await meter(() => Promise.all([read('r0'), read('r1'), list(3)]))).calls).toBe(3);
  });

  test('does not count what others do at the same time', async () => {
    const [one, two, , none] = await Promise.all([
      meter(() => read()),
      meter(async () => {
        await read();
        await read();
      }),
      Promise.all([read(), read(), read()]),
      meter(async () => undefined),
    ]);
    expect([one.calls, two.calls, none.calls]).toEqual([1, 2, 0]);
  });

  test('a measurement inside another counts for both, and sees nothing of the outer one', async () => {
    const outer = await meter(async () => {
      await read();
      const [left, right] = await Promise.all([meter(() => read()), meter(() => Promise.all([read(), read()]))]);
      await read();
      return [left.calls, right.calls];
    });
    expect(outer).toEqual({ value: [1, 2], calls: 5 });
  });

  test('measures again after work that failed, and passes the failure on', async () => {
    await expect(meter(() => read('absent'))).rejects.toMatchObject({ statusCode: 404 });
    expect((await meter(() => read())).calls).toBe(1);
  });

  test('meters of their own do not mix', async () => {
    const other = makeStorageMeter();
    expect(await other.meter(() => meter(() => read()))).toMatchObject({ calls: 0, value: { calls: 1 } });
  });

  test('can be fitted to a client that exists already, and still counts repeated attempts', async () => {
    const other = makeStorageMeter();
    client.pipeline.removePolicy({ name: policy.name });
    client.pipeline.addPolicy(other.policy, { afterPhase: 'Retry' });
    failures = 2;
    expect((await other.meter(() => read())).calls).toBe(3);
  });
});
