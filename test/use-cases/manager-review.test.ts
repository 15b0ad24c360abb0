// What happens to managers' access while the directory and decisions change around them, wherever it crashes.
import { describe, expect, it } from 'vitest';
import type { Ports } from '../../shared/ports/ports.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { writeAccount } from '../../shared/storage/manager-accounts.ts';
import { queueReviews } from '../../shared/storage/manager-reviews.ts';
import { recoverEffects } from '../../shared/use-cases/effects.ts';
import { inviteManagers } from '../../shared/use-cases/manager-access.ts';
import { managerOfSession, signInManager } from '../../shared/use-cases/manager-session.ts';
import { reviewManagers } from '../../shared/use-cases/review-managers.ts';
import { personFields } from '../builders.ts';
import { goodPassword, makeManagerWorld, type ManagerWorld, userIdOf } from './manager-world.ts';
import { companyId } from './sync-world.ts';

const team = ['ada', 'bo', 'cy'];
const mailOf = (name: string) => personFields(name).mail ?? '';

async function activeWorld(): Promise<ManagerWorld> {
  const world = await makeManagerWorld();
  await world.decide('approve', 'mona', 'ada');
  await world.activate('mona');
  return world;
}

async function signIn({ ports }: ManagerWorld): Promise<string> {
  return (await signInManager(ports, { companyId, mail: mailOf('mona'), password: goodPassword, address: '198.51.100.7' })).session;
}

/** The whole team reports to somebody else from now on. */
async function moveTeam(world: ManagerWorld, to: string | null): Promise<void> {
  for (const name of team) world.tenant.setManager(name, to);
  await world.sync('full');
}

describe('a review', () => {
  it('that cannot be read keeps nobody else’s from being done', async () => {
    const world = await activeWorld();
    await world.ports.tables.managers.write('~reviews', [{ kind: 'insert', row: '!broken', properties: { json0: '{"companyId":1}' } }]);
    await moveTeam(world, null);
    await world.review();
    expect((await world.account('mona')).state).toBe('suspended');
    expect(world.ports.logged).toContainEqual(expect.objectContaining({ level: 'error', facts: { row: '!broken' } }));
  });
});

