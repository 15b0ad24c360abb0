// What only the adapter over a real table service can be asked: missing tables, what travels, attempts, identities and signatures.
import { AzureNamedKeyCredential, generateAccountSas, RestError, TableServiceClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PipelinePolicy } from '../../shared/adapters/storage-meter.ts';
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
    const missing = { name: 'RestError', statusCode: 404, code: 'TableNotFound' };
    await expect(table.get({ partition: 'p', row: 'a' })).rejects.toMatchObject(missing);
    await expect(table.write('p', [insert('a')])).rejects.toMatchObject(missing);
    await expect(table.write('p', [insert('a'), insert('b')])).rejects.toMatchObject(missing);
    await expect(Array.fromAsync(table.range({ partition: 'p' }))).rejects.toMatchObject(missing);
    await expect(table.get({ partition: 'p', row: 'a' })).rejects.toBeInstanceOf(RestError);
    await createMissingTables(access());
  });

  it('throw what the service refuses for another reason, with its code', async () => {
    const { companies } = makeTables(access());
    const large = (row: string): Write => ({ kind: 'upsert', row, properties: { text: 'x'.repeat(32_769) } });
    const tooLarge = { name: 'RestError', statusCode: 400, code: 'PropertyValueTooLarge' };
    await expect(companies.write('p', [large('a')])).rejects.toMatchObject(tooLarge);
    await expect(companies.write('p', [insert('b'), large('a')])).rejects.toMatchObject(tooLarge);
    await expect(companies.write('p', [insert('b'), insert('b')])).rejects.toMatchObject({ statusCode: 400, code: 'InvalidDuplicateRow' });
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

  it('show every attempt to the policies, and repeat what failed on the way', async () => {
    const seen: string[] = [];
    let failures = 2;
    const flaky: PipelinePolicy = {
      name: 'flaky',
      sendRequest: async (request, next) => {
        seen.push(`${request.method} ${new URL(request.url).pathname.split('/').at(-1)?.replace(/\(.*/, '()')}`);
        expect(request.headers.get('User-Agent')).toMatch(/azsdk-js-data-tables/);
        expect(request.headers.get('x-ms-client-request-id')).toMatch(/^[0-9a-f-]{36}$/);
        failures -= 1;
        const answer = await next(request);
        if (failures >= 0) answer.headers.set('retry-after-ms', '1');
        return failures >= 0 ? { ...answer, status: 503 } : answer;
      },
    };
    const { mails } = makeTables(access(), [flaky]);
    await mails.write('attempts', [{ kind: 'upsert', row: 'a', properties: {} }]);
    expect(seen).toEqual(['PUT mails()', 'PUT mails()', 'PUT mails()']);
    await mails.write('attempts', [insert('b'), insert('c')]);
    expect((await Array.fromAsync(mails.range({ partition: 'attempts', limit: 2 }))).map(({ row }) => row)).toEqual(['a', 'b']);
    await mails.get({ partition: 'attempts', row: 'a' });
    expect(seen.slice(3)).toEqual(['POST $batch', 'GET mails()', 'GET mails()']);
  });

  it('show the token of an identity at the place of the account', async () => {
    const asked: (string | undefined)[] = [];
    const answering: PipelinePolicy = {
      name: 'answering',
      sendRequest: async (request) => {
        asked.push(request.url, request.headers.get('Authorization'));
        const headers = request.headers;
        return { request, headers, status: 200, bodyAsText: '{"odata.etag":"W/\\"1\\"","PartitionKey":"p","RowKey":"a","n":3.0}' };
      },
    };
    const credential = { getToken: async () => ({ token: 'the-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
    for (const endpoint of ['https://account.table.core.windows.net', 'https://account.table.core.windows.net/']) {
      const { users } = makeTables({ kind: 'identity', endpoint, credential }, [answering]);
      expect(await users.get({ partition: 'p', row: 'a' })).toEqual({ partition: 'p', row: 'a', etag: 'W/"1"', properties: { n: 3 } });
      expect(asked.splice(0)).toEqual(["https://account.table.core.windows.net/users(PartitionKey='p',RowKey='a')", 'Bearer the-token']);
    }
  });

  it('work with a signature in the place of the key', async () => {
    const part = (name: string) => new RegExp(`${name}=([^;]+)`).exec(service.connectionString)?.[1] ?? '';
    const credential = new AzureNamedKeyCredential(part('AccountName'), part('AccountKey'));
    const signature = generateAccountSas(credential, {
      expiresOn: new Date('2099-01-01'),
      permissions: { add: true, query: true, update: true, delete: true, write: true },
    });
    const connectionString = `TableEndpoint=${part('TableEndpoint')};SharedAccessSignature=${signature}`;
    const { lists } = makeTables({ kind: 'connectionString', connectionString });
    await lists.write('signed', [insert('a')]);
    await lists.write('signed', [insert('b'), insert('c')]);
    expect((await Array.fromAsync(lists.range({ partition: 'signed' }))).map(({ row }) => row)).toEqual(['a', 'b', 'c']);
    expect(await lists.get({ partition: 'signed', row: 'b' })).toMatchObject({ row: 'b' });
  });
});
