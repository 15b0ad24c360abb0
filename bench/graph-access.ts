// How programs beside the product reach the same tenant: a token of the same application, and the same properties in `$select`.
import { clientId } from '../sandbox/sandbox.ts';
import { selectedFields } from '../shared/domain/directory-fields.ts';
import type { Product } from './product.ts';

async function tokenFrom(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  const body = (await response.json()) as { readonly access_token?: string };
  if (body.access_token === undefined) throw new Error(`No token: ${JSON.stringify(body)}`);
  return body.access_token;
}

/** A Graph token for one tenant, got as the app gets its own: by the managed identity's assertion. Consents when nobody has yet. */
export async function graphTokenFor({ sandbox: { entra } }: Product, tenantId: string): Promise<string> {
  if (entra.consentState(tenantId).kind !== 'consented') entra.consent(tenantId);
  const identity = new URLSearchParams({
    'api-version': '2019-08-01',
    resource: 'api://AzureADTokenExchange',
    client_id: entra.managedIdentity.clientId,
  });
  const assertion = await tokenFrom(
    fetch(`${entra.urls.identityEndpoint}?${identity.toString()}`, { headers: { 'x-identity-header': entra.managedIdentity.header } }),
  );
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    scope: 'https://graph.microsoft.com/.default',
  });
  return await tokenFrom(fetch(`${entra.urls.authority}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body }));
}

const delta = (baseUrl: string) => `${baseUrl}/v1.0/users/delta?$select=${[...selectedFields, 'manager'].join(',')}`;

/** Where a drain of everybody begins. */
export const firstPage = ({ sandbox }: Product) => delta(sandbox.graph.baseUrl);
/** Answers one page without users, with a link to what changes from now on. */
export const latestToken = ({ sandbox }: Product) => `${delta(sandbox.graph.baseUrl)}&$deltatoken=latest`;
/** What a reader of lists selects. */
export const listFields: readonly string[] = selectedFields;
