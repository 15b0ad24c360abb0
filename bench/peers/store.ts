// What a tutorial would write: read a page of users, store it, read the next. One partition for the company, the SDK as documented.
import { TableClient, type TransactionAction } from '@azure/data-tables';
import { answerQuestions, measured } from './answer.ts';

export interface StoreInput {
  readonly url: string;
  readonly token: string;
  /** Connection string of an empty Azurite. */
  readonly tables: string;
  /** One upsert after the other, or transactions of 100 rows after each page. */
  readonly way: 'oneByOne' | 'batchAfterPage';
}

interface GraphUser {
  readonly id: string;
  readonly [property: string]: unknown;
}

const partitionKey = 'company';
const rowsPerTransaction = 100;

/** Table Storage holds texts, numbers and flags; lists and objects are stored as JSON. */
function toEntity(user: GraphUser): { partitionKey: string; rowKey: string; [property: string]: unknown } {
  const properties = Object.entries(user).flatMap(([name, value]) => {
    if (value === null || value === undefined || name === 'id') return [];
    const plain = name.replaceAll(/[^A-Za-z0-9]/g, '_');
    return [[plain, typeof value === 'object' ? JSON.stringify(value) : value] as const];
  });
  return { partitionKey, rowKey: user.id, status: 'pending', ...Object.fromEntries(properties) };
}

async function storePage(client: TableClient, users: readonly GraphUser[], way: StoreInput['way']): Promise<number> {
  if (way === 'oneByOne') {
    for (const user of users) await client.upsertEntity(toEntity(user), 'Replace');
    return users.length;
  }
  let calls = 0;
  for (let start = 0; start < users.length; start += rowsPerTransaction, calls += 1) {
    const actions = users.slice(start, start + rowsPerTransaction).map((user): TransactionAction => ['upsert', toEntity(user), 'Replace']);
    await client.submitTransaction(actions);
  }
  return calls;
}

answerQuestions({
  store: async ({ url, token, tables, way }: StoreInput) => {
    const client = TableClient.fromConnectionString(tables, 'users', { allowInsecureConnection: true });
    await client.createTable();
    const { value, figures } = await measured(async () => {
      const done = { graphCalls: 0, storageCalls: 0, rowsWritten: 0 };
      for (let link: string | undefined = url; link !== undefined; ) {
        const response = await fetch(link, { headers: { authorization: `Bearer ${token}` } });
        if (!response.ok) throw new Error(`Graph answered ${response.status}.`);
        const page = (await response.json()) as { readonly value: readonly GraphUser[]; readonly '@odata.nextLink'?: string };
        done.graphCalls += 1;
        done.storageCalls += await storePage(client, page.value, way);
        done.rowsWritten += page.value.length;
        link = page['@odata.nextLink'];
      }
      return done;
    });
    return { figures: { ...figures, ...value } };
  },
});
