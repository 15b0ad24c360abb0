// Entra in memory, held to the same contract as the real adapter (test/contracts/sign-in.test.ts).
import { randomUUID } from 'node:crypto';
import { Refusal } from '../../shared/domain/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { BearerClaims, SignedIn, SignIn, SignInOutcome } from '../../shared/ports/sign-in.ts';

/** What comes back to the redirect address. */
export interface Callback {
  readonly state: string | null;
  /** Null when there was no sign-in. */
  readonly code: string | null;
  readonly error: string | null;
}

export interface FakeSignIn extends SignIn {
  /** Does what a person's browser does at an address of `start`: signs in as the account with this object id, or (null) gives up. */
  readonly visit: (url: string, objectId: string | null) => Callback;
  /** A token that `checkBearer` accepts, for this long (an hour unless given) and a minute of tolerance. */
  readonly issueToken: (claims: BearerClaims, lifetimeMs?: number) => string;
  /** While true, `finish` and `checkBearer` reject, as when Entra cannot be reached. */
  isAway: boolean;
}

interface Started {
  readonly tenant: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly nonce: string;
}

const codeLifetimeMs = 600_000;
const toleranceMs = 60_000;
const host = 'https://sign-in.example';
const tenantForm = /^(organizations|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

export function makeFakeSignIn({ clock, accounts }: { readonly clock: Clock; readonly accounts: readonly SignedIn[] }): FakeSignIn {
  const started = new Map<string, Started>();
  const codes = new Map<string, { readonly start: Started; readonly account: SignedIn; readonly expires: number }>();
  const tokens = new Map<string, { readonly claims: BearerClaims; readonly expires: number }>();

  const address = (tenant: string, path: string, query: Readonly<Record<string, string>>): string => {
    if (!tenantForm.test(tenant)) throw new RangeError('A tenant is named by its GUID, or it is organizations.');
    return `${host}/${tenant}/${path}?${new URLSearchParams(query).toString()}`;
  };
  const requireThere = (): void => {
    if (fake.isAway) throw new Refusal('upstream-unavailable');
  };
  const fake: FakeSignIn = {
    isAway: false,
    consentUrl: ({ tenant, redirectUri, state }) => address(tenant, 'adminconsent', { redirect_uri: redirectUri, state }),
    start: async ({ tenant, redirectUri, state, loginHint, chooseAccount }) => {
      const [codeVerifier, nonce] = [randomUUID(), randomUUID()];
      const prompt = chooseAccount === true ? { prompt: 'select_account' } : {};
      const hint = loginHint === undefined ? {} : { login_hint: loginHint };
      const url = address(tenant, 'authorize', { redirect_uri: redirectUri, state, nonce, ...hint, ...prompt });
      started.set(nonce, { tenant, redirectUri, codeVerifier, nonce });
      return { url, codeVerifier, nonce };
    },
    visit: (url, objectId) => {
      const { searchParams } = new URL(url);
      const start = started.get(searchParams.get('nonce') ?? '');
      if (start === undefined) throw new Error('This is not an address that start() has given.');
      const state = searchParams.get('state');
      if (objectId === null) return { state, code: null, error: 'access_denied' };
      const account = accounts.find((candidate) => candidate.objectId === objectId && isOf(start.tenant, candidate));
      // Entra shows a page of its own then, and the browser never comes back.
      if (account === undefined) return { state: null, code: null, error: null };
      const code = randomUUID();
      codes.set(code, { start, account, expires: clock.now().getTime() + codeLifetimeMs });
      return { state, code, error: null };
    },
    finish: async ({ tenant, redirectUri, code, codeVerifier, nonce }) => {
      requireThere();
      const issued = codes.get(code);
      if (issued === undefined || !isOf(tenant, issued.account)) return refused('The code is not known here.');
      codes.delete(code);
      const { start, account, expires } = issued;
      const isRight = redirectUri === start.redirectUri && codeVerifier === start.codeVerifier && nonce === start.nonce;
      return isRight && clock.now().getTime() < expires ? { kind: 'signedIn', account } : refused('The code was not made for this.');
    },
    issueToken: (claims, lifetimeMs = 3_600_000) => {
      const token = randomUUID();
      tokens.set(token, { claims, expires: clock.now().getTime() + lifetimeMs });
      return token;
    },
    checkBearer: async (token) => {
      requireThere();
      const issued = tokens.get(token);
      return issued !== undefined && clock.now().getTime() < issued.expires + toleranceMs ? issued.claims : undefined;
    },
  };
  return fake;
}

function isOf(tenant: string, account: SignedIn): boolean {
  return tenant === 'organizations' || tenant.toLowerCase() === account.tenantId;
}

function refused(sentence: string): SignInOutcome {
  return { kind: 'refused', sentence };
}
