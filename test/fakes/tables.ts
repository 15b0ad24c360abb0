// Table Storage in memory, for use-case tests. Held to the same contract suite as the real adapter (test/contracts/tables.test.ts).
import {
  type Key,
  type Properties,
  type Range,
  type StoredRow,
  type Table,
  type TableName,
  type Tables,
  tableNames,
  transactionLimit,
  type Write,
  type WriteOutcome,
} from '../../shared/ports/tables.ts';

const longestProperty = 65_536;

interface Cell {
  readonly etag: string;
  readonly properties: Properties;
}

/** Called before each storage call; a test throws from here to act out a crash. */
export type StorageFault = (call: { readonly table: TableName; readonly operation: 'get' | 'write' | 'range' }) => void;

export interface FakeTables extends Tables {
  /** Storage calls so far. */
  readonly calls: () => number;
  readonly failWith: (fault: StorageFault | undefined) => void;
}

/** Documented bound of one entity, its texts in UTF-16. */
const largestEntity = 1024 * 1024;
/** Documented bound of one transaction's body. */
const largestTransaction = 4 * 1024 * 1024;

/** Table Storage refuses these with 400: a fault of the program, so it is thrown. */
function check(writes: readonly Write[]): void {
  if (writes.length === 0 || writes.length > transactionLimit) throw new RangeError(`A transaction holds 1 to ${transactionLimit} writes.`);
  if (new Set(writes.map((write) => write.row)).size !== writes.length) throw new RangeError('A transaction names each row once.');
  let bytes = 0;
  for (const write of writes) {
    if (!/^[^\p{Cc}/\\#?]{1,512}$/u.test(write.row)) throw new RangeError(`Not a row key: ${write.row}`);
    if (write.kind === 'remove') continue;
    let entity = 0;
    for (const [name, value] of Object.entries(write.properties)) {
      const size = typeof value === 'string' ? value.length * 2 : value instanceof Uint8Array ? value.byteLength : 8;
      bytes += typeof value === 'string' ? Buffer.byteLength(value) : 8;
      if (size > longestProperty) throw new RangeError(`The property ${name} is larger than 64 KiB.`);
      entity += size + 2 * name.length + 8;
    }
    if (entity > largestEntity) throw new RangeError('The entity is larger than 1 MiB.');
  }
  if (bytes > largestTransaction) throw new RangeError('The transaction is larger than 4 MiB.');
}

/** Stored values are copies, and strings are well-formed. */
function kept(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      if (typeof value === 'string') return [name, value.toWellFormed()];
      return [name, value instanceof Uint8Array ? value.slice() : value];
    }),
  );
}

function refusal(cells: Map<string, Cell>, write: Write): WriteOutcome | undefined {
  const present = cells.get(write.row.toWellFormed());
  switch (write.kind) {
    case 'insert':
      return present ? { kind: 'exists', row: write.row } : undefined;
    case 'upsert':
      return undefined;
    case 'merge':
      return write.etag === undefined || present?.etag === write.etag ? undefined : { kind: 'changed', row: write.row };
    case 'replace':
      return present?.etag === write.etag ? undefined : { kind: 'changed', row: write.row };
    case 'remove':
      return present && (write.etag === undefined || present.etag === write.etag) ? undefined : { kind: 'changed', row: write.row };
  }
}

function makeTable(before: (operation: 'get' | 'write' | 'range') => void): Table {
  const partitions = new Map<string, Map<string, Cell>>();
  let version = 0;

  const stored = (key: Key, cell: Cell): StoredRow => ({ ...key, etag: cell.etag, properties: cell.properties });

  return {
    get: async (key) => {
      before('get');
      const wellFormed = { partition: key.partition.toWellFormed(), row: key.row.toWellFormed() };
      const cell = partitions.get(wellFormed.partition)?.get(wellFormed.row);
      return cell && stored(wellFormed, cell);
    },
    write: async (partition, writes) => {
      before('write');
      check(writes);
      const cells = partitions.get(partition.toWellFormed()) ?? new Map<string, Cell>();
      for (const write of writes) {
        const refused = refusal(cells, write);
        if (refused) return refused;
      }
      const etags = new Map<string, string>();
      for (const write of writes) {
        const row = write.row.toWellFormed();
        if (write.kind === 'remove') {
          cells.delete(row);
          continue;
        }
        version += 1;
        const etag = `W/"${version}"`;
        const former = write.kind === 'merge' ? cells.get(row)?.properties : undefined;
        cells.set(row, { etag, properties: { ...former, ...kept(write.properties) } });
        etags.set(write.row, etag);
      }
      partitions.set(partition.toWellFormed(), cells);
      return { kind: 'done', etags };
    },
    range: async function* ({ partition, from = '', below, select, limit = Number.POSITIVE_INFINITY }: Range) {
      before('range');
      const cells = partitions.get(partition);
      const keys = [...(cells?.keys() ?? [])].filter((row) => row >= from && (below === undefined || row < below)).toSorted();
      for (const row of keys.slice(0, limit)) {
        const cell = cells?.get(row);
        if (!cell) continue;
        const properties = select
          ? Object.fromEntries(Object.entries(cell.properties).filter(([name]) => select.includes(name)))
          : cell.properties;
        yield stored({ partition, row }, { etag: cell.etag, properties });
      }
    },
  };
}

/** All tables, empty. */
export function makeFakeTables(): FakeTables {
  let calls = 0;
  let fault: StorageFault | undefined;
  const tables = Object.fromEntries(
    tableNames.map((table) => [
      table,
      makeTable((operation) => {
        calls += 1;
        fault?.({ table, operation });
      }),
    ]),
  ) as Record<TableName, Table>;
  return {
    ...tables,
    calls: () => calls,
    failWith: (next) => {
      fault = next;
    },
  };
}
