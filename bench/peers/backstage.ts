// Backstage's reader of Microsoft Graph, used the way its provider uses it: everybody into memory, made into catalog entities, not stored.
import { createRequire } from 'node:module';
import { answerQuestions, measured } from './answer.ts';

/** As much of the package as is used; it is installed on first need, so its own types may be missing. */
interface BackstageClient {
  getGroups: () => AsyncIterable<never>;
  getOrganization: (tenantId: string) => Promise<unknown>;
}
interface Backstage {
  readonly MicrosoftGraphClient: new (
    baseUrl: string,
    credential: { readonly getToken: () => Promise<{ readonly token: string; readonly expiresOnTimestamp: number }> },
  ) => BackstageClient;
  readonly readMicrosoftGraphOrg: (
    client: BackstageClient,
    tenantId: string,
    options: Readonly<Record<string, unknown>>,
  ) => Promise<{ readonly users: readonly unknown[] }>;
}

export interface BackstageInput {
  readonly baseUrl: string;
  readonly token: string;
  readonly tenantId: string;
  readonly select: readonly string[];
}

async function* nothing(): AsyncIterable<never> {}

const noLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

answerQuestions({
  read: async ({ baseUrl, token, tenantId, select }: BackstageInput) => {
    const { MicrosoftGraphClient, readMicrosoftGraphOrg } = createRequire(import.meta.url)(
      '@backstage/plugin-catalog-backend-module-msgraph',
    ) as Backstage;
    const credential = { getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const { value, figures } = await measured(async () => {
      const client = new MicrosoftGraphClient(`${baseUrl}/v1.0`, credential);
      // Groups and the organisation are not Muster's to read, and the app has no permission for them; without them the reader only gets faster.
      client.getGroups = nothing;
      client.getOrganization = (id) => Promise.resolve({ id, displayName: 'The tenant' });
      return await readMicrosoftGraphOrg(client, tenantId, {
        userExpand: 'manager',
        userSelect: select,
        loadUserPhotos: false,
        logger: noLog,
      });
    });
    return { users: value.users.length, figures };
  },
});
