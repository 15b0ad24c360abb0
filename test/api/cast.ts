// Everybody who may call the API, rightly or wrongly: each with a token and the roles that token ought to give.
import type { Role } from '../../shared/domain/access.ts';
import { homeTenant, mspTenant } from '../../sandbox/world/tenants.ts';
import { accountOf, asAdmin } from '../../sandbox/people.ts';
import { platformProgram } from '../../sandbox/sandbox.ts';
import type { Stage, StageCompany } from '../scenarios/stage.ts';
import { makeTenant } from '../scenarios/tenant.ts';

/** The roles somebody holds where no scope is named, in the MSP, and in its companies. */
interface Held {
  readonly system: readonly Role[];
  readonly msp: readonly Role[];
  readonly company: readonly Role[];
}

export interface Actor {
  readonly who: string;
  readonly token: string;
  readonly held: Held;
}

const nothing: Held = { system: [], msp: [], company: [] };

/** Companies under one MSP: one whose people are there, one not connected yet, both with Ada as admin and Rob as reader; and two of others. */
export interface Cast {
  readonly mspId: string;
  readonly connected: StageCompany;
  readonly fresh: StageCompany;
  readonly actors: readonly Actor[];
  readonly actor: (who: string) => Actor;
}

const lifeSeconds = 400 * 86_400;

export async function gatherCast(stage: Stage): Promise<Cast> {
  const { entra } = stage.sandbox;
  const connected = await stage.connectCompany({ name: 'Alder', users: 25 });
  const fresh = await stage.createCompany({ name: 'Birch', users: 0 });
  const neighbour = await stage.createCompany({ name: 'Cedar', users: 0 });
  const ada = accountOf(connected.tenant, 'ada');
  const rob = accountOf(connected.tenant, 'rob');
  await stage.msp.call(`/companies/${connected.companyId}/admins`, {
    method: 'POST',
    body: { ...asAdmin(connected.tenant, rob), role: 'companyReader' },
  });
  await stage.msp.call(`/companies/${fresh.companyId}/admins`, {
    method: 'POST',
    body: { ...asAdmin(connected.tenant, rob), role: 'companyReader' },
  });
  await stage.msp.call(`/companies/${fresh.companyId}/admins`, { method: 'POST', body: asAdmin(connected.tenant, ada) });

  const rival = makeTenant('Rival Services', 0);
  entra.addTenant(rival);
  await stage.operator.createMsp({ name: 'Rival', admins: [asAdmin(rival, accountOf(rival, 'ada'))] });

  const person = async (tenantId: string, objectId: string, roles?: readonly string[]) =>
    await entra.issueAccessToken({ tenantId, objectId, expiresInSeconds: lifeSeconds, ...(roles ? { roles } : {}) });
  const program = async (changes: Parameters<typeof entra.issueProgramToken>[0]) =>
    await entra.issueProgramToken({ expiresInSeconds: lifeSeconds, ...changes });
  const mira = accountOf(mspTenant, 'mira');
  const olivia = accountOf(homeTenant, 'olivia');
  const stranger = accountOf(mspTenant, 'tom');
  const asPerson = (objectId: string) => ({ tenantId: mspTenant.tenantId, objectId, claims: { sub: objectId } });
  const everywhere = (role: Role): Held => ({ system: [role], msp: [role], company: [role] });

  const actors: readonly Actor[] = [
    { who: 'operator', token: await person(homeTenant.tenantId, olivia.objectId), held: everywhere('operator') },
    {
      who: 'MSP admin',
      token: await person(mspTenant.tenantId, mira.objectId),
      held: { system: [], msp: ['mspAdmin'], company: ['mspAdmin'] },
    },
    { who: 'company admin', token: await person(connected.tenant.tenantId, ada.objectId), held: { ...nothing, company: ['companyAdmin'] } },
    {
      who: 'company reader',
      token: await person(connected.tenant.tenantId, rob.objectId),
      held: { ...nothing, company: ['companyReader'] },
    },
    { who: 'platform program', token: await program({}), held: everywhere('platformProgram') },
    { who: 'stranger', token: await person(mspTenant.tenantId, stranger.objectId), held: nothing },
    {
      who: 'another company’s admin',
      token: await person(neighbour.tenant.tenantId, accountOf(neighbour.tenant, 'ada').objectId),
      held: nothing,
    },
    { who: 'another MSP’s admin', token: await person(rival.tenantId, accountOf(rival, 'ada').objectId), held: nothing },
    {
      who: 'person of another tenant who claims to be the operator',
      token: await person(mspTenant.tenantId, stranger.objectId, ['Muster.Operator']),
      held: nothing,
    },
    {
      who: 'person of the home tenant who claims to be the platform',
      token: await person(homeTenant.tenantId, stranger.objectId, ['Muster.Platform']),
      held: nothing,
    },
    { who: 'program of another tenant that claims to be the platform', token: await program({ tenantId: rival.tenantId }), held: nothing },
    { who: 'program that claims to be the operator', token: await program({ roles: ['Muster.Operator'] }), held: nothing },
    { who: 'program with another role', token: await program({ roles: ['Other.Role'] }), held: nothing },
    { who: 'program under the object id of the MSP admin', token: await program(asPerson(mira.objectId)), held: nothing },
    { who: 'admin’s object id in another tenant', token: await person(rival.tenantId, ada.objectId), held: nothing },
  ];
  return {
    mspId: stage.mspId,
    connected,
    fresh,
    actors,
    actor: (who) => {
      const found = actors.find((each) => each.who === who);
      if (!found) throw new Error(`Nobody here is ${who}.`);
      return found;
    },
  };
}

