// Signing in with Microsoft: each attempt works once, in the browser that began it, and a session ends when it should.
import { beforeEach, describe, expect, it } from 'vitest';
import { endSession, finishSignIn, principalOfSession, startSignIn } from '../../shared/use-cases/admin-session.ts';
import { dropExpired } from '../../shared/use-cases/housekeeping.ts';
import type { SignInRedirect } from '../../shared/use-cases/microsoft-attempts.ts';
import { tenantId } from '../builders.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const account = {
  tenantId,
  objectId: 'admin-1',
  displayName: 'Avery Admin',
  userName: 'avery@contoso.example',
  directoryRoles: [],
  appRoles: ['Muster.Operator'],
};
const failed = { code: 'sign-in-failed' };

let ports: FakePorts;
beforeEach(() => {
  ports = makeFakePorts({ accounts: [account] });
});

/** A browser that goes to Microsoft, signs in and comes back. */
async function visit(returnTo: string | null = null): Promise<SignInRedirect> {
  const { url, browserSecret } = await startSignIn(ports, returnTo);
  const { state, code } = ports.signIn.visit(url, account.objectId);
  return { state, code, browserSecret };
}
const signIn = async (returnTo: string | null = null) => await finishSignIn(ports, await visit(returnTo));

describe('a sign-in', () => {
  it('opens a session of the person who signed in', async () => {
    const { session } = await signIn();
    expect(await principalOfSession(ports, session)).toEqual({
      kind: 'person',
      tenantId,
      objectId: 'admin-1',
      name: 'Avery Admin (avery@contoso.example)',
      appRoles: ['Muster.Operator'],
    });
  });

  it.each([
    [null, '/'],
    ['/companies/company1/pending', '/companies/company1/pending'],
    ['//elsewhere.example', '/'],
    ['/\\elsewhere.example', '/'],
    ['https://elsewhere.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/path?next=//elsewhere.example', '/'],
    ['/path\n', '/'],
    ['', '/'],
  ])('leads back only to pages of our own (%j)', async (returnTo, expected) => {
    expect((await signIn(returnTo)).returnTo).toBe(expected);
  });

  it('works once', async () => {
    const redirect = await visit();
    await finishSignIn(ports, redirect);
    await expect(finishSignIn(ports, redirect)).rejects.toMatchObject(failed);
  });

  it('works once, even when the redirect arrives twice at the same moment', async () => {
    const redirect = await visit();
    const results = await Promise.allSettled([finishSignIn(ports, redirect), finishSignIn(ports, redirect)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('lasts a quarter of an hour at most', async () => {
    const redirect = await visit();
    ports.clock.advance(15 * minuteMs);
    await expect(finishSignIn(ports, redirect)).rejects.toMatchObject(failed);
  });

  it.each<[string, (own: SignInRedirect, other: SignInRedirect) => SignInRedirect]>([
    ['by another browser', (own, other) => ({ ...own, browserSecret: other.browserSecret })],
    ['by a browser without a cookie', (own) => ({ ...own, browserSecret: null })],
    ['without a code, because the person gave up', (own) => ({ ...own, code: null })],
    ['with the code of another sign-in', (own, other) => ({ ...own, code: other.code })],
    ['without a state', (own) => ({ ...own, state: null })],
    ['with a state that is none', (own) => ({ ...own, state: 'nonsense' })],
    ['with the state of another sign-in', (own, other) => ({ ...own, state: other.state })],
    ['with a guessed secret in its state', (own) => ({ ...own, state: `${own.state?.slice(0, -1)}x` })],
  ])('is refused when finished %s', async (_what, change) => {
    const [own, other] = [await visit(), await visit()];
    await expect(finishSignIn(ports, change(own, other))).rejects.toMatchObject(failed);
  });

  it('is not spoiled by somebody else who guesses', async () => {
    const redirect = await visit();
    await finishSignIn(ports, { ...redirect, browserSecret: 'guess' }).catch(() => undefined);
    expect(await finishSignIn(ports, redirect)).toMatchObject({ returnTo: '/' });
  });
});

describe('a session', () => {
  it('lasts twelve hours', async () => {
    const { session } = await signIn();
    ports.clock.advance(12 * hourMs - 1);
    expect(await principalOfSession(ports, session)).toBeDefined();
    ports.clock.advance(1);
    expect(await principalOfSession(ports, session)).toBeUndefined();
  });

  it('ends with the sign-out, and only this one', async () => {
    const [left, kept] = [await signIn(), await signIn()];
    await endSession(ports, left.session);
    await endSession(ports, left.session);
    expect(await principalOfSession(ports, left.session)).toBeUndefined();
    expect(await principalOfSession(ports, kept.session)).toBeDefined();
  });

  it.each(['', 'nonsense', '../session'])('cannot be guessed (%j)', async (session) => {
    await signIn();
    expect(await principalOfSession(ports, session)).toBeUndefined();
  });

  it('is stored in a form that opens nothing', async () => {
    const { session } = await signIn();
    for await (const { row, properties } of ports.tables.access.range({ partition: 'session' })) {
      expect(JSON.stringify([row, properties])).not.toContain(session);
      expect(await principalOfSession(ports, row)).toBeUndefined();
    }
  });
});

it('forgets expired sessions and attempts, and nothing else', async () => {
  const dropped = async () => {
    const before = ports.logged.length;
    await dropExpired(ports);
    return ports.logged.slice(before).map(({ facts }) => facts['sessions']);
  };
  await signIn();
  await visit();
  ports.clock.advance(15 * minuteMs);
  const redirect = await visit();
  expect(await dropped()).toEqual([1]);
  const { session } = await finishSignIn(ports, redirect);
  ports.clock.advance(12 * hourMs - 1);
  expect(await dropped()).toEqual([1]);
  expect(await principalOfSession(ports, session)).toBeDefined();
  ports.clock.advance(1);
  expect(await dropped()).toEqual([1]);
  expect(await dropped()).toEqual([]);
});
