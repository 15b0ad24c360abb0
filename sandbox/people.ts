// Who does things in the sandbox: API clients and browsers of the operator, the MSP's admin, and each company's admin.
import { type Api, makeApi, type Observe } from './api.ts';
import type { Sandbox } from './sandbox.ts';
import { makeVisitor, type Visitor } from './visitor.ts';
import type { SignInAccount, TenantProfile } from './world/tenants.ts';

/** The account of a tenant whose user name starts with `name`. @throws Error when there is none. */
export function accountOf(tenant: TenantProfile, name: string): SignInAccount {
  const account = tenant.accounts.find((each) => each.userPrincipalName.startsWith(name));
  if (!account) throw new Error(`${tenant.displayName} has no account ${name}.`);
  return account;
}

/** An API client with a token of this account. */
export async function apiOf(
  sandbox: Pick<Sandbox, 'entra' | 'url'>,
  tenant: TenantProfile,
  account: SignInAccount,
  observe?: Observe,
): Promise<Api> {
  const token = await sandbox.entra.issueAccessToken({ tenantId: tenant.tenantId, objectId: account.objectId });
  return makeApi({ url: sandbox.url, token, ...(observe ? { observe } : {}) });
}

export const browserOf = (sandbox: Pick<Sandbox, 'entra'>, account: SignInAccount): Visitor =>
  makeVisitor(sandbox.entra.urls.browser, { account: account.objectId });

/** An account as a grant names it. */
export const asAdmin = (tenant: TenantProfile, account: SignInAccount) => ({
  tenantId: tenant.tenantId,
  objectId: account.objectId,
  name: account.displayName,
  mail: account.userPrincipalName,
});

/**
 * Joins a company and a tenant the way people do: the starter's token opens the attempt, the administrator's account consents, proves
 * the tenant and confirms, all in one browser.
 */
export async function connect(
  sandbox: Pick<Sandbox, 'url'>,
  starterToken: string,
  browser: Visitor,
  companyId: string,
): Promise<{ readonly status: number; readonly text: string; readonly url: string }> {
  const response = await browser.call(`${sandbox.url}/api/v1/companies/${companyId}/integration/start`, {
    method: 'POST',
    headers: { authorization: `Bearer ${starterToken}` },
  });
  const { consentUrl } = (await response.json()) as { consentUrl: string };
  const confirmation = await browser.open(consentUrl);
  if (confirmation.status !== 200) return confirmation;
  return await browser.submit(confirmation);
}
