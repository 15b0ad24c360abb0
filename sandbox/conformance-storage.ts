// Tries Table Storage as Muster uses it: rows of a partition of its own in a real table, removed again at the end.
import { randomUUID } from 'node:crypto';
import { composePorts, prepareStorage } from '../shared/compose.ts';
import type { Config } from '../shared/config.ts';
import { type Properties, type StoredRow, type Table, tableNames } from '../shared/ports/tables.ts';
import { explainFault } from './conformance-faults.ts';
import { onlyWith } from './conformance-settings.ts';
import { type Area, failed, passed } from './conformance-steps.ts';

const written: Properties = { text: 'Zoë ✓', count: 5_000_000_000, flag: true, bytes: Uint8Array.of(0, 127, 255) };
const unexpected = 'Check that the setting leads to Azure Table Storage itself and not to a service that only resembles it.';

async function rowsOf(table: Table, partition: string, range: { from?: string; below?: string } = {}): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = [];
  for await (const row of table.range({ partition, ...range })) rows.push(row);
  return rows;
}

const keysOf = (rows: readonly StoredRow[]) => rows.map(({ row }) => row).join(' ');

function sameProperties(read: Properties): boolean {
  const plain = (value: Properties[string] | undefined) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  const names = Object.keys(written);
  return Object.keys(read).length === names.length && names.every((name) => plain(read[name]) === plain(written[name]));
}

/** @param hindrance why nothing may be tried, or null */
export function storageArea(config: Config, hindrance: string | null): Area {
  const partition = `conformance-${randomUUID()}`;
  const tables = () => composePorts(onlyWith('tables', config)).tables;
  const table = () => tables().rounds;
  let firstEtag = '';
  return {
    name: 'Table Storage',
    hindrance,
    explain: (error) =>
      explainFault(error, {
        service: 'The table service',
        setting: config.tables.kind === 'identity' ? 'TABLES_CONNECTION__tableServiceUri' : 'TABLES_CONNECTION',
        role: 'the role "Storage Table Data Contributor" on the storage account',
        usesIdentity: config.tables.kind === 'identity',
      }),
    steps: [
      {
        id: 'storage.tables',
        title: 'the tables',
        run: async () => {
          await prepareStorage(config);
          for (const name of tableNames) await tables()[name].get({ partition, row: 'absent' });
          return passed(`All ${tableNames.length} exist (missing ones were created, as at every start) and answer.`);
        },
      },
      {
        id: 'storage.insert',
        title: 'inserting a row',
        needs: ['storage.tables'],
        run: async () => {
          const outcome = await table().write(partition, [{ kind: 'insert', row: 'a', properties: written }]);
          firstEtag = outcome.kind === 'done' ? (outcome.etags.get('a') ?? '') : '';
          if (firstEtag === '') return failed('A new row was not accepted, or got no ETag.', unexpected);
          return passed('One row was written to a partition of its own.');
        },
      },
      {
        id: 'storage.read',
        title: 'reading it back',
        needs: ['storage.insert'],
        run: async () => {
          const row = await table().get({ partition, row: 'a' });
          if (row === undefined || !sameProperties(row.properties))
            return failed('The row did not come back as it was written.', unexpected);
          return passed('Text, number, flag and bytes came back unchanged.');
        },
      },
      {
        id: 'storage.conflict',
        title: 'noticing that somebody was faster',
        needs: ['storage.insert'],
        run: async () => {
          const again = await table().write(partition, [{ kind: 'insert', row: 'a', properties: written }]);
          const change = { kind: 'replace', row: 'a', properties: written, etag: firstEtag } as const;
          const first = await table().write(partition, [change]);
          const second = await table().write(partition, [change]);
          if (again.kind === 'exists' && first.kind === 'done' && second.kind === 'changed') {
            return passed('A second insert and a change with an outdated ETag were refused.');
          }
          return failed('A write that had to be refused was accepted, or the other way round.', unexpected);
        },
      },
      {
        id: 'storage.transaction',
        title: 'a transaction',
        needs: ['storage.insert'],
        run: async () => {
          const insert = (row: string) => ({ kind: 'insert', row, properties: written }) as const;
          const whole = await table().write(partition, [insert('b'), insert('c')]);
          const refused = await table().write(partition, [insert('d'), insert('a')]);
          const keys = keysOf(await rowsOf(table(), partition));
          if (whole.kind === 'done' && refused.kind === 'exists' && keys === 'a b c')
            return passed('It is written as a whole or not at all.');
          return failed('A transaction was not all or nothing.', unexpected);
        },
      },
      {
        id: 'storage.range',
        title: 'a range of rows',
        needs: ['storage.transaction'],
        run: async () => {
          const keys = keysOf(await rowsOf(table(), partition, { from: 'b', below: 'c' }));
          return keys === 'b'
            ? passed('Exactly the rows between two keys came back.')
            : failed('A range had other rows than it should.', unexpected);
        },
      },
      {
        id: 'storage.remove',
        title: 'removing the rows',
        needs: ['storage.tables'],
        run: async () => {
          for (const { row } of await rowsOf(table(), partition)) await table().write(partition, [{ kind: 'remove', row }]);
          const left = (await rowsOf(table(), partition)).length;
          if (left > 0)
            return failed(`${left} rows are left.`, 'Remove the partition that starts with "conformance-" from the table "rounds".');
          return passed('Nothing of this check is left.');
        },
      },
    ],
  };
}
