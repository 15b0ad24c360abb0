// Passwords that are forgotten, replaced and changed; accounts that admins close and open; and what whoever guesses gets.
import { beforeEach, describe, expect, it } from 'vitest';
import { joinToken } from '../../shared/domain/secrets.ts';
import type { AccountCommand } from '../../shared/domain/manager-account.ts';
import { changeIntegration } from '../../shared/storage/companies.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { disconnect } from '../../shared/use-cases/disconnect.ts';
import { linkSecret } from '../../shared/use-cases/link-secrets.ts';
import { commandAccount, listManagerAccess, readManagerAccess } from '../../shared/use-cases/manager-accounts.ts';
import {
  changePassword,
  requestPasswordReset,
  resetPassword,
  sendResetLink,
  signOutEverywhere,
} from '../../shared/use-cases/manager-password.ts';
import { managerOfSession, signInManager, type SignedInManager } from '../../shared/use-cases/manager-session.ts';
import { acceptInvitation } from '../../shared/use-cases/open-account.ts';
import type { ResetRequest } from '../../shared/ports/ports.ts';
import { personFields } from '../builders.ts';
import { goodPassword, makeManagerWorld, type ManagerWorld, userIdOf } from './manager-world.ts';
import { companyId } from './sync-world.ts';

const otherPassword = 'granite otter violin meadow';
const address = '198.51.100.7';
const mailOf = (name: string) => personFields(name).mail ?? '';

let world: ManagerWorld;
beforeEach(async () => {
  world = await makeManagerWorld();
  await world.decide('approve', 'mona', 'ada');
  await world.activate('mona');
});

const signIn = async (password = goodPassword) =>
  (await signInManager(world.ports, { companyId, mail: mailOf('mona'), password, address })).session;
const request = async (mail = mailOf('mona')) => {
  await requestPasswordReset(world.ports, { companyId, mail, address });
  return world.ports.resetQueue.requests.at(-1) as ResetRequest;
};
const ask = async (mail = mailOf('mona')) => await sendResetLink(world.ports, await request(mail));
const resetLinks = async () =>
  (await world.outgoing()).flatMap(({ content }) =>
    content.kind === 'passwordReset' ? [joinToken(content.tokenId, linkSecret(world.ports.operation, content.tokenId))] : [],
  );

async function manager(session: string): Promise<SignedInManager> {
  const found = await managerOfSession(world.ports, session);
  if (!found) throw new Error('Nobody is signed in.');
  return found;
}

