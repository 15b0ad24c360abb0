// Managers who sign in with Microsoft: whose account counts, what it opens, and that nobody learns who has one.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ManagerSignIn } from '../../shared/domain/company.ts';
import { renderMail } from '../../shared/domain/mail-content.ts';
import { joinToken } from '../../shared/domain/secrets.ts';
import type { ResetRequest } from '../../shared/ports/ports.ts';
import { linkSecret } from '../../shared/use-cases/link-secrets.ts';
import type { SignedIn } from '../../shared/ports/sign-in.ts';
import { readAccount } from '../../shared/storage/manager-accounts.ts';
import { finishSignIn, startSignIn } from '../../shared/use-cases/admin-session.ts';
import { finishManagerSignIn, managerSignInOf, startManagerSignIn } from '../../shared/use-cases/manager-microsoft.ts';
import { requestPasswordReset, resetPassword, sendResetLink } from '../../shared/use-cases/manager-password.ts';
import { managerOfSession, signInManager } from '../../shared/use-cases/manager-session.ts';
import { acceptInvitation } from '../../shared/use-cases/open-account.ts';
import { personFields, tenantId } from '../builders.ts';
import { goodPassword, makeManagerWorld, type ManagerWorld } from './manager-world.ts';
import { companyId } from './sync-world.ts';

const otherTenant = '99999999-1111-4111-8111-111111111111';
const account = (objectId: string, tenant = tenantId): SignedIn => ({
  tenantId: tenant,
  objectId,
  displayName: objectId,
  userName: `${objectId}@contoso.example`,
  directoryRoles: [],
  appRoles: [],
});
const accounts = [account('mona'), account('ada'), account('gus'), account('stranger'), account('elsewhere', otherTenant)];
const noAccess = { code: 'sign-in-failed', message: 'This Microsoft account has no access to the User Portal.' };

let world: ManagerWorld;
beforeEach(async () => {
  world = await makeManagerWorld({}, { accounts });
  await world.decide('approve', 'mona', 'ada', 'bo');
  await choose('microsoft');
});

const choose = async (managerSignIn: ManagerSignIn) => await world.changeSettings({ managerSignIn });

async function visit(objectId: string) {
  const { url, browserSecret } = await startManagerSignIn(world.ports, companyId);
  return { ...world.ports.signIn.visit(url, objectId), browserSecret };
}
const signIn = async (objectId = 'mona') => (await finishManagerSignIn(world.ports, await visit(objectId))).session;
const stateOf = async (objectId: string) => (await readAccount(world.ports.tables, companyId, objectId))?.value.state;

describe('S19 signing in with Microsoft', () => {
  it('accepts the open invitation without a password, once, and opens the same session; the link is dead then', async () => {
    await world.invite(['mona']);
    const session = await signIn();
    expect(await managerOfSession(world.ports, session)).toMatchObject({
      companyId,
      account: { objectId: 'mona', state: 'active', passwordHash: null },
    });
    expect(await signIn()).not.toBe(session);
    expect((await world.auditActions()).filter((action) => action === 'managerAccepted')).toHaveLength(1);
  });

  it('kills the link of an invitation from the time of passwords', async () => {
    await choose('password');
    await world.invite(['mona']);
    await choose('microsoft');
    await signIn();
    const [token = ''] = await world.links();
    await expect(acceptInvitation(world.ports, { token, password: goodPassword })).rejects.toMatchObject({ code: 'link-expired' });
  });

  it('is what the invitation asks for, and says until when', async () => {
    await world.invite(['mona']);
    const [content] = (await world.mails()).filter(({ kind }) => kind === 'managerInvited');
    expect(content).toMatchObject({ tokenId: null, acceptUrl: `https://muster.example/account/sign-in/microsoft?company=${companyId}` });
    const text = content ? renderMail(content).text : '';
    expect(text).toContain('You can sign in with your usual Microsoft account until');
    expect(text).not.toContain('password');
  });

  it('of two at the same moment accepts the invitation once and lets both in', async () => {
    await world.invite(['mona']);
    const redirects = [await visit('mona'), await visit('mona')];
    const sessions = await Promise.all(redirects.map(async (redirect) => await finishManagerSignIn(world.ports, redirect)));
    expect(new Set(sessions.map(({ session }) => session)).size).toBe(2);
    expect((await world.auditActions()).filter((action) => action === 'managerAccepted')).toHaveLength(1);
  });

  it('goes to the company’s own tenant', async () => {
    const { url } = await startManagerSignIn(world.ports, companyId);
    expect(new URL(url).pathname.split('/')[1]).toBe(tenantId);
    expect(new URL(url).searchParams.get('redirect_uri')).toBe('https://muster.example/signed-in');
  });

  it.each<[string, string, () => Promise<unknown>]>([
    ['was never invited', 'mona', async () => undefined],
    ['is no manager', 'ada', async () => await world.invite(['ada'])],
    ['is a guest', 'gus', async () => await world.invite(['gus'])],
    ['is not known here', 'stranger', async () => undefined],
    [
      'was denied meanwhile',
      'mona',
      async () => {
        await world.invite(['mona']);
        await world.decide('deny', 'mona');
      },
    ],
    [
      'has an invitation that ran out',
      'mona',
      async () => {
        await world.invite(['mona']);
        world.ports.clock.advance(14 * 86_400_000);
      },
    ],
  ])('gives one answer to whoever %s', async (_, objectId, happen) => {
    await happen();
    await expect(signIn(objectId)).rejects.toMatchObject(noAccess);
    expect(await stateOf(objectId)).not.toBe('active');
  });

  it('knows nobody of another tenant, and nobody by the address', async () => {
    await world.invite(['mona']);
    expect((await visit('elsewhere')).code).toBeNull();
    const redirect = await visit('mona');
    const finish = { ...world.ports.signIn, finish: async () => ({ kind: 'signedIn', account: account('mona', otherTenant) }) as const };
    await expect(finishManagerSignIn({ ...world.ports, signIn: finish }, redirect)).rejects.toMatchObject(noAccess);
  });

  it('works once, in the browser that started it, and not as the sign-in of an admin', async () => {
    await world.invite(['mona']);
    const redirect = await visit('mona');
    const failed = { code: 'sign-in-failed' };
    await expect(finishSignIn(world.ports, redirect)).rejects.toMatchObject(failed);
    await expect(finishManagerSignIn(world.ports, { ...redirect, browserSecret: 'guess' })).rejects.toMatchObject(failed);
    await finishManagerSignIn(world.ports, redirect);
    await expect(finishManagerSignIn(world.ports, redirect)).rejects.toMatchObject(failed);
    const admin = await startSignIn(world.ports, null);
    const back = { ...world.ports.signIn.visit(admin.url, 'mona'), browserSecret: admin.browserSecret };
    await expect(finishManagerSignIn(world.ports, back)).rejects.toMatchObject(failed);
    const late = await visit('mona');
    world.ports.clock.advance(15 * 60_000);
    await expect(finishManagerSignIn(world.ports, late)).rejects.toMatchObject(failed);
  });

  it('ends with the access, like any other session', async () => {
    await world.invite(['mona']);
    const session = await signIn();
    await world.decide('deny', 'mona');
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
    await expect(signIn()).rejects.toMatchObject(noAccess);
  });
});

