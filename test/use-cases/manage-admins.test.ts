// Admins are added, changed and removed; the last one stays; the audit log says who did it.
import { beforeEach, describe, expect, it } from 'vitest';
import { grantId } from '../../shared/domain/access.ts';
import { listAudit } from '../../shared/storage/audit.ts';
import type { GrantScope } from '../../shared/storage/companies.ts';
import { listMemberships } from '../../shared/storage/memberships.ts';
import { addAdmin, listAdmins, type NewAdmin, removeAdmin } from '../../shared/use-cases/manage-admins.ts';
import { buildGrant, storeCompany, tenantId } from '../builders.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const scope: GrantScope = { kind: 'company', id: 'company1' };
const first = grantId(buildGrant());
const by = 'Olga Operator';
const adminOf = (objectId: string, admin: Partial<NewAdmin> = {}): NewAdmin => ({
  tenantId,
  objectId,
  role: 'companyAdmin',
  name: `Admin ${objectId}`,
  mail: null,
  ...admin,
});

let ports: FakePorts;
beforeEach(async () => {
  ports = makeFakePorts();
  await storeCompany(ports.tables);
});
const add = async (objectId: string, admin: Partial<NewAdmin> = {}) => await addAdmin(ports, scope, adminOf(objectId, admin), by);
const remove = async (objectId: string) => await removeAdmin(ports, scope, grantId({ tenantId, objectId }), by);
const rolesNow = async () => Object.fromEntries((await listAdmins(ports, scope)).map(({ objectId, role }) => [objectId, role]));
const log = async () =>
  (await listAudit(ports.tables, scope.id, { after: null, limit: 100 })).entries.map(({ action, summary, by: who }) => [
    who,
    action,
    summary,
  ]);

describe('adding', () => {
  it('gives the role from then on, and says who gave it and when', async () => {
    const grant = await add('bo');
    expect(grant).toMatchObject({ objectId: 'bo', addedBy: by, addedAt: ports.clock.now().toISOString() });
    expect(await listAdmins(ports, scope)).toContainEqual(grant);
    expect(await listMemberships(ports.tables, { tenantId, objectId: 'bo' })).toEqual([scope]);
    expect(await log()).toEqual([[by, 'adminAdded', 'Added Admin bo as companyAdmin.']]);
  });

  it('somebody again changes the role', async () => {
    await add('bo');
    await add('bo', { role: 'companyReader' });
    expect(await rolesNow()).toEqual({ 'admin-1': 'companyAdmin', bo: 'companyReader' });
  });

  it('is refused when it would take the last admin’s role, and leaves no trace', async () => {
    await add('bo', { role: 'companyReader' });
    const before = await log();
    await expect(add('admin-1', { role: 'companyReader' })).rejects.toMatchObject({ code: 'last-admin' });
    expect(await rolesNow()).toEqual({ 'admin-1': 'companyAdmin', bo: 'companyReader' });
    expect(await log()).toEqual(before);
  });

  it('ends at 80, but roles can still be changed', async () => {
    for (let count = 2; count <= 80; count += 1) await add(`bo-${count}`);
    await expect(add('one-too-many')).rejects.toMatchObject({ code: 'invalid-request' });
    await add('bo-80', { role: 'companyReader' });
    expect(await rolesNow()).toMatchObject({ 'bo-80': 'companyReader' });
    expect(await listAdmins(ports, scope)).toHaveLength(80);
  });
});

describe('removing', () => {
  it('takes the role at once, and says who took it', async () => {
    await add('bo');
    await remove('bo');
    expect(await rolesNow()).toEqual({ 'admin-1': 'companyAdmin' });
    expect(await log()).toContainEqual([by, 'adminRemoved', 'Removed Admin bo (companyAdmin).']);
  });

  it('keeps the last admin, whatever readers there are', async () => {
    await add('bo', { role: 'companyReader' });
    await expect(removeAdmin(ports, scope, first, by)).rejects.toMatchObject({ code: 'last-admin' });
    expect(await rolesNow()).toMatchObject({ 'admin-1': 'companyAdmin' });
  });

  it('of a stranger is refused', async () => {
    await expect(remove('stranger')).rejects.toMatchObject({ code: 'not-found' });
    expect(await log()).toEqual([]);
  });

  it('each other at the same moment leaves one admin', async () => {
    await add('bo');
    const results = await Promise.allSettled([remove('admin-1'), remove('bo')]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await listAdmins(ports, scope)).toHaveLength(1);
  });
});

it('keeps scopes apart', async () => {
  await addAdmin(ports, { kind: 'msp', id: 'company1' }, adminOf('msp-admin', { role: 'mspAdmin' }), by);
  expect(await rolesNow()).toEqual({ 'admin-1': 'companyAdmin' });
  expect(await listAdmins(ports, { kind: 'msp', id: 'company1' })).toHaveLength(1);
});

it('never changes a role without saying so, whatever call it died at', async () => {
  for (let crashAt = 1; ; crashAt += 1) {
    ports = makeFakePorts();
    await storeCompany(ports.tables);
    let calls = 0;
    ports.beforeEachCall(() => {
      if ((calls += 1) >= crashAt) throw new Error('crash');
    });
    await add('bo').catch(() => undefined);
    ports.beforeEachCall(undefined);
    if ('bo' in (await rolesNow())) {
      expect(await log()).toHaveLength(1);
      expect(await listMemberships(ports.tables, { tenantId, objectId: 'bo' })).toEqual([scope]);
    }
    if (calls < crashAt) return;
  }
});
