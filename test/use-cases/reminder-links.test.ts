// What links in a weekly reminder open, for whom, how long, and what they never open.
import { beforeEach, describe, expect, it } from 'vitest';
import { joinToken } from '../../shared/domain/secrets.ts';
import { listAudit } from '../../shared/storage/audit.ts';
import { readAccount } from '../../shared/storage/manager-accounts.ts';
import { changeReminders } from '../../shared/use-cases/change-reminders.ts';
import { disconnect } from '../../shared/use-cases/disconnect.ts';
import { linkSecret } from '../../shared/use-cases/link-secrets.ts';
import { readTeamStatus, unsubscribe } from '../../shared/use-cases/reminder-links.ts';
import { makeReminderWorld, type ReminderWorld } from './reminder-world.ts';
import { companyId } from './sync-world.ts';

const dayMs = 86_400_000;
let world: ReminderWorld;
let links: { readonly status: string; readonly unsubscribe: string };

async function tokensOfLastMail() {
  const content = (await world.reminders()).at(-1);
  const tokenOf = (tokenId = '') => joinToken(tokenId, linkSecret(world.ports.operation, tokenId));
  return { status: tokenOf(content?.status?.tokenId), unsubscribe: tokenOf(content?.unsubscribe.tokenId) };
}

beforeEach(async () => {
  world = await makeReminderWorld(['mona', 'noel'], { weeklyReminders: true, statusLinks: true });
  await world.assign('mona-1');
  world.ports.clock.set(new Date('2026-03-02T08:00:00.000Z'));
  await world.tick();
  links = await tokensOfLastMail();
});

const settingOf = async (objectId: string) => (await readAccount(world.ports.tables, companyId, objectId))?.value.reminders;
const dead = { code: 'link-expired' };

describe('the link that ends the mails', () => {
  it('sets the manager’s own switch, says so in the audit log, and works again and for ever', async () => {
    await unsubscribe(world.ports, links.unsubscribe);
    await unsubscribe(world.ports, links.unsubscribe);
    expect([await settingOf('mona'), await settingOf('noel')]).toEqual(['off', 'inherit']);
    const { entries } = await listAudit(world.ports.tables, companyId, { after: null, limit: 100 });
    expect(entries.filter(({ action }) => action === 'remindersChanged')).toMatchObject([
      { by: 'mona, by the link in the mail', summary: 'Set the weekly reminders of mona: off.', objectIds: ['mona'] },
    ]);
    world.ports.clock.advance(7 * dayMs);
    await world.tick();
    expect(await world.ledger('2026-W11')).toMatchObject({ mona: 'managerOff' });
    const user = await world.user('mona');
    await changeReminders(world.ports, { companyId, user, setting: 'inherit', by: 'Avery' });
    world.ports.clock.advance(400 * dayMs);
    await unsubscribe(world.ports, links.unsubscribe);
    expect(await settingOf('mona')).toBe('off');
  });
});

describe('the link to the status', () => {
  it('is dead while the company is disconnected; the one that ends the mails is not', async () => {
    await disconnect(world.ports, { companyId, by: 'Avery' });
    await expect(readTeamStatus(world.ports, links.status)).rejects.toMatchObject(dead);
    await unsubscribe(world.ports, links.unsubscribe);
    expect(await settingOf('mona')).toBe('off');
  });

  it('shows the team as it is now, and nothing to change it with', async () => {
    await world.assign('mona-1', { courseId: 'aid', completedAt: '2026-03-02T09:00:00.000Z' });
    expect(await readTeamStatus(world.ports, links.status)).toMatchObject({
      companyName: 'Contoso',
      managerName: 'mona',
      worksUntil: '2026-03-09T08:00:00.000Z',
      counts: { overdue: 1, dueSoon: 0, open: 0, done: 1 },
      members: [{ displayName: 'mona-1', counts: { overdue: 1, done: 1 } }],
    });
  });

  it.each<[string, () => Promise<void>]>([
    ['a week is over', async () => world.ports.clock.advance(7 * dayMs)],
    ['the company allows it no more', async () => await world.change({ statusLinks: false })],
    ['the company has left its tenant', async () => await disconnect(world.ports, { companyId, by: 'Avery' })],
    ['the account is disabled', async () => await world.setAccount('mona', { state: 'disabled' })],
    ['the manager is denied', async () => await world.decide('deny', 'mona')],
    [
      'the team is somebody else’s',
      async () => {
        world.tenant.setManager('mona-1', 'noel');
        await world.sync('full');
      },
    ],
    [
      'the manager has left',
      async () => {
        world.tenant.purge('mona');
        await world.sync();
      },
    ],
  ])('is dead once %s', async (_, happen) => {
    await happen();
    await expect(readTeamStatus(world.ports, links.status)).rejects.toMatchObject(dead);
  });

  it('is not in the mail unless the company wants it', async () => {
    await world.change({ statusLinks: false });
    world.ports.clock.advance(7 * dayMs);
    await world.tick();
    const mails = await world.reminders();
    expect(mails.map(({ status }) => status !== null)).toEqual([true, false]);
  });
});

it.each<[string, () => string]>([
  ['nothing', () => ''],
  ['nonsense', () => 'nonsense'],
  ['an altered secret', () => `${links.status.slice(0, -1)}${links.status.endsWith('A') ? 'B' : 'A'}`],
  ['another manager’s id', () => links.status.replace('~mona~', '~noel~')],
  ['another company’s id', () => links.status.replace('company1', 'company2')],
  ['a later end', () => links.status.replace(/~(\d+)\./, (_, end: string) => `~${Number(end) + 1000}.`)],
  ['no end', () => links.status.replace(/~\d+\./, '.')],
  ['the other link’s secret', () => joinToken(links.status.split('.')[0] ?? '', links.unsubscribe.split('.')[1] ?? '')],
  ['a link that ends the mails', () => links.unsubscribe],
])('%s opens no status, and no status link ends mails', async (_, token) => {
  await expect(readTeamStatus(world.ports, token())).rejects.toMatchObject(dead);
  if (token() === links.unsubscribe) return;
  await expect(unsubscribe(world.ports, token())).rejects.toMatchObject(dead);
  expect(await settingOf('mona')).toBe('inherit');
});
