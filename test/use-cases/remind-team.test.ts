// A manager reminds the team: whom the mail reaches, what it says, and how often.
import { beforeEach, describe, expect, it } from 'vitest';
import { stateAssignments } from '../../shared/use-cases/assignments.ts';
import { disconnect } from '../../shared/use-cases/disconnect.ts';
import { managerOfGeneration, type SignedInManager } from '../../shared/use-cases/manager-session.ts';
import { readOwnTeam } from '../../shared/use-cases/own-team.ts';
import { recordDelivery } from '../../shared/use-cases/record-delivery.ts';
import { remindTeam } from '../../shared/use-cases/remind-team.ts';
import { personFields } from '../builders.ts';
import { makeManagerWorld, type ManagerWorld, userIdOf } from './manager-world.ts';
import { companyId } from './sync-world.ts';

let world: ManagerWorld;

const dayFromNow = (days: number) => new Date(world.ports.clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);

async function assign(objectId: string, courseId: string, due: number, done = false): Promise<void> {
  const assignment = {
    courseId,
    title: `Course ${courseId}`,
    assignedOn: dayFromNow(-30),
    dueOn: dayFromNow(due),
    progress: done ? 100 : 0,
    completedAt: done ? world.ports.clock.now().toISOString() : null,
    link: `https://learn.example/${courseId}`,
  };
  await stateAssignments(world.ports, companyId, [{ user: { objectId }, courseId, version: 1, assignment }]);
}

beforeEach(async () => {
  world = await makeManagerWorld();
  await world.decide('approve', 'mona', 'ada', 'bo');
  await world.activate('mona');
  await assign('ada', 'late', -3);
  await assign('ada', 'soon', 3);
  await assign('ada', 'far', 60);
  await assign('bo', 'done', -3, true);
  await assign('cy', 'late', -3);
  await assign('dee', 'late', -3);
});

/** Mona, read anew as at each request. */
async function readMona(): Promise<SignedInManager> {
  const found = await managerOfGeneration(world.ports, { companyId, objectId: 'mona', generation: 0 });
  if (!found) throw new Error('Mona may not enter.');
  return found;
}

const remind = async (names: readonly string[] | 'everybody') =>
  await remindTeam(world.ports, await readMona(), names === 'everybody' ? names : names.map(userIdOf));
const outcomes = async (names: readonly string[] | 'everybody') => (await remind(names)).map(({ outcome, reason }) => reason ?? outcome);
const reminders = async () => (await world.outgoing()).flatMap((mail) => (mail.content.kind === 'teamReminder' ? [mail] : []));

describe('a reminder', () => {
  it('goes to everybody in the team with something due, lists those courses and no others', async () => {
    expect((await remind('everybody')).map(({ userId, outcome }) => [userId, outcome])).toEqual([[userIdOf('ada'), 'sent']]);
    const [mail, ...others] = await reminders();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      to: [{ address: personFields('ada').mail }],
      content: {
        courses: [
          { title: 'Course late', isOverdue: true },
          { title: 'Course soon', isOverdue: false },
        ],
        more: 0,
      },
    });
  });

  it('says of each who was skipped and why; strangers, pending people and nonsense are told apart from nobody', async () => {
    expect(await outcomes(['ada', 'bo', 'cy', 'dee', 'mona', 'nobody'])).toEqual([
      'sent',
      'nothingDue',
      'notInTeam',
      'notInTeam',
      'notInTeam',
      'notInTeam',
    ]);
  });

  it('does not go to an address that mail comes back from', async () => {
    await remind(['ada']);
    const [mail] = await reminders();
    world.ports.clock.advance(86_400_000);
    const recipient = personFields('ada').mail ?? '';
    const delivery = { outcome: 'bounced', at: world.ports.clock.now().toISOString(), detail: null } as const;
    await recordDelivery(world.ports, { operationId: mail?.operationId ?? '', recipient, delivery });
    expect(await outcomes(['ada'])).toEqual(['addressRefused']);
  });

  it('goes to nobody once the company has left its tenant, also when that happens while it is asked for', async () => {
    const mona = await readMona();
    await disconnect(world.ports, { companyId, by: 'Avery' });
    await expect(readMona()).rejects.toThrow('may not enter');
    expect(await remindTeam(world.ports, mona, 'everybody')).toMatchObject([{ outcome: 'skipped', reason: 'disconnected' }]);
    expect(await reminders()).toEqual([]);
  });

  it('comes once a day in the company’s time zone, and again the day after', async () => {
    await world.changeSettings({ timeZone: 'Pacific/Auckland' });
    expect(await outcomes(['ada'])).toEqual(['sent']);
    expect(await outcomes(['ada'])).toEqual(['remindedToday']);
    world.ports.clock.advance(86_400_000);
    expect(await outcomes(['ada'])).toEqual(['sent']);
    expect(await reminders()).toHaveLength(2);
  });

  it('comes as often as the company allows, and never when it allows none', async () => {
    await world.changeSettings({ teamRemindersPerDay: 2 });
    expect([await outcomes(['ada']), await outcomes(['ada']), await outcomes(['ada'])]).toEqual([['sent'], ['sent'], ['remindedToday']]);
    world.ports.clock.advance(86_400_000);
    await world.changeSettings({ teamRemindersPerDay: 0 });
    expect(await outcomes(['ada'])).toEqual(['switchedOff']);
  });

  it('is one, also when it is asked for several times at once', async () => {
    const all = await Promise.all([1, 2, 3].map(async () => await outcomes(['ada'])));
    expect(all.flat().toSorted()).toEqual(['remindedToday', 'remindedToday', 'sent']);
    expect(await reminders()).toHaveLength(1);
  });

  it('lists twenty courses and counts the rest', async () => {
    for (let number = 0; number < 25; number += 1) await assign('bo', `late-${number}`, -1);
    await remind(['bo']);
    const [mail] = await reminders();
    expect(mail?.content.kind === 'teamReminder' && [mail.content.courses.length, mail.content.more]).toEqual([20, 5]);
  });

  it('is shown to the manager', async () => {
    await remind(['ada']);
    const { members } = await readOwnTeam(world.ports, await readMona());
    expect(members.map(({ user, remindedAt }) => [user.objectId, remindedAt !== null])).toEqual([
      ['ada', true],
      ['bo', false],
    ]);
  });

  it('is never lost and never sent twice in a day, wherever it crashes', async () => {
    for (let fault = 1; fault < 100; fault += 1) {
      const before = (await reminders()).length;
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === fault) throw new Error('The process died.');
      });
      const died = await remind(['ada']).then(
        () => false,
        () => true,
      );
      world.ports.beforeEachCall(undefined);
      await remind(['ada']);
      world.ports.clock.advance(86_400_000);
      await world.recover();
      expect((await reminders()).length, `call ${fault}`).toBe(before + 1);
      if (!died && calls < fault) return;
    }
    throw new Error('More calls than expected.');
  });
});
