// Who is invited, who is not and why; what a link opens, and that it opens it once; and who is in afterwards.
import { beforeEach, describe, expect, it } from 'vitest';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { inviteManagers } from '../../shared/use-cases/manager-access.ts';
import { readManagerAccess } from '../../shared/use-cases/manager-accounts.ts';
import { endManagerSession, managerOfSession, signInManager } from '../../shared/use-cases/manager-session.ts';
import { acceptInvitation } from '../../shared/use-cases/open-account.ts';
import { readTeam } from '../../shared/use-cases/own-team.ts';
import { personFields } from '../builders.ts';
import { goodPassword, makeManagerWorld, type ManagerWorld, userIdOf } from './manager-world.ts';
import { companyId } from './sync-world.ts';

let world: ManagerWorld;
beforeEach(async () => {
  world = await makeManagerWorld();
});

const outcomes = (items: Awaited<ReturnType<ManagerWorld['invite']>>) => items.map(({ outcome, reason }) => [outcome, reason]);
const mailOf = (name: string) => personFields(name).mail ?? '';
const accept = async (token: string, password = goodPassword) => await acceptInvitation(world.ports, { token, password });
const signIn = async (mail = mailOf('mona'), password = goodPassword, address = '198.51.100.7') =>
  await signInManager(world.ports, { companyId, mail, password, address });
const days = (count: number) => count * 86_400_000;

async function lastLink(): Promise<string> {
  const link = (await world.links()).at(-1);
  if (link === undefined) throw new Error('Nobody was invited.');
  return link;
}

async function activeMona(): Promise<string> {
  await world.decide('approve', 'mona', 'ada', 'bo');
  await world.invite(['mona']);
  await accept(await lastLink());
  return (await signIn()).session;
}

describe('an invitation', () => {
  it('goes to approved managers with an address and to nobody else, each with its reason', async () => {
    await world.decide('approve', 'mona', 'gus', 'ada', 'nomail');
    await world.decide('deny', 'bo');
    const items = await world.invite(['mona', 'gus', 'ada', 'bo', 'cy', 'nomail', 'nobody']);
    expect(outcomes(items)).toEqual([
      ['sent', null],
      ['refused', 'guest'],
      ['refused', 'noTeam'],
      ['refused', 'denied'],
      ['refused', 'pending'],
      ['refused', 'noAddress'],
      ['refused', 'unknown'],
    ]);
    for (const { outcome, detail } of items) expect(detail === null).toBe(outcome === 'sent');
    expect((await world.mails()).filter(({ kind }) => kind === 'managerInvited')).toHaveLength(1);
    expect(await world.auditActions()).toContain('managerInvited');
  });

  it('is not sent twice, until it is sent again on purpose: then the old link is dead', async () => {
    await world.decide('approve', 'mona');
    await world.invite(['mona']);
    expect(outcomes(await world.invite(['mona']))).toEqual([['skipped', 'invitationOpen']]);
    const old = await lastLink();
    expect(outcomes(await world.invite(['mona'], { kind: 'resend' }))).toEqual([['sent', null]]);
    const present = (await world.links()).find((link) => link !== old);
    await expect(accept(old)).rejects.toMatchObject({ code: 'link-expired' });
    await accept(present ?? '');
    expect(outcomes(await world.invite(['mona'], { kind: 'resend' }))).toEqual([['skipped', 'alreadyActive']]);
  });

  it('runs out after fourteen days, and can be sent anew then', async () => {
    await world.decide('approve', 'mona');
    await world.invite(['mona']);
    world.ports.clock.advance(days(14));
    await expect(accept(await lastLink())).rejects.toMatchObject({ code: 'link-expired' });
    expect(outcomes(await world.invite(['mona']))).toEqual([['sent', null]]);
    await accept(await lastLink());
  });

  it('goes to nobody who is denied while many others are invited first', async () => {
    await world.decide('approve', 'mona');
    const { managers } = world.ports.tables;
    let denial: Promise<void> | undefined;
    const get: typeof managers.get = async (key) => {
      denial ??= world.decide('deny', 'mona');
      await denial;
      return await managers.get(key);
    };
    const others = ['ada', 'bo', 'cy', 'dee', 'eve'];
    const userIds = [...others, 'mona'].map(userIdOf);
    const ports = { ...world.ports, tables: { ...world.ports.tables, managers: { ...managers, get } } };
    const state = await readCompanyState(ports.tables, companyId);
    const request = { companyId, companyName: 'Contoso', by: 'Avery Admin', kind: 'invite', state } as const;
    const items = await inviteManagers(
      ports,
      request,
      userIds.map((userId) => ({ userId, mail: null })),
    );
    expect(outcomes(items).at(-1)).toEqual(['refused', 'denied']);
    expect((await world.mails()).filter(({ kind }) => kind === 'managerInvited')).toEqual([]);
  });

  it('of several at the same moment is one', async () => {
    await world.decide('approve', 'mona');
    const all = await Promise.all([1, 2, 3, 4].map(async () => await world.invite(['mona'])));
    expect(all.flatMap(outcomes).filter(([outcome]) => outcome === 'sent')).toHaveLength(1);
    expect(await world.links()).toHaveLength(1);
  });
});

