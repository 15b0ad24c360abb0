// The floor of every first sync's storing: rows like the product's, in hand-made transactions, over as many shards, without any Graph.
import { randomUUID } from 'node:crypto';
import { answerQuestions, measured } from './answer.ts';
import { openWire, type Row, type Wire } from './table-wire.ts';

export interface FloorInput {
  readonly tables: string;
  readonly rows: number;
  readonly shards: number;
  /** Transactions under way at a time. */
  readonly inFlight: number;
  /** JSON of the properties of rows the product stored; taken in turn. */
  readonly templates: readonly string[];
  /** How many of the rows are written again afterwards, spread over all shards, as a bulk approval does. */
  readonly updates: number;
}

interface Transaction {
  readonly partition: string;
  readonly rows: readonly Row[];
}

const table = 'users';
const rowsPerTransaction = 100;

function planRows({ rows, shards, templates }: FloorInput): readonly Row[][] {
  const plan: Row[][] = Array.from({ length: shards }, () => []);
  for (let index = 0; index < rows; index += 1) {
    plan[index % shards]?.push({ key: randomUUID(), properties: templates[index % templates.length] ?? '' });
  }
  return plan;
}

/** All shards in turns, as a population that arrives in no order fills them. */
function transactionsOf(plan: readonly (readonly Row[])[]): readonly Transaction[] {
  const longest = Math.max(...plan.map((rows) => rows.length));
  const found: Transaction[] = [];
  for (let start = 0; start < longest; start += rowsPerTransaction) {
    for (const [shard, rows] of plan.entries()) {
      const part = rows.slice(start, start + rowsPerTransaction);
      if (part.length > 0) found.push({ partition: `floor-1-${shard}`, rows: part });
    }
  }
  return found;
}

async function writeAll(wire: Wire, transactions: readonly Transaction[], inFlight: number, mustExist: boolean) {
  return await measured(async () => {
    const queue = transactions.values();
    const worker = async () => {
      for (const { partition, rows } of queue) await wire.put(table, partition, rows, mustExist);
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  });
}

answerQuestions({
  write: async (input: FloorInput) => {
    const wire = openWire(input.tables, input.inFlight);
    await wire.createTable(table);
    const plan = planRows(input);
    const inserts = transactionsOf(plan);
    const written = await writeAll(wire, inserts, input.inFlight, false);
    const updates = transactionsOf(plan.map((rows) => rows.slice(0, Math.ceil(input.updates / input.shards))));
    const updated = await writeAll(wire, updates, input.inFlight, true);
    wire.close();
    const rowsOf = (transactions: readonly Transaction[]) => transactions.reduce((sum, { rows }) => sum + rows.length, 0);
    return {
      write: { ...written.figures, storageCalls: inserts.length, rowsWritten: rowsOf(inserts) },
      update: { ...updated.figures, storageCalls: updates.length, rowsWritten: rowsOf(updates) },
    };
  },
  /** Properties of rows that the product stored, as JSON without braces, metadata and keys. */
  templates: async ({ tables }: { readonly tables: string }) => {
    const wire = openWire(tables, 1);
    const rows = await wire.readRows(table);
    wire.close();
    return rows
      .filter((row) => !String(row['RowKey']).startsWith('~'))
      .map((row) => {
        const own = Object.entries(row).filter(([name]) => !/^(odata\.|PartitionKey$|RowKey$|Timestamp)/.test(name));
        return JSON.stringify(Object.fromEntries(own)).slice(1, -1);
      });
  },
});
