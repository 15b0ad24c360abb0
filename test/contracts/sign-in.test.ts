// The contract of the SignIn port, run unchanged against the fake and against the real adapter talking to the Entra stand-in.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSandboxClock } from '../../sandbox/clock.ts';
import { app, customer, customerAdmin, customerReader, home, otherCustomer, program, startTestEntra } from '../../sandbox/entra/fixture.ts';
import { allTenants, directoryRoles } from '../../sandbox/world/tenants.ts';
import { makeSignIn } from '../../shared/adapters/entra-sign-in.ts';
import type { BearerClaims, SignedIn, SignIn, SignInOutcome, SignInStart } from '../../shared/ports/sign-in.ts';
import { type Callback, makeFakeSignIn } from '../fakes/sign-in.ts';

/** Sign-in under test, with the hands of a browser and the moves the contract needs. */
interface Entra {
  readonly signIn: SignIn;
  /** Signs in as this account, or (null) gives up. */
  readonly visit: (url: string, objectId: string | null) => Promise<Callback>;
  readonly personToken: (lifetimeSeconds?: number) => Promise<string>;
  readonly programToken: () => Promise<string>;
  readonly advance: (milliseconds: number) => void;
  readonly goAway: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const accounts: readonly SignedIn[] = allTenants.flatMap(({ tenantId, accounts: members }) =>
  members.map(({ objectId, displayName, userPrincipalName, directoryRoles: roles, appRoles }) => {
    return { tenantId, objectId, displayName, userName: userPrincipalName, directoryRoles: roles, appRoles };
  }),
);

const person: BearerClaims = {
  kind: 'person',
  tenantId: customer.tenantId,
  objectId: customerAdmin,
  name: 'Ada Admin (ada.admin@alpinedental.example)',
  appRoles: [],
};
const platform: BearerClaims = {
  kind: 'program',
  tenantId: program.tenantId,
  objectId: program.objectId,
  name: program.clientId,
  appRoles: program.roles,
};

async function openFake(): Promise<Entra> {
  const clock = makeSandboxClock();
  const fake = makeFakeSignIn({ clock: { now: () => new Date(clock.now()) }, accounts });
  return {
    signIn: fake,
    visit: async (url, objectId) => fake.visit(url, objectId),
    personToken: async (seconds = 3_600) => fake.issueToken(person, seconds * 1_000),
    programToken: async () => fake.issueToken(platform),
    advance: clock.advance,
    goAway: async () => void (fake.isAway = true),
    stop: async () => {},
  };
}

async function openStandIn(): Promise<Entra> {
  const standIn = await startTestEntra({ app: { apiScope: `api://${app.clientId}/Muster.Access` } });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= standIn.stop());
  return {
    signIn: makeSignIn({
      authorityHost: standIn.urls.authority,
      signInHost: standIn.urls.browser,
      clientId: app.clientId,
      clientSecret: app.clientSecret ?? null,
      clock: { now: () => new Date(standIn.clock.now()) },
    }),
    visit: async (url, objectId) => {
      const choice = objectId === null ? 'sandbox_decision=cancel' : `sandbox_account=${objectId}`;
      const response = await fetch(`${url}&${choice}`, { redirect: 'manual' });
      const location = response.headers.get('location');
      const fields = location === null ? new URLSearchParams() : new URL(location).searchParams;
      return { state: fields.get('state'), code: fields.get('code'), error: fields.get('error') };
    },
    personToken: (seconds = 3_600) => standIn.issueAccessToken({ tenantId: customer.tenantId, expiresInSeconds: seconds }),
    programToken: () => standIn.issueProgramToken(),
    advance: standIn.clock.advance,
    goAway: stop,
    stop,
  };
}

const redirectUri = 'http://localhost:7071/signin/callback';
const request = { tenant: 'organizations', redirectUri, state: 'a state with + & =' } as const;

