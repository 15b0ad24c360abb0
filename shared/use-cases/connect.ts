// "Integrate M365": consent, proof of the tenant by a sign-in, confirmation, and the link. Every parameter of a redirect is a claim
// until it is proven (docs/graph.md §5.5); each step can be taken once, only in the browser that started it, and only for a while.
import type { Principal } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import { link } from '../domain/integration.ts';
import { joinToken } from '../domain/secrets.ts';
import type { Ports } from '../ports/ports.ts';
import { claimTenant, readClaim, readCompany, readIntegration, releaseTenant } from '../storage/companies.ts';
import { changeFleet } from '../storage/fleet.ts';
import { createAttempt } from '../storage/connect-attempts.ts';
import { endWith, openAttempt, type Redirect, step } from './connect-steps.ts';
import { hashSecret } from './hashing.ts';
import { changeIntegrationWithAudit } from './integration-change.ts';
import { authorise } from './scopes.ts';

/** Documented bound for a consent round trip: long enough to find the right administrator, short enough to be forgotten. */
const lifeMs = 15 * 60_000;

/** Role template ids that may consent to application permissions (Microsoft: Privileged Role Administrator or Global Administrator). */
const consentingRoles: readonly string[] = ['62e90394-69f5-4237-9190-012177145e10', 'e8611ab8-c189-46e8-94e1-60213ab1f814'];

const tenantPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const connectPaths = { consented: '/connect/consented', signedIn: '/connect/signed-in', confirm: '/connect/confirm' } as const;
const redirectUri = (ports: Ports, path: string) => `${ports.operation.publicUrl}${path}`;

export interface ConnectStart {
  readonly consentUrl: string;
  readonly expiresAt: string;
  /** Value of the cookie that binds the attempt to this browser. */
  readonly sessionSecret: string;
}

/** Starts consent for a company. The tenant is asked for at Entra, unless the company has had one before. */
export async function startConnect(
  ports: Ports,
  { companyId, principal }: { readonly companyId: string; readonly principal: Principal },
): Promise<ConnectStart> {
  const integration = await readIntegration(ports.tables, companyId);
  const attemptId = ports.ids.newId();
  const secret = ports.ids.newSecret();
  const sessionSecret = ports.ids.newSecret();
  const expiresAt = new Date(ports.clock.now().getTime() + lifeMs).toISOString();
  await createAttempt(ports.tables, {
    attemptId,
    companyId,
    startedBy: principal.name,
    starter: { tenantId: principal.tenantId, objectId: principal.objectId },
    sessionHash: hashSecret(sessionSecret),
    stage: 'consent',
    secretHash: hashSecret(secret),
    expiresAt,
    claimedTenantId: null,
    codeVerifier: null,
    nonce: null,
    provenAccount: null,
    provenTenantName: null,
  });
  const consentUrl = ports.signIn.consentUrl({
    tenant: integration.tenantId ?? 'organizations',
    redirectUri: redirectUri(ports, connectPaths.consented),
    state: joinToken(attemptId, secret),
  });
  return { consentUrl, expiresAt, sessionSecret };
}

export interface ConsentRedirect extends Redirect {
  readonly tenant: string | null;
  /** `error` of the redirect; looked at before everything else, since `admin_consent=True` comes with refusals too. */
  readonly error: string | null;
}

/** The browser is back from consent: an answer to check, not to believe. Returns where to send it to sign in. */
export async function acceptConsent(ports: Ports, redirect: ConsentRedirect): Promise<{ readonly signInUrl: string }> {
  // Entra's v1 endpoint leaves the state out when consent is refused: there is nothing to look up, and nothing was changed.
  if (redirect.error !== null && redirect.state === null) throw new Refusal('connect-refused');
  const found = await openAttempt(ports, redirect, 'consent');
  if (redirect.error !== null) return await endWith(ports, found, new Refusal('connect-refused'));
  const tenantId = redirect.tenant?.toLowerCase() ?? '';
  if (!tenantPattern.test(tenantId)) throw new Refusal('connect-refused', { detail: 'The answer named no tenant; nothing was changed.' });
  await requireOwnTenant(ports, found.value.companyId, tenantId);
  const secret = ports.ids.newSecret();
  const start = await ports.signIn.start({
    tenant: tenantId,
    redirectUri: redirectUri(ports, connectPaths.signedIn),
    state: joinToken(found.value.attemptId, secret),
    chooseAccount: true,
  });
  await step(ports, found, {
    stage: 'signIn',
    secretHash: hashSecret(secret),
    claimedTenantId: tenantId,
    codeVerifier: start.codeVerifier,
    nonce: start.nonce,
  });
  return { signInUrl: start.url };
}

async function requireOwnTenant(ports: Ports, companyId: string, tenantId: string): Promise<void> {
  const integration = await readIntegration(ports.tables, companyId);
  if (integration.tenantId !== null && integration.tenantId !== tenantId) throw new Refusal('company-has-other-tenant');
}

/** A claim this old without a link was left by a crash between the two. */
const orphanedAfterMs = 3_600_000;

/** Whether another company holds the tenant; a claim that a crash orphaned is given up first. */
async function belongsToAnother(ports: Ports, companyId: string, tenantId: string): Promise<boolean> {
  const claim = await readClaim(ports.tables, tenantId);
  if (claim === undefined || claim.companyId === companyId) return false;
  const holder = await readIntegration(ports.tables, claim.companyId);
  const linked = holder.tenantId === tenantId && holder.state !== 'disconnected';
  const old = ports.clock.now().getTime() - Date.parse(claim.claimedAt) > orphanedAfterMs;
  if (linked || !old) return true;
  await releaseTenant(ports.tables, tenantId, claim);
  return false;
}

