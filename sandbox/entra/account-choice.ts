// Who is signing in: the part that the sign-in and the consent page share. Drivable without a browser: POST `account` and `decision` to the
// page's own address, or add `sandbox_account=<object id>` (and `sandbox_decision=cancel`) to the query and no page is shown.

import type { TenantProfile } from '../world/tenants.ts';
import type { EntraContext } from './context.ts';
import { anyTenantNames, type Member } from './directory.ts';
import type { EntraRequest } from './http.ts';
import type { AccountPage } from './pages.ts';
import { type Refusal, refusals } from './refusals.ts';

type AccountChoice =
  | { readonly kind: 'ask' }
  | { readonly kind: 'accepted'; readonly member: Member }
  | { readonly kind: 'cancelled' }
  | Refusal;

/** Remembers who signed in last, for `prompt=none` and to mark that account on the next page. Nothing is proven by it, nor by the page. */
const sessionCookie = 'muster-sandbox-entra';

/** The tenants whose accounts may answer a request to this path; a refusal when the path names none. */
export function tenantsOf(context: EntraContext, tenantName: string): readonly TenantProfile[] | Refusal {
  if (anyTenantNames.includes(tenantName)) return context.directory.tenants();
  const tenant = context.directory.find(tenantName);
  return tenant === undefined ? refusals.tenantNotFound(tenantName) : [tenant];
}

/** Reads the decision out of the form or the direct query parameters. */
export function readChoice(context: EntraContext, tenants: readonly TenantProfile[], request: EntraRequest): AccountChoice {
  const isForm = request.method === 'POST';
  const objectId = isForm ? request.form.get('account') : request.query.get('sandbox_account');
  const decision = isForm ? request.form.get('decision') : request.query.get('sandbox_decision');
  if (decision === 'cancel') return { kind: 'cancelled' };
  if (objectId === null) return { kind: 'ask' };
  const member = context.directory.member(objectId);
  if (member === undefined) return refusals.accountUnknown(objectId);
  const isAllowed = tenants.some(({ tenantId }) => tenantId === member.tenant.tenantId);
  if (isAllowed) return { kind: 'accepted', member };
  return refusals.accountOfOtherTenant(member.account.userPrincipalName, tenants[0]?.displayName ?? '');
}

/** The account of the last sign-in in this browser, if it belongs to one of `tenants`. */
export function signedInMember(context: EntraContext, tenants: readonly TenantProfile[], request: EntraRequest): Member | undefined {
  const objectId = new RegExp(`(?:^|; *)${sessionCookie}=([^;]+)`).exec(request.headers['cookie'] ?? '')?.[1];
  const member = objectId === undefined ? undefined : context.directory.member(objectId);
  return tenants.some(({ tenantId }) => tenantId === member?.tenant.tenantId) ? member : undefined;
}

export function rememberMember({ account }: Member): Readonly<Record<string, string>> {
  return { 'set-cookie': `${sessionCookie}=${account.objectId}; Path=/; HttpOnly; SameSite=Lax` };
}

/**
 * What the page shows. `domain_hint` narrows the choice to that domain's tenant, `login_hint` marks its account, and without a hint the
 * account of the last sign-in is marked, unless `prompt` asks to choose anew.
 */
export function accountPage(context: EntraContext, tenants: readonly TenantProfile[], request: EntraRequest, appName: string): AccountPage {
  const { query } = request;
  const hinted = tenants.filter(({ domain }) => domain === query.get('domain_hint')?.toLowerCase());
  const shown = hinted.length > 0 ? hinted : tenants;
  const loginHint = query.get('login_hint')?.toLowerCase();
  const choosesAnew = ['select_account', 'login'].includes(query.get('prompt') ?? '');
  const selected =
    loginHint === undefined
      ? choosesAnew
        ? undefined
        : signedInMember(context, shown, request)?.account
      : shown.flatMap(({ accounts }) => accounts).find(({ userPrincipalName }) => userPrincipalName.toLowerCase() === loginHint);
  return { action: `${request.path}?${request.rawQuery}`, appName, tenants: shown, selected: selected?.objectId };
}
