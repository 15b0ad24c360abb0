// Who may do what: roles come from grants and from app roles of the operator's own tenant, and from nowhere else.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Action,
  actions,
  type Grant,
  grantId,
  mayDo,
  type Principal,
  type Role,
  roles,
  rolesOf,
  withGrant,
  withoutGrant,
} from '../../shared/domain/access.ts';
import { buildGrant, tenantId } from '../builders.ts';

const home = '99999999-9999-4999-8999-999999999999';
const person = (principal: Partial<Principal> = {}): Principal => ({
  kind: 'person',
  tenantId,
  objectId: 'admin-1',
  name: 'Avery',
  appRoles: [],
  ...principal,
});
const nobody = { msp: [], company: [] };

describe('roles', () => {
  it.each<[string, Partial<Principal>, { msp?: readonly Grant[]; company?: readonly Grant[] }, readonly Role[]]>([
    ['of a stranger are none', {}, {}, []],
    ['come from a grant on the company', {}, { company: [buildGrant()] }, ['companyAdmin']],
    ['come from a grant on the MSP', {}, { msp: [buildGrant({ role: 'mspAdmin' })] }, ['mspAdmin']],
    [
      'come from both',
      {},
      { msp: [buildGrant({ role: 'mspAdmin' })], company: [buildGrant({ role: 'companyReader' })] },
      ['mspAdmin', 'companyReader'],
    ],
    ['are not those of somebody else', {}, { company: [buildGrant({ objectId: 'admin-2' })] }, []],
    ['are not those of the same object id in another tenant', {}, { company: [buildGrant({ tenantId: home })] }, []],
    ['of the operator come with an app role at home', { tenantId: home, appRoles: ['Muster.Operator'] }, {}, ['operator']],
    ['of the operator cannot be claimed from elsewhere', { appRoles: ['Muster.Operator', 'Muster.Platform'] }, {}, []],
    ['of the platform are for programs', { kind: 'program', tenantId: home, appRoles: ['Muster.Platform'] }, {}, ['platformProgram']],
    ['of the platform are not for people', { tenantId: home, appRoles: ['Muster.Platform'] }, {}, []],
    ['of the operator are not for programs', { kind: 'program', tenantId: home, appRoles: ['Muster.Operator'] }, {}, []],
    ['of a program never come from grants', { kind: 'program' }, { company: [buildGrant()] }, []],
  ])('%s', (_what, principal, roster, expected) => {
    expect([...rolesOf(person(principal), { ...nobody, ...roster }, home)].toSorted()).toEqual(expected.toSorted());
  });
});

describe('actions', () => {
  it('are allowed to the roles of the table and to no other', () => {
    for (const action of Object.keys(actions) as Action[]) {
      const allowed: readonly Role[] = actions[action];
      for (const role of roles) expect(mayDo(action, new Set([role]))).toBe(allowed.includes(role));
      expect(mayDo(action, new Set())).toBe(false);
      expect(mayDo(action, new Set(roles))).toBe(true);
    }
  });

  it('on people are closed to the operator', () => {
    for (const action of ['readUsers', 'decide', 'readAudience', 'readAudit', 'readCompany'] as const)
      expect(mayDo(action, new Set(['operator']))).toBe(false);
  });

  it('that change something are closed to readers and programs', () => {
    const changing = [
      'decide',
      'sync',
      'connect',
      'changeSettings',
      'manageCompanyAdmins',
      'manageCompanies',
      'manageMspAdmins',
      'manageMsps',
    ] as const;
    for (const action of changing) expect(mayDo(action, new Set(['companyReader', 'platformProgram']))).toBe(false);
  });
});

describe('grants', () => {
  const grants = fc.uniqueArray(
    fc
      .record({ objectId: fc.constantFrom('a', 'b', 'c', 'd'), role: fc.constantFrom('companyAdmin', 'companyReader') })
      .map((grant) => buildGrant(grant)),
    { selector: grantId, maxLength: 4 },
  );

  it('name a person by tenant and object id', () => {
    expect(grantId(buildGrant({ objectId: 'admin-9' }))).toBe(`${tenantId}_admin-9`);
  });

  it('are one a person: a new one replaces the old', () => {
    fc.assert(
      fc.property(grants, fc.constantFrom('a', 'e'), (present, objectId) => {
        const grant = buildGrant({ objectId, role: 'companyReader' });
        const after = withGrant(present, grant);
        expect(after.filter((each) => grantId(each) === grantId(grant))).toEqual([grant]);
        expect(after.filter((each) => each !== grant)).toEqual(present.filter((each) => each.objectId !== objectId));
      }),
    );
  });

  it('can be taken away unless nobody were left to administer', () => {
    fc.assert(
      fc.property(grants, fc.constantFrom('a', 'b', 'e'), (present, objectId) => {
        const removed = present.find((grant) => grant.objectId === objectId);
        const left = present.filter((grant) => grant !== removed);
        const after = withoutGrant(present, grantId(buildGrant({ objectId })));
        if (!removed) expect(after).toBe('absent');
        else if (removed.role === 'companyAdmin' && left.every(({ role }) => role === 'companyReader')) expect(after).toBe('lastAdmin');
        else expect(after).toEqual(left);
      }),
    );
  });
});