describe('a forgotten password', () => {
  it('is replaced by a link that works once, ends every session and is told', async () => {
    const session = await signIn();
    await ask();
    const [token = ''] = await resetLinks();
    await resetPassword(world.ports, { token, password: otherPassword });
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
    await expect(signIn()).rejects.toMatchObject({ code: 'wrong-sign-in' });
    expect(await signIn(otherPassword)).toMatch(/./);
    await expect(resetPassword(world.ports, { token, password: goodPassword })).rejects.toMatchObject({ code: 'link-expired' });
    expect((await world.outgoing()).map(({ content }) => content)).toContainEqual(expect.objectContaining({ what: 'passwordChanged' }));
    expect(await world.auditActions()).toContain('managerPasswordChanged');
  });

  it('has one good link: the last one, for an hour', async () => {
    await ask();
    const [old = ''] = await resetLinks();
    await ask();
    const latest = (await resetLinks()).find((link) => link !== old) ?? '';
    await expect(resetPassword(world.ports, { token: old, password: otherPassword })).rejects.toMatchObject({ code: 'link-expired' });
    world.ports.clock.advance(3_600_000);
    await expect(resetPassword(world.ports, { token: latest, password: otherPassword })).rejects.toMatchObject({ code: 'link-expired' });
  });

  it('of two uses of one link at the same moment is replaced by one', async () => {
    await ask();
    const [token = ''] = await resetLinks();
    const both = await Promise.allSettled(
      [goodPassword, otherPassword].map(async (password) => await resetPassword(world.ports, { token, password })),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('brings mail to nobody without an account, with the same answer', async () => {
    await ask(mailOf('ada'));
    await ask('nobody@contoso.example');
    await world.decide('deny', 'mona');
    await ask();
    expect(await resetLinks()).toEqual([]);
  });

  it('costs the same whoever asks, and says nothing of who has an account', async () => {
    const work = async (mail: string) => (await world.ports.storageMeter(async () => await request(mail))).calls;
    const [owner, member, nobody] = [await work(mailOf('mona')), await work(mailOf('ada')), await work('nobody@contoso.example')];
    expect([member, nobody]).toEqual([owner, owner]);
    expect(world.ports.resetQueue.requests).toHaveLength(3);
  });

  it('brings one mail when the request comes twice, and none when it comes too late to be of use', async () => {
    const asked = await request();
    await sendResetLink(world.ports, asked);
    await sendResetLink(world.ports, asked);
    expect(await resetLinks()).toHaveLength(1);
    const late = await request();
    world.ports.clock.advance(3_600_000);
    await sendResetLink(world.ports, late);
    expect(await resetLinks()).toHaveLength(1);
  });

  it('brings one mail with a good link, wherever the work on it dies', async () => {
    let died = true;
    for (let call = 1; died; call += 1) {
      world = await makeManagerWorld();
      await world.decide('approve', 'mona', 'ada');
      await world.activate('mona');
      const asked = await request();
      let left = call;
      world.ports.beforeEachCall(() => {
        left -= 1;
        if (left === 0) throw new Error('The process died.');
      });
      died = await sendResetLink(world.ports, asked).then(
        () => false,
        () => true,
      );
      world.ports.beforeEachCall(undefined);
      if (died) await sendResetLink(world.ports, asked);
      world.ports.clock.advance(120_000);
      await world.recover();
      const links = await resetLinks();
      expect([call, links.length]).toEqual([call, 1]);
      await resetPassword(world.ports, { token: links[0] ?? '', password: otherPassword });
    }
  });

  it('brings three mails at once and no flood', async () => {
    for (let asked = 0; asked < 3; asked += 1) await ask();
    await expect(ask()).rejects.toMatchObject({ code: 'too-many-attempts' });
    await expect(ask('NOBODY@contoso.example')).resolves.toBeUndefined();
  });

  it('is replaced by no link once the company has left its tenant', async () => {
    await ask();
    const [token = ''] = await resetLinks();
    await disconnect(world.ports, { companyId, by: 'Avery' });
    await expect(resetPassword(world.ports, { token, password: otherPassword })).rejects.toMatchObject({ code: 'link-expired' });
  });

  it('is not replaced by whoever has the address then that the link was sent to', async () => {
    await ask();
    const [token = ''] = await resetLinks();
    world.tenant.put('mona', personFields('mona', { mail: 'mona.new@contoso.example' }));
    world.tenant.put('ada', personFields('ada', { mail: mailOf('mona') }));
    await world.sync();
    await expect(resetPassword(world.ports, { token, password: otherPassword })).rejects.toMatchObject({ code: 'link-expired' });
  });

  it('is not replaced by an invitation’s link, nor an invitation accepted by its link', async () => {
    await ask();
    const [token = ''] = await resetLinks();
    await expect(acceptInvitation(world.ports, { token, password: otherPassword })).rejects.toMatchObject({ code: 'link-expired' });
    const [invitation = ''] = await world.links();
    await expect(resetPassword(world.ports, { token: invitation, password: otherPassword })).rejects.toMatchObject({
      code: 'link-expired',
    });
  });
});

describe('a change of the password', () => {
  it('needs the present one, keeps the device that did it and ends all others', async () => {
    const [here, elsewhere] = [await signIn(), await signIn()];
    const change = { current: 'not the right words', password: otherPassword, address };
    await expect(changePassword(world.ports, await manager(here), change)).rejects.toMatchObject({ code: 'wrong-sign-in' });
    const { session } = await changePassword(world.ports, await manager(here), { ...change, current: goodPassword });
    expect(await managerOfSession(world.ports, here)).toBeUndefined();
    expect(await managerOfSession(world.ports, elsewhere)).toBeUndefined();
    expect(await managerOfSession(world.ports, session)).toBeDefined();
  });

  it('is held to the same rules', async () => {
    const change = { current: goodPassword, password: 'mona-mona-contoso', address };
    await expect(changePassword(world.ports, await manager(await signIn()), change)).rejects.toMatchObject({ code: 'password-refused' });
  });
});

describe('a disconnected company', () => {
  it('lets no manager in and invites none, and everything works again with the connection', async () => {
    const session = await signIn();
    const { integration } = await readCompanyState(world.ports.tables, companyId);
    await disconnect(world.ports, { companyId, by: 'Avery' });
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
    await expect(signIn()).rejects.toMatchObject({ code: 'wrong-sign-in' });
    expect(await world.invite(['mona'])).toMatchObject([{ outcome: 'refused', reason: 'disconnected' }]);
    await changeIntegration(world.ports.tables, companyId, () => integration);
    expect(await managerOfSession(world.ports, session)).toBeDefined();
    expect(await signIn()).toMatch(/./);
  });
});

describe('signing out everywhere', () => {
  it('ends every session', async () => {
    const all = [await signIn(), await signIn()];
    await signOutEverywhere(world.ports, await manager(all[0] ?? ''));
    for (const session of all) expect(await managerOfSession(world.ports, session)).toBeUndefined();
    expect(await signIn()).toMatch(/./);
  });
});

describe('10,000 guesses', () => {
  it('are mostly not even looked at', async () => {
    const before = world.ports.passwords.work();
    for (let guess = 0; guess < 10_000; guess += 1) {
      await signIn(`guess number ${guess} of many`).catch(() => undefined);
      // A guess a second, for almost three hours.
      world.ports.clock.advance(1_000);
    }
    expect(world.ports.passwords.work() - before).toBeLessThan(40);
  });
});

describe('admins', () => {
  const command = async (name: AccountCommand, objectId = 'mona') =>
    await commandAccount(world.ports, {
      companyId,
      userId: userIdOf(objectId),
      state: await readCompanyState(world.ports.tables, companyId),
      command: name,
      by: 'Avery Admin',
      reason: 'On leave',
    });
  const read = async (objectId: string) =>
    await readManagerAccess(world.ports, {
      companyId,
      userId: userIdOf(objectId),
      state: await readCompanyState(world.ports.tables, companyId),
    });

  it('disable an account at once, and enable it with its password', async () => {
    const session = await signIn();
    expect((await command('disable')).account).toMatchObject({ state: 'disabled', endedBecause: expect.stringContaining('On leave') });
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
    await expect(signIn()).rejects.toMatchObject({ code: 'wrong-sign-in' });
    await world.review();
    expect((await world.account('mona')).state).toBe('disabled');
    world.ports.clock.advance(1_000);
    expect((await command('enable')).account.state).toBe('active');
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
    expect(await signIn()).toMatch(/./);
    const actions = await world.auditActions();
    expect(actions.filter((action) => ['managerDisabled', 'managerEnabled'].includes(action))).toEqual([
      'managerDisabled',
      'managerEnabled',
    ]);
  });

  it('close with an account the links for a new password that were asked for before', async () => {
    await ask();
    const [token = ''] = await resetLinks();
    await command('disable');
    await command('enable');
    await expect(resetPassword(world.ports, { token, password: otherPassword })).rejects.toMatchObject({ code: 'link-expired' });
    await ask();
    const latest = (await resetLinks()).find((link) => link !== token) ?? '';
    await resetPassword(world.ports, { token: latest, password: otherPassword });
    expect(await signIn(otherPassword)).toMatch(/./);
  });

  it('close an account for good also for a link that is asked for at the very moment', async () => {
    const { access } = world.ports.tables;
    let closing: Promise<unknown> | undefined;
    const write: typeof access.write = async (partition, writes) => {
      if (partition === 'account-token') closing ??= command('disable');
      await closing;
      return await access.write(partition, writes);
    };
    const ports = { ...world.ports, tables: { ...world.ports.tables, access: { ...access, write } } };
    await sendResetLink(ports, await request());
    await command('enable');
    expect(await resetLinks()).toEqual([]);
    expect((await world.account('mona')).passwordReset).toBeNull();
  });

  it('enable somebody who leads nobody any more only as suspended', async () => {
    await command('disable');
    for (const name of ['ada', 'bo', 'cy']) world.tenant.setManager(name, null);
    await world.sync('full');
    expect((await command('enable')).account.state).toBe('suspended');
    await expect(signIn()).rejects.toMatchObject({ code: 'wrong-sign-in' });
  });

  it('take an open invitation back, and then nobody is invited by itself', async () => {
    world = await makeManagerWorld({ managersApproval: true });
    await world.decide('approve', 'mona');
    await world.review();
    const [token = ''] = await world.links();
    expect((await command('revoke')).account.state).toBe('none');
    await expect(acceptInvitation(world.ports, { token, password: goodPassword })).rejects.toMatchObject({ code: 'link-expired' });
    await world.decide('reopen', 'mona');
    await world.decide('approve', 'mona');
    await world.review();
    expect(await world.links()).toHaveLength(1);
    expect((await world.invite(['mona']))[0]).toMatchObject({ outcome: 'sent' });
  });

  it('are told what cannot be done', async () => {
    await expect(command('revoke')).rejects.toMatchObject({ code: 'conflict' });
    await expect(command('enable')).rejects.toMatchObject({ code: 'conflict' });
    await expect(command('disable', 'ada')).rejects.toMatchObject({ code: 'conflict' });
    await expect(command('disable', 'nobody')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('see who has access, and who would be invited', async () => {
    const state = await readCompanyState(world.ports.tables, companyId);
    const { items } = await listManagerAccess(world.ports, { companyId, state, limit: 10, cursor: null });
    expect(items.map(({ account }) => [account.objectId, account.state])).toEqual([['mona', 'active']]);
    expect(await read('mona')).toMatchObject({ reports: 3, refusal: 'alreadyActive' });
    expect(await read('ada')).toMatchObject({ reports: 0, refusal: 'noTeam' });
    expect(await read('bo')).toMatchObject({ refusal: 'pending' });
  });

  it('see everybody else when an account cannot be read', async () => {
    const { tables } = world.ports;
    for (const objectId of ['ada', 'zed'])
      await tables.managers.write(companyId, [{ kind: 'insert', row: `account~${objectId}`, properties: { json0: '{' } }]);
    const state = await readCompanyState(tables, companyId);
    const { items, cursor } = await listManagerAccess(world.ports, { companyId, state, limit: 1, cursor: null });
    expect(items.map(({ account }) => account.objectId)).toEqual(['mona']);
    expect(await listManagerAccess(world.ports, { companyId, state, limit: 1, cursor })).toEqual({ items: [], cursor: null });
    expect(world.ports.logged.map(({ facts }) => facts)).toEqual([
      { companyId, objectId: 'ada' },
      { companyId, objectId: 'zed' },
    ]);
  });
});
