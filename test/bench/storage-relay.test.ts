// The relay counts what an app asks of storage, told apart by table, and changes nothing on the way.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { startStorageRelay, type StorageRelay } from '../../bench/storage-relay.ts';

const running: (StorageRelay | Server)[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) {
    if ('take' in each) await each.stop();
    else {
      each.closeAllConnections();
      each.close();
    }
  }
});

async function startBoth(): Promise<{ readonly relay: StorageRelay; readonly url: string }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(`${request.method} ${request.url} ${Buffer.concat(chunks).length}`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const relay = await startStorageRelay(`AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:${address.port}/a;`);
  running.push(relay, server);
  return { relay, url: /TableEndpoint=([^;]+)/.exec(relay.connectionString)?.[1] ?? '' };
}

it('tells point reads, queries and transactions apart, and forgets what was taken', async () => {
  const { relay, url } = await startBoth();
  const point = `${url}/users(PartitionKey='c-1-0',RowKey='x')`;
  await Promise.all([fetch(point), fetch(point), fetch(`${url}/users()?$filter=x`)]);
  await fetch(`${url}/$batch`, { method: 'POST', body: 'x'.repeat(300_000) });
  expect(relay.take()).toEqual({ users: { points: 2, others: 1 }, $batch: { points: 0, others: 1 } });
  expect(relay.take()).toEqual({});
});

it('counts the rows that are written, one by one and in transactions, wherever a chunk ends', async () => {
  const { relay, url } = await startBoth();
  const write = (row: number) =>
    `PUT ${url}/users(PartitionKey='c',RowKey='${row}') HTTP/1.1\r\nIf-Match: *\r\n\r\n{"d":"${'z'.repeat(997)}"}\r\n`;
  const body = ['--changes\r\n\r\n', ...Array.from({ length: 500 }, (_, row) => write(row))].join('');
  await fetch(`${url}/$batch`, { method: 'POST', body });
  await fetch(`${url}/mails`, { method: 'POST', body: '{}' });
  await fetch(`${url}/mails(PartitionKey='a',RowKey='b')`);
  expect(relay.takeRows()).toEqual({ users: 500, mails: 1 });
  expect(relay.takeRows()).toEqual({});
});

it('passes everything on as it is', async () => {
  const { url } = await startBoth();
  const response = await fetch(`${url}/lists(PartitionKey='a',RowKey='b')`, { method: 'PUT', body: 'y'.repeat(100_000) });
  expect(await response.text()).toBe("PUT /a/lists(PartitionKey='a',RowKey='b') 100000");
});
