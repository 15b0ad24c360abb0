// Stands between the app and Azurite where calls are to be counted from outside: it passes bytes on and reads the request lines.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Requests to storage by table; what is in a transaction counts once, under `$batch`. */
export type CallCounts = Readonly<Record<string, { readonly points: number; readonly others: number }>>;

export interface StorageRelay {
  /** The same account, reached through the relay. */
  readonly connectionString: string;
  /** What was asked since the last time this was called. */
  readonly take: () => CallCounts;
  /** Rows the app asked to write by table, those in transactions each, since the last time this was called; refused ones count as well. */
  readonly takeRows: () => Readonly<Record<string, number>>;
  readonly stop: () => Promise<void>;
}

/** A request begins a chunk of its own: the SDK sends no second one on a connection before the first is answered. */
const requestLine = /^(GET|POST|PUT|PATCH|MERGE|DELETE) \/[^/ ]+\/(\$batch|[A-Za-z0-9]+)([^ ]*) HTTP\/1\.1\r\n/;
/** One write inside a transaction; its JSON is on one line, so no content looks like this. */
const writeLine = /\n(?:POST|PUT|PATCH|MERGE|DELETE) https?:\/\/[^/ ]+\/[^/ ]+\/([A-Za-z0-9]+)[^A-Za-z0-9]/g;
/** Longer than the part of a write's line that names its table, which may be cut in two. */
const carried = 300;

/** Starts a relay before the account that a connection string names. */
export async function startStorageRelay(connectionString: string): Promise<StorageRelay> {
  const endpoint = new URL(/TableEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '');
  const counts = new Map<string, { points: number; others: number }>();
  const rows = new Map<string, number>();
  const sockets = new Set<Socket>();
  const noteRow = (table: string) => rows.set(table, (rows.get(table) ?? 0) + 1);
  /** Counts the writes in transactions and gives back what the next chunk has to be read with. */
  const noteWrites = (text: string): string => {
    let end = 0;
    for (const line of text.matchAll(writeLine)) {
      noteRow(line[1] ?? '');
      end = line.index + line[0].length;
    }
    return text.slice(Math.max(end, text.length - carried));
  };
  const note = (chunk: Buffer) => {
    const found = requestLine.exec(chunk.subarray(0, 2_000).toString('latin1'));
    if (found === null) return;
    const [, method, table = '', rest = ''] = found;
    if (method !== 'GET' && table !== '$batch') noteRow(table);
    const count = counts.get(table) ?? { points: 0, others: 0 };
    if (/^\(PartitionKey/i.test(decodeURIComponent(rest))) count.points += 1;
    else count.others += 1;
    counts.set(table, count);
  };
  const server = createServer((client) => {
    const storage = connect(Number(endpoint.port), endpoint.hostname);
    for (const [from, to] of [
      [client, storage],
      [storage, client],
    ] as const) {
      from.setNoDelay(true);
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    let carry = '';
    client.on('data', (chunk: Buffer) => {
      note(chunk);
      carry = noteWrites(carry + chunk.toString('latin1'));
    });
    client.pipe(storage);
    storage.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The relay has no port.');
  return {
    connectionString: connectionString.replace(endpoint.host, `127.0.0.1:${address.port}`),
    take: () => {
      const taken = Object.fromEntries(counts);
      counts.clear();
      return taken;
    },
    takeRows: () => {
      const taken = Object.fromEntries(rows);
      rows.clear();
      return taken;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