describe.each([
  ['the fake', openFake],
  ['openid-client and jose on the stand-in', openStandIn],
] as const)('SignIn: %s', (_name, open) => {
  let entra: Entra;
  beforeEach(async () => {
    entra = await open();
  });
  afterEach(() => entra.stop());

  /** Starts, signs in, and stops before the code is exchanged. */
  async function comeBack(tenant: string = request.tenant, objectId = customerAdmin): Promise<SignInStart & { readonly code: string }> {
    const start = await entra.signIn.start({ ...request, tenant });
    const { code } = await entra.visit(start.url, objectId);
    if (code === null) throw new Error('There was no code.');
    return { ...start, code };
  }

  type Finish = Parameters<SignIn['finish']>[0];
  const finish = (from: Pick<Finish, 'code' | 'codeVerifier' | 'nonce'>, changes: Partial<Finish> = {}): Promise<SignInOutcome> =>
    entra.signIn.finish({
      tenant: 'organizations',
      redirectUri,
      code: from.code,
      codeVerifier: from.codeVerifier,
      nonce: from.nonce,
      ...changes,
    });
  const refused = { kind: 'refused', sentence: expect.stringMatching(/./) };

  it('tells who signed in, wherever they belong', async () => {
    expect(await finish(await comeBack())).toEqual({
      kind: 'signedIn',
      account: {
        tenantId: customer.tenantId,
        objectId: customerAdmin,
        displayName: 'Ada Admin',
        userName: `ada.admin@${customer.domain}`,
        directoryRoles: [directoryRoles.globalAdministrator],
        appRoles: [],
      },
    });
    const stranger = otherCustomer.accounts[1]?.objectId ?? '';
    const outcome = await finish(await comeBack('organizations', stranger));
    expect(outcome).toMatchObject({ account: { tenantId: otherCustomer.tenantId, objectId: stranger, directoryRoles: [] } });
  });

  it('tells app roles, and works at one tenant, however its id is spelt', async () => {
    const operator = home.accounts[0]?.objectId ?? '';
    const outcome = await finish(await comeBack(home.tenantId, operator), { tenant: home.tenantId.toUpperCase() });
    expect(outcome).toMatchObject({ kind: 'signedIn', account: { tenantId: home.tenantId, appRoles: ['Muster.Operator'] } });
  });

  it('brings the state back as it was given', async () => {
    const { url } = await entra.signIn.start(request);
    expect((await entra.visit(url, customerReader)).state).toBe(request.state);
    const { url: again } = await entra.signIn.start(request);
    expect(await entra.visit(again, null)).toEqual({ state: request.state, code: null, error: 'access_denied' });
  });

  it('gives every start its own secrets, and shows the verifier to nobody', async () => {
    const [one, two] = [await entra.signIn.start(request), await entra.signIn.start(request)];
    expect(one.nonce).not.toBe(two.nonce);
    expect(one.codeVerifier).not.toBe(two.codeVerifier);
    expect(one.url).not.toContain(one.codeVerifier);
  });

  it('passes a hint and the wish to choose an account on', async () => {
    const { searchParams } = new URL((await entra.signIn.start({ ...request, loginHint: 'ada@x.example', chooseAccount: true })).url);
    expect([searchParams.get('login_hint'), searchParams.get('prompt')]).toEqual(['ada@x.example', 'select_account']);
    const { searchParams: plain } = new URL((await entra.signIn.start({ ...request, chooseAccount: false })).url);
    expect([plain.get('login_hint'), plain.get('prompt')]).toEqual([null, null]);
  });

  it('lets no account of another tenant in at one tenant', async () => {
    const { url } = await entra.signIn.start({ ...request, tenant: otherCustomer.tenantId });
    expect(await entra.visit(url, customerAdmin)).toEqual({ state: null, code: null, error: null });
  });

  it('refuses a code that was used before', async () => {
    const back = await comeBack();
    expect((await finish(back)).kind).toBe('signedIn');
    expect(await finish(back)).toEqual(refused);
  });

  it('refuses a code after ten minutes', async () => {
    const back = await comeBack();
    entra.advance(600_001);
    expect(await finish(back)).toEqual(refused);
  });

  it.each([
    ['the verifier of another start', { codeVerifier: 'x'.repeat(43) }],
    ['the nonce of another start', { nonce: 'y'.repeat(43) }],
    ['no nonce', { nonce: '' }],
    ['another redirect address', { redirectUri: 'http://localhost:7071/consent/callback' }],
    ['another tenant', { tenant: otherCustomer.tenantId }],
    ['a code nobody gave out', { code: 'invented' }],
    ['no code', { code: '' }],
    ['a code as long as a book', { code: 'c'.repeat(1_000_000) }],
    ['a tenant that is a path', { tenant: `${customer.tenantId}/../organizations` }],
  ])('refuses %s', async (_case, changes) => {
    expect(await finish(await comeBack(), changes)).toEqual(refused);
  });

  it.each(['', 'common', '..', 'a/b', 'organizations/x', `${customer.tenantId}?x=`])('sends nobody to the tenant "%s"', async (tenant) => {
    await expect(entra.signIn.start({ ...request, tenant })).rejects.toThrow(RangeError);
    expect(() => entra.signIn.consentUrl({ ...request, tenant })).toThrow(RangeError);
  });

  it('names tenant, address and state in the consent address', () => {
    const url = new URL(entra.signIn.consentUrl({ ...request, tenant: customer.tenantId }));
    expect(url.pathname.split('/')).toContain(customer.tenantId);
    expect([url.searchParams.get('redirect_uri'), url.searchParams.get('state')]).toEqual([redirectUri, request.state]);
  });

  it("accepts a person's and a program's bearer token", async () => {
    expect(await entra.signIn.checkBearer(await entra.personToken())).toEqual(person);
    expect(await entra.signIn.checkBearer(await entra.programToken())).toEqual(platform);
  });

  it('accepts a token up to a minute after its end, and not longer', async () => {
    const token = await entra.personToken(600);
    entra.advance(600_000 + 50_000);
    expect(await entra.signIn.checkBearer(token)).toEqual(person);
    entra.advance(11_000);
    expect(await entra.signIn.checkBearer(token)).toBeUndefined();
  });

  it.each([[''], ['.'], ['..'], ['a.b.c'], ['🦜'.repeat(5)], ['x'.repeat(5_000_000)]])(
    'does not accept rubbish as a token (%#)',
    async (token) => {
      expect(await entra.signIn.checkBearer(token)).toBeUndefined();
    },
  );

  it('throws when Entra is away, so that nobody is told their sign-in was wrong', async () => {
    const [back, token] = [await comeBack(), await entra.personToken()];
    await entra.goAway();
    await expect(finish(back)).rejects.toMatchObject({ code: 'upstream-unavailable' });
    await expect(entra.signIn.checkBearer(token)).rejects.toMatchObject({ code: 'upstream-unavailable' });
  });
});