describe('a company', () => {
  it('that has chosen Microsoft refuses the right password in the words and with the work of a wrong one', async () => {
    await choose('password');
    await world.invite(['mona']);
    const [token = ''] = await world.links();
    await choose('microsoft');
    await expect(acceptInvitation(world.ports, { token, password: goodPassword })).rejects.toMatchObject({ code: 'conflict' });
    await choose('password');
    await acceptInvitation(world.ports, { token, password: goodPassword });
    const byPassword = async (password: string) =>
      await signInManager(world.ports, { companyId, mail: personFields('mona').mail ?? '', password, address: '198.51.100.7' });
    const { session } = await byPassword(goodPassword);
    await choose('microsoft');
    for (const password of [goodPassword, 'not the right words']) {
      const before = world.ports.passwords.work();
      await expect(byPassword(password)).rejects.toMatchObject({ code: 'wrong-sign-in', details: {} });
      expect(world.ports.passwords.work() - before).toBe(1);
    }
    expect(await managerOfSession(world.ports, session)).toBeDefined();
    expect(await managerOfSession(world.ports, await signIn())).toBeDefined();
  });

  it('that changes over to passwords lets managers choose their first one, and back again lets no link do so', async () => {
    await world.invite(['mona']);
    await signIn();
    const mail = personFields('mona').mail ?? '';
    const ask = async () => {
      await requestPasswordReset(world.ports, { companyId, mail, address: '198.51.100.7' });
      await sendResetLink(world.ports, world.ports.resetQueue.requests.at(-1) as ResetRequest);
    };
    const links = async () =>
      (await world.mails()).flatMap((content) =>
        content.kind === 'passwordReset' ? [joinToken(content.tokenId, linkSecret(world.ports.operation, content.tokenId))] : [],
      );
    await ask();
    expect(await links()).toEqual([]);
    await choose('password');
    await ask();
    const [token = ''] = await links();
    await choose('microsoft');
    await expect(resetPassword(world.ports, { token, password: goodPassword })).rejects.toMatchObject({ code: 'link-expired' });
    await choose('password');
    await resetPassword(world.ports, { token, password: goodPassword });
    expect(await signInManager(world.ports, { companyId, mail, password: goodPassword, address: '198.51.100.7' })).toMatchObject({
      next: null,
    });
  });

  it('that has not, or does not exist, starts no sign-in with Microsoft and finishes none', async () => {
    await world.invite(['mona']);
    const redirect = await visit('mona');
    await choose('password');
    await expect(finishManagerSignIn(world.ports, redirect)).rejects.toMatchObject(noAccess);
    for (const company of [companyId, 'nowhere', '']) {
      await expect(startManagerSignIn(world.ports, company)).rejects.toMatchObject({ code: 'sign-in-failed', details: {} });
      expect(await managerSignInOf(world.ports, company)).toBe('password');
    }
  });
});