describe('a link', () => {
  beforeEach(async () => {
    await world.decide('approve', 'mona', 'ada');
    await world.invite(['mona']);
  });

  it('opens the account once', async () => {
    const link = await lastLink();
    const both = await Promise.allSettled([accept(link), accept(link)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(accept(link)).rejects.toMatchObject({ code: 'link-expired' });
  });

  it.each([
    ['nothing', () => ''],
    ['nonsense', () => 'nonsense'],
    ['a guessed secret', (link: string) => `${link.slice(0, -4)}AAAA`],
    ['another id', (link: string) => `aaaaaaaaaaaaaaaaaaaa${link.slice(20)}`],
  ])('with %s opens nothing, and is told apart from nothing', async (_, spoil) => {
    await expect(accept(spoil(await lastLink()))).rejects.toMatchObject({ code: 'link-expired' });
    await expect(signIn()).rejects.toMatchObject({ code: 'wrong-sign-in' });
  });

  it('is dead for whoever was denied, or lost the team, meanwhile', async () => {
    for (const name of ['ada', 'bo', 'cy']) world.tenant.setManager(name, null);
    await world.sync('full');
    await expect(accept(await lastLink())).rejects.toMatchObject({ code: 'link-expired' });
  });

  it.each([
    ['short', 'hunter2'],
    ['made of the own name', 'mona-mona-contoso'],
    ['a repetition', 'abcabcabcabcabc'],
  ])('stays good when the password is refused: %s', async (_, password) => {
    await expect(accept(await lastLink(), password)).rejects.toMatchObject({ code: 'password-refused' });
    await accept(await lastLink());
  });
});

describe('a link sent to an address that the directory gives to somebody else then', () => {
  /** Mona’s address is Ada’s now, and the other way round: a mail that waited, or an old mailbox, is read by Ada. */
  async function swapAddresses(): Promise<void> {
    world.tenant.put('mona', personFields('mona', { mail: mailOf('ada') }));
    world.tenant.put('ada', personFields('ada', { mail: mailOf('mona') }));
    await world.sync();
  }

  it('opens nothing, is shown as no longer good, and can be sent to the new address', async () => {
    await world.decide('approve', 'mona', 'ada');
    await world.invite(['mona']);
    const old = await lastLink();
    await swapAddresses();
    await expect(accept(old)).rejects.toMatchObject({ code: 'link-expired' });
    const state = await readCompanyState(world.ports.tables, companyId);
    expect((await readManagerAccess(world.ports, { companyId, userId: userIdOf('mona'), state })).refusal).toBeNull();
    expect(outcomes(await world.invite(['mona']))).toEqual([['sent', null]]);
    expect((await world.outgoing()).map(({ to }) => to[0]?.address)).toContain(mailOf('ada'));
    for (const link of await world.links()) await accept(link).catch(() => undefined);
    expect((await world.account('mona')).state).toBe('active');
  });

  it('is good while the same address is only spelt in another way', async () => {
    await world.decide('approve', 'mona');
    await world.invite(['mona']);
    world.tenant.put('mona', personFields('mona', { mail: mailOf('mona').toUpperCase() }));
    await world.sync();
    await accept(await lastLink());
    expect((await world.account('mona')).state).toBe('active');
  });
});

describe('signing in', () => {
  it('works with the address the directory has now', async () => {
    await activeMona();
    world.tenant.put('mona', personFields('mona', { mail: 'mona.new@contoso.example' }));
    await world.sync();
    await expect(signIn(mailOf('mona'))).rejects.toMatchObject({ code: 'wrong-sign-in' });
    expect((await signIn('MONA.new@contoso.example')).session).toMatch(/./);
  });

  it('works also when others without an account have the same address in the directory', async () => {
    await activeMona();
    world.tenant.put('mona-admin', personFields('mona'));
    await world.sync();
    expect((await signIn()).session).toMatch(/./);
    await world.decide('approve', 'mona-admin');
    expect((await signIn()).session).toMatch(/./);
  });

  it('lets nobody in by an address of two who have an account', async () => {
    await activeMona();
    await world.decide('approve', 'ada');
    world.tenant.setManager('dee', 'ada');
    await world.sync();
    await world.activate('ada');
    world.tenant.put('ada', personFields('mona'));
    await world.sync();
    await expect(signIn()).rejects.toMatchObject({ code: 'wrong-sign-in' });
    await world.decide('deny', 'ada');
    await world.review();
    expect((await signIn()).session).toMatch(/./);
  });

  it('answers the same, for the same work, whatever is wrong', async () => {
    await activeMona();
    const { passwords } = world.ports;
    const works: number[] = [];
    for (const [mail, password] of [
      [mailOf('mona'), 'not the right words'],
      ['nobody@contoso.example', goodPassword],
      [mailOf('ada'), goodPassword],
    ] as const) {
      const before = passwords.work();
      await expect(signIn(mail, password)).rejects.toMatchObject({ code: 'wrong-sign-in', details: {} });
      works.push(passwords.work() - before);
    }
    expect(works).toEqual([1, 1, 1]);
  });

  it('is held up longer and longer by failures, also when the next try would be right', async () => {
    await activeMona();
    for (let failure = 0; failure < 6; failure += 1) await signIn(mailOf('mona'), 'not the right words').catch(() => undefined);
    await expect(signIn()).rejects.toMatchObject({ code: 'too-many-attempts' });
    world.ports.clock.advance(60_000);
    expect((await signIn()).session).toMatch(/./);
  });
});

describe('somebody who tries one address after the other', () => {
  it.each([
    ['from one place, by another connection each', (number: number) => `198.51.100.7:${50_000 + number}`],
    [
      'from one line with all the IPv6 addresses it has',
      (number: number) => `[2001:db8:1:2:${number.toString(16)}::${number.toString(16)}]:443`,
    ],
  ])('is held up after fifty: %s', async (_, from) => {
    const guess = async (number: number) =>
      await signIn(`nobody${number}@contoso.example`, 'not the right words', from(number)).catch((error: unknown) => error);
    for (let number = 1; number <= 50; number += 1) expect(await guess(number)).toMatchObject({ code: 'wrong-sign-in' });
    expect(await guess(51)).toMatchObject({ code: 'too-many-attempts' });
  });
});

describe('a session', () => {
  it('shows the own approved people, how many are pending, and nobody else', async () => {
    const manager = await managerOfSession(world.ports, await activeMona());
    if (!manager) throw new Error('Mona is not signed in.');
    const team = await readTeam(world.ports, manager);
    expect(team.members.map(({ user }) => user.objectId).toSorted()).toEqual(['ada', 'bo']);
    expect(team.pending).toBe(1);
  });

  it.each([
    ['she is denied', async () => await world.decide('deny', 'mona')],
    [
      'she leaves',
      async () => {
        world.tenant.purge('mona');
        await world.sync();
      },
    ],
    [
      'her people report to somebody else',
      async () => {
        for (const name of ['ada', 'bo', 'cy']) world.tenant.setManager(name, 'gus');
        await world.sync('full');
      },
    ],
    ['an hour passes without use', async () => world.ports.clock.advance(3_600_000)],
  ])('ends at once when %s', async (_, happen) => {
    const session = await activeMona();
    expect(await managerOfSession(world.ports, session)).toBeDefined();
    await happen();
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
  });

  it('ends after twelve hours whatever its use, and when it is ended', async () => {
    const session = await activeMona();
    for (let minutes = 0; minutes < 11.5 * 60; minutes += 30) {
      world.ports.clock.advance(30 * 60_000);
      expect(await managerOfSession(world.ports, session)).toBeDefined();
    }
    world.ports.clock.advance(30 * 60_000);
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
    const other = (await signIn()).session;
    await endManagerSession(world.ports, other);
    expect(await managerOfSession(world.ports, other)).toBeUndefined();
  });

  it('cannot be guessed', async () => {
    await activeMona();
    for (const guess of ['', 'x', '../account', userIdOf('mona')]) expect(await managerOfSession(world.ports, guess)).toBeUndefined();
  });
});