/** The forgeries every route is asked with; the rest of them differ only in what the one check of tokens does. */
export const plainForgeries = ['garbage', 'expired', 'another audience', 'an untrusted key', 'an ID token'] as const;

/** Tokens that must not be believed, by what is wrong with them. */
export async function forgedTokens({ sandbox: { entra } }: Stage, { tenant }: StageCompany): Promise<Readonly<Record<string, string>>> {
  const { objectId } = accountOf(tenant, 'ada');
  const ada = { tenantId: tenant.tenantId, objectId };
  const issue = async (changes: Partial<Parameters<typeof entra.issueAccessToken>[0]>) =>
    await entra.issueAccessToken({ ...ada, ...changes });
  const good = await issue({});
  const [header = '', payload = '', signature = ''] = good.split('.');
  const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  const forMira = Buffer.from(
    JSON.stringify({ ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), oid: accountOf(mspTenant, 'mira').objectId }),
  ).toString('base64url');
  return {
    garbage: 'garbage',
    'three dots': '..',
    'altered claims': `${header}.${forMira}.${signature}`,
    'no signature': `${header}.${payload}.`,
    'algorithm none': `${unsigned}.${payload}.`,
    expired: await issue({ expiresInSeconds: -120 }),
    'another audience': await issue({ audience: platformProgram.clientId }),
    'several audiences': await issue({ claims: { aud: [entra.app.clientId, 'https://elsewhere.example'] } }),
    'an untrusted key': await issue({ signedBy: 'untrustedKey' }),
    'an unknown key': await issue({ signedBy: 'unknownKeyId' }),
    'another issuer': await issue({ issuer: `${entra.urls.authority}/${homeTenant.tenantId}/v2.0` }),
    'an ID token': await issue({ claims: { scp: undefined, azp: undefined, azpacr: undefined, nonce: 'n', wids: [] } }),
    'an ID token with roles': await issue({
      roles: ['Muster.Operator'],
      claims: { scp: undefined, azp: undefined, azpacr: undefined, nonce: 'n' },
    }),
    'another scope': await issue({ scp: 'User.Read' }),
    'no tenant': await issue({ claims: { tid: undefined } }),
    'version 1': await issue({ claims: { ver: '1.0' } }),
    'not valid yet': await issue({ claims: { nbf: Math.floor(entra.clock.now() / 1000) + 3600 } }),
  };
}