describe('access', () => {
  it('ends with the team, says who leads it now, and comes back with it, without a new invitation', async () => {
    const world = await activeWorld();
    const session = await signIn(world);
    world.tenant.put('gus', personFields('gus'));
    await moveTeam(world, 'gus');
    await world.review();
    expect(await world.account('mona')).toMatchObject({ state: 'suspended', endedBecause: 'Nobody reports to this person any more.' });
    expect(await world.auditActions()).toContain('managerSuspended');
    expect(await world.lastAudit('managerSuspended')).toMatchObject({
      reason: expect.stringMatching(/gus.* leads 3 of the former team now\.$/i),
      objectIds: ['mona', ...team],
    });
    await moveTeam(world, 'mona');
    await world.review();
    expect(await world.account('mona')).toMatchObject({ state: 'active', endedBecause: null });
    // Sessions of before stay dead; the password is the same.
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
    expect(await signIn(world)).toMatch(/./);
    expect((await world.links()).length).toBe(1);
  });

  it('ends also with a team that is too large for a row of the audit log, which says how many there were', async () => {
    const world = await activeWorld();
    await moveTeam(world, null);
    const lost = Array.from({ length: 14_000 }, (_, number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`);
    const subjects = lost.map((reportId) => ({ managerId: 'mona', reportId, gained: false }));
    await queueReviews(world.ports.tables, companyId, subjects);
    await world.review();
    expect(await world.account('mona')).toMatchObject({ state: 'suspended' });
    const entry = await world.lastAudit('managerSuspended');
    expect(entry?.objectIds).toHaveLength(1_001);
    expect(entry?.objectIds.slice(0, 2)).toEqual(['mona', lost[0]]);
    expect(entry?.reason).toContain('1000 of 14003 people');
  });

  it.each([
    ['she is denied', async (world: ManagerWorld) => await world.decide('deny', 'mona')],
    [
      'she leaves',
      async (world: ManagerWorld) => {
        world.tenant.purge('mona');
        await world.sync();
      },
    ],
    [
      'she is made a guest',
      async (world: ManagerWorld) => {
        world.tenant.put('mona', personFields('mona', { userType: 'Guest' }));
        await world.sync();
      },
    ],
  ])('ends when %s', async (_, happen) => {
    const world = await activeWorld();
    const session = await signIn(world);
    await happen(world);
    expect(await managerOfSession(world.ports, session)).toBeUndefined();
    await world.review();
    expect((await world.account('mona')).state).toBe('suspended');
  });

  it('does not end while nobody has proven that anybody left', async () => {
    const world = await activeWorld();
    world.tenant.put('ada', personFields('ada', { jobTitle: 'Chief' }));
    await world.sync();
    await world.review();
    expect((await world.account('mona')).state).toBe('active');
  });

  it('does not end over a report who is not seen any more, and ends when that one is seen in another team', async () => {
    const world = await activeWorld();
    for (const name of ['bo', 'cy']) world.tenant.setManager(name, null);
    await world.sync('full');
    world.tenant.purge('ada');
    world.tenant.leaveUnanswered('ada');
    await world.sync('full');
    await world.review();
    expect([await world.withPresence('missing'), (await world.account('mona')).state]).toEqual([['ada'], 'active']);
    world.tenant.put('ada', personFields('ada'));
    world.tenant.restore('ada');
    world.tenant.setManager('ada', 'gus');
    await world.sync();
    await world.review();
    expect((await world.account('mona')).state).toBe('suspended');
  });

  it('ends also when the first account of the company came while the round was under way', async () => {
    const world = await makeManagerWorld();
    await world.decide('approve', 'mona');
    for (const name of team) world.tenant.purge(name);
    const openDirectory: Ports['openDirectory'] = (tenantId) => {
      const directory = world.ports.openDirectory(tenantId);
      const lookUp: typeof directory.lookUp = async (...asked) => {
        await world.activate('mona');
        return await directory.lookUp(...asked);
      };
      return { ...directory, lookUp };
    };
    await world.sync('full', { ports: { ...world.ports, openDirectory } });
    expect(await world.withPresence('removed')).toEqual(team);
    await world.review();
    expect((await world.account('mona')).state).toBe('suspended');
  });

  it('of somebody invited ends with the invitation', async () => {
    const world = await makeManagerWorld();
    await world.decide('approve', 'mona');
    await world.invite(['mona']);
    await moveTeam(world, null);
    await world.review();
    expect((await world.account('mona')).state).toBe('none');
    expect(await world.auditActions()).toContain('managerInvitationEnded');
  });

  it('of somebody who accepts at the very moment of the look ends like that of any account', async () => {
    const world = await makeManagerWorld();
    await world.decide('approve', 'mona');
    await world.invite(['mona']);
    await moveTeam(world, null);
    const { managers } = world.ports.tables;
    let isAccepted = false;
    const get: typeof managers.get = async (key) => {
      const found = await managers.get(key);
      if (found === undefined || isAccepted) return found;
      isAccepted = true;
      const account = { ...(await world.account('mona')), state: 'active', passwordHash: 'hash' } as const;
      await writeAccount(world.ports.tables, companyId, { account, etag: found.etag });
      return found;
    };
    await reviewManagers({ ...world.ports, tables: { ...world.ports.tables, managers: { ...managers, get } } });
    expect(await world.account('mona')).toMatchObject({ state: 'suspended', sessionGeneration: 1 });
    expect(await world.auditActions()).toContain('managerSuspended');
    expect(await world.auditActions()).not.toContain('managerInvitationEnded');
  });

  it('of somebody who is denied at the very moment of the first invitation ends with it', async () => {
    const world = await makeManagerWorld();
    await world.decide('approve', 'mona');
    const { managers } = world.ports.tables;
    let denial: Promise<void> | undefined;
    const write: typeof managers.write = async (...request) => {
      denial ??= world.decide('deny', 'mona');
      await denial;
      return await managers.write(...request);
    };
    const ports = { ...world.ports, tables: { ...world.ports.tables, managers: { ...managers, write } } };
    const state = await readCompanyState(ports.tables, companyId);
    const request = { companyId, companyName: 'Contoso', by: 'Avery Admin', kind: 'invite', state } as const;
    await inviteManagers(ports, request, [{ userId: userIdOf('mona'), mail: null }]);
    await world.review();
    expect(await world.account('mona')).toMatchObject({ state: 'none', endedBecause: 'This person is not approved any more.' });
  });

  it('is told to both addresses when the directory changes the one to sign in with', async () => {
    const world = await activeWorld();
    world.tenant.put('mona', personFields('mona', { mail: 'mona.new@contoso.example' }));
    await world.sync();
    await world.review();
    await world.review();
    const told = (await world.outgoing()).filter(({ content }) => content.kind === 'addressChanged');
    expect(told.map(({ to }) => to[0]?.address ?? '').toSorted()).toEqual(['mona.new@contoso.example', mailOf('mona')].toSorted());
    expect((await world.account('mona')).knownAddress).toBe('mona.new@contoso.example');
  });
});

describe('Managers Approval', () => {
  const approval = { managersApproval: true } as const;

  it('invites whoever is approved and leads a team, and nobody else', async () => {
    const world = await makeManagerWorld(approval);
    await world.decide('approve', 'mona', 'ada', 'gus', 'nomail');
    await world.review();
    expect((await world.account('mona')).state).toBe('invited');
    expect(await world.links()).toHaveLength(1);
  });

  it('invites somebody approved before who leads the first people now', async () => {
    const world = await makeManagerWorld(approval);
    await world.decide('approve', 'ada');
    await world.review();
    expect(await world.links()).toHaveLength(0);
    world.tenant.setManager('dee', 'ada');
    await world.sync('full');
    await world.review();
    expect((await world.account('ada')).state).toBe('invited');
  });

  it('invites nobody while it is off, also when somebody new joins the team after it was switched on', async () => {
    const world = await makeManagerWorld();
    await world.decide('approve', 'mona');
    await world.review();
    expect(await world.links()).toHaveLength(0);
    await world.changeSettings(approval);
    world.tenant.setManager('dee', 'mona');
    await world.sync('full');
    await world.review();
    expect(await world.links()).toHaveLength(0);
  });

  it('invites nobody of before over being seen again, with the team, after the directory was silent about them', async () => {
    const world = await makeManagerWorld();
    await world.decide('approve', 'mona');
    await world.changeSettings(approval);
    const silent = ['mona', ...team];
    for (const name of silent) {
      world.tenant.purge(name);
      world.tenant.leaveUnanswered(name);
    }
    await world.sync('full');
    await world.review();
    expect((await world.withPresence('missing')).toSorted()).toEqual(silent.toSorted());
    for (const name of silent) {
      world.tenant.put(name, personFields(name));
      world.tenant.restore(name);
      if (name !== 'mona') world.tenant.setManager(name, 'mona');
    }
    await world.sync();
    await world.review();
    expect(await world.withPresence('missing')).toEqual([]);
    expect(await world.links()).toHaveLength(0);
  });

  it('invites managers who were approved in the first round, before their team was known', async () => {
    let decided = false;
    const world = await makeManagerWorld(approval, {
      pageSize: 1,
      before: async (_phase, { users, decide, ports }) => {
        const known = await users();
        if (decided || !known.has('mona')) return;
        decided = true;
        expect(known.has('ada')).toBe(false);
        await decide('approve', 'mona');
        await reviewManagers(ports);
      },
    });
    expect((await world.account('mona')).state).toBe('none');
    await world.review();
    expect((await world.account('mona')).state).toBe('invited');
  });

  it('invites exactly once, wherever it crashes', async () => {
    for (let fault = 1; fault < 200; fault += 1) {
      const world = await makeManagerWorld(approval);
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === fault) throw new Error('The process died.');
      });
      const attempt = async (work: () => Promise<unknown>) =>
        await work().then(
          () => false,
          () => true,
        );
      const died = [await attempt(async () => await world.decide('approve', 'mona')), await attempt(world.review)];
      const isOver = calls < fault;
      world.ports.beforeEachCall(undefined);
      // The admin sees the error and tries again; timers come again by themselves.
      await world.decide('approve', 'mona');
      world.ports.clock.advance(5 * 60_000);
      await recoverEffects(world.ports);
      await world.review();
      await recoverEffects(world.ports);
      expect(await world.links(), `call ${fault}`).toHaveLength(1);
      if (isOver && !died.includes(true)) return;
    }
    throw new Error('More calls than expected.');
  });
});
