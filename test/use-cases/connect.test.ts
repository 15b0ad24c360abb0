// Joining a tenant, as far as a browser is not needed: who may finish what they started, and which claims a crash or a rival leaves.
import { beforeEach, expect, it } from 'vitest';
import { changeGrants, claimTenant, readIntegration } from '../../shared/storage/companies.ts';
import { acceptConsent, confirmConnect, proveTenant, startConnect } from '../../shared/use-cases/connect.ts';
import { disconnect } from '../../shared/use-cases/disconnect.ts';
import { buildGrant, storeCompany, tenantId } from '../builders.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const companyId = 'company1';
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const grant = buildGrant();
const principal = { kind: 'person', tenantId: grant.tenantId, objectId: grant.objectId, name: grant.name, appRoles: [] } as const;
const account = {
  tenantId,
  objectId: '99999999-9999-4999-8999-999999999999',
  displayName: 'Gwen Global',
  userName: 'gwen@contoso.example',
  directoryRoles: [globalAdministrator],
  appRoles: [],
};

let ports: FakePorts;
beforeEach(async () => {
  ports = makeFakePorts({ accounts: [account] });
  const fresh = { state: 'notConnected', tenantId: null, tenantName: null, linkedAt: null, linkedBy: null } as const;
  await storeCompany(ports.tables, { integration: fresh });
  await storeCompany(ports.tables, { company: { companyId: 'company2' }, integration: fresh });
});

/** Everything up to the confirmation; returns what confirms. */
async function comeToConfirm(): Promise<{ readonly state: string; readonly session: string }> {
  const { consentUrl, sessionSecret: session } = await startConnect(ports, { companyId, principal });
  const state = new URL(consentUrl).searchParams.get('state');
  const { signInUrl } = await acceptConsent(ports, { state, session, tenant: tenantId, error: null });
  const back = ports.signIn.visit(signInUrl, account.objectId);
  const { confirmToken } = await proveTenant(ports, { state: back.state, session, code: back.code, error: null });
  return { state: confirmToken, session };
}

it('joins when the one who started it may still do so', async () => {
  await confirmConnect(ports, await comeToConfirm());
  expect(await readIntegration(ports.tables, companyId)).toMatchObject({ state: 'checking', tenantId });
});

it('is refused to an admin who was removed in the meantime, and changes nothing', async () => {
  const confirmation = await comeToConfirm();
  await changeGrants(ports.tables, { kind: 'company', id: companyId }, () => []);
  await expect(confirmConnect(ports, confirmation)).rejects.toMatchObject({ code: 'not-found' });
  expect(await readIntegration(ports.tables, companyId)).toMatchObject({ state: 'notConnected', tenantId: null });
  expect(await claimTenant(ports.tables, tenantId, { companyId: 'company2', claimedAt: ports.clock.now().toISOString() })).toBe('claimed');
});

it('is not barred for ever by a claim that a crash left without a link', async () => {
  await claimTenant(ports.tables, tenantId, { companyId: 'company2', claimedAt: ports.clock.now().toISOString() });
  await expect(comeToConfirm()).rejects.toMatchObject({ code: 'tenant-already-linked' });
  ports.clock.advance(2 * 3_600_000);
  await confirmConnect(ports, await comeToConfirm());
  expect(await readIntegration(ports.tables, companyId)).toMatchObject({ state: 'checking', tenantId });
});

it('leaves the tenant to others after a disconnect', async () => {
  await confirmConnect(ports, await comeToConfirm());
  const claim = { companyId: 'company2', claimedAt: ports.clock.now().toISOString() };
  expect(await claimTenant(ports.tables, tenantId, claim)).toBe('taken');
  await disconnect(ports, { companyId, by: 'Avery' });
  expect(await claimTenant(ports.tables, tenantId, claim)).toBe('claimed');
});