export interface Confirmation {
  readonly companyId: string;
  readonly companyName: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly account: string;
  /** The domain the MSP expected, when it differs from the one that signed in. */
  readonly unexpectedDomain: string | null;
  /** To be sent with the confirmation. */
  readonly confirmToken: string;
}

/** The browser is back from the sign-in: proves the tenant and returns what a person must confirm. */
export async function proveTenant(
  ports: Ports,
  redirect: Redirect & { readonly code: string | null; readonly error: string | null },
): Promise<Confirmation> {
  const found = await openAttempt(ports, redirect, 'signIn');
  const { claimedTenantId, codeVerifier, nonce, companyId, attemptId } = found.value;
  if (redirect.error !== null || redirect.code === null || claimedTenantId === null || codeVerifier === null || nonce === null) {
    return await endWith(ports, found, new Refusal('connect-refused', { detail: 'The sign-in was not completed; nothing was changed.' }));
  }
  const outcome = await ports.signIn.finish({
    tenant: claimedTenantId,
    redirectUri: redirectUri(ports, connectPaths.signedIn),
    code: redirect.code,
    codeVerifier,
    nonce,
  });
  if (outcome.kind === 'refused') return await endWith(ports, found, new Refusal('sign-in-failed', { detail: outcome.sentence }));
  const { account } = outcome;
  if (account.tenantId !== claimedTenantId) return await endWith(ports, found, new Refusal('connect-wrong-tenant'));
  // A guest of the tenant also carries its tid; only somebody who may consent proves that the tenant agrees.
  const mayConsent = account.directoryRoles.some((role) => consentingRoles.includes(role));
  if (!mayConsent) return await endWith(ports, found, new Refusal('connect-not-admin'));
  // Asked only now: whoever merely names a tenant must not learn whether it belongs to somebody here.
  if (await belongsToAnother(ports, companyId, account.tenantId)) return await endWith(ports, found, new Refusal('tenant-already-linked'));
  const company = await readCompany(ports.tables, companyId);
  if (!company) throw new Refusal('not-found');
  const tenantName = account.userName.split('@').at(-1) ?? account.tenantId;
  const secret = ports.ids.newSecret();
  await step(ports, found, {
    stage: 'confirm',
    secretHash: hashSecret(secret),
    codeVerifier: null,
    nonce: null,
    provenAccount: account.userName,
    provenTenantName: tenantName,
  });
  const expected = company.expectedDomain;
  return {
    companyId,
    companyName: company.name,
    tenantId: account.tenantId,
    tenantName,
    account: account.userName,
    unexpectedDomain: expected !== null && expected.toLowerCase() !== tenantName.toLowerCase() ? expected : null,
    confirmToken: joinToken(attemptId, secret),
  };
}

const probePrefix = 'connect-';
/** Whether an orchestration id is one of a probe. */
export const isProbe = (instanceId: string) => instanceId.startsWith(probePrefix);

export interface Linked {
  readonly companyId: string;
  readonly tenantId: string;
  /** Starts the permission probe under this orchestration id. */
  readonly probeInstanceId: string;
}

/**
 * Joins the proven tenant and the company. Whoever started it must still be allowed to. The tenant row is claimed
 * first: under a race exactly one company gets it.
 * @throws Refusal `tenant-already-linked`, `company-has-other-tenant`, `connect-expired`, `connect-other-browser`.
 */
export async function confirmConnect(ports: Ports, redirect: Redirect): Promise<Linked> {
  const found = await openAttempt(ports, redirect, 'confirm');
  const { companyId, claimedTenantId: tenantId, provenTenantName, provenAccount, starter, startedBy, attemptId } = found.value;
  if (tenantId === null || provenTenantName === null) throw new Refusal('connect-expired');
  await authorise(ports, { kind: 'person', ...starter, name: startedBy, appRoles: [] }, 'connect', { companyId });
  await requireOwnTenant(ports, companyId, tenantId);
  // Spent first, so that of two confirmations at the same moment one goes on; after a crash right here the admin starts again. The probe
  // is noted before the link, so that the fleet's timer finds a link whose probe was never started.
  await step(ports, found, { stage: 'used' });
  const at = ports.clock.now().toISOString();
  const claim = { companyId, claimedAt: at };
  if ((await claimTenant(ports.tables, tenantId, claim)) === 'taken') throw new Refusal('tenant-already-linked');
  const probeInstanceId = `${probePrefix}${attemptId}`;
  await changeFleet(ports.tables, companyId, { running: { instanceId: probeInstanceId, since: at } });
  const changed = await changeIntegrationWithAudit(ports, companyId, (integration) => {
    const next = link(integration, { tenantId, tenantName: provenTenantName, by: startedBy, at });
    if (next === 'otherTenant') return 'otherTenant';
    const summary = `Joined the tenant ${provenTenantName}; consent was proven by ${provenAccount ?? 'its administrator'}.`;
    return { integration: next, audit: { action: 'integrationLinked', by: startedBy, summary, reason: null } };
  });
  if (changed === 'otherTenant') {
    await releaseTenant(ports.tables, tenantId, claim);
    throw new Refusal('company-has-other-tenant');
  }
  return { companyId, tenantId, probeInstanceId };
}
