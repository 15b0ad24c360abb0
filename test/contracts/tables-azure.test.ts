// What only the adapter over a real table service can be asked: missing tables, and refusals without a position.
import { TableServiceClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMissingTables, makeTables } from '../../shared/adapters/tables.ts';
import { tableNames, type Write } from '../../shared/ports/tables.ts';
import { type Azurite, startAzurite } from '../../sandbox/azurite.ts';

let service: Azurite;
const access = () => ({ kind: 'connectionString', connectionString: service.connectionString }) as const;

beforeAll(async () => {
  service = await startAzurite({ services: 'table' });
  await createMissingTables(access());
});
afterAll(() => service.stop());

const insert = (row: string): Write => ({ kind: 'insert', row, properties: {} });

describe('tables over Table Storage', () => {
  it('can be created again and again', async () => {
    await createMissingTables(access());
    const tables = makeTables(access());
    for (const name of tableNames) expect(await tables[name].write('created', [insert('a')])).toMatchObject({ kind: 'done' });
  });

  it('do not take a missing table for an absent row or a conflict', async () => {
    await TableServiceClient.fromConnectionString(service.connectionString, { allowInsecureConnection: true }).deleteTable('access');
    const table = makeTables(access()).access;
    await expect(table.get({ partition: 'p', row: 'a' })).rejects.toThrow('TableNotFound');
    await expect(table.write('p', [insert('a')])).rejects.toThrow('TableNotFound');
    await expect(table.write('p', [insert('a'), insert('b')])).rejects.toThrow('table specified does not exist');
  });

  it('name no row when the service names none', async () => {
    const { companies } = makeTables(access(), [
      {
        name: 'wordless',
        sendRequest: async (request, next) => {
          const answer = await next(request);
          return { ...answer, bodyAsText: answer.bodyAsText?.replace('"value":"1:', '"value":"') ?? null };
        },
      },
    ]);
    await companies.write('wordless', [insert('b')]);
    expect(await companies.write('wordless', [insert('a'), insert('b')])).toEqual({ kind: 'exists', row: '' });
  });
});
