// Random histories of a tenant, with faults of the directory, crashes at any call and an admin who decides meanwhile: in the end
// the list is right, and on the way nobody was removed by mistake, no decision undone, no mail lost or doubled.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { User } from '../../shared/domain/user.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import type { Table } from '../../shared/ports/tables.ts';
import { openMarks } from '../../shared/storage/outbox.ts';
import { decideUsers } from '../../shared/use-cases/decide-users.ts';
import { userIdOf } from '../../shared/use-cases/company-users.ts';
import { listUsers } from '../../shared/use-cases/list-users.ts';
import { failures, tenantId } from '../builders.ts';
import { makeTruth, type Person, round, type Round, unruly } from './sync-history.ts';
import { companyId, makeSyncWorld, recover, type SyncWorld } from './sync-world.ts';

class Crash extends Error {}

const decisionAfter = { approve: 'approved', deny: 'denied', reopen: 'pending' } as const;

/** Notes every mail that is stored with a state change. */
function watchMails(ports: Ports): { readonly ports: Ports; readonly mails: readonly string[] } {
  const mails: string[] = [];
  const { companies } = ports.tables;
  const write: Table['write'] = async (partition, writes) => {
    const outcome = await companies.write(partition, writes);
    for (const each of outcome.kind === 'done' ? writes : []) {
      const isMail = each.kind === 'upsert' && String(each.properties['json0']).startsWith('{"kind":"mail"');
      if (isMail) mails.push(each.row.slice('~outbox~'.length));
    }
    return outcome;
  };
  return { ports: { ...ports, tables: { ...ports.tables, companies: { ...companies, write } } }, mails };
}

async function live(world: SyncWorld, rounds: readonly Round[]): Promise<void> {
  const { ports } = world;
  const truth = makeTruth(world);
  const decided = new Map<string, User['decision']>();
  const { ports: watched, mails } = watchMails(ports);

  for (const each of rounds) {
    const { deeds, full, faults, incidents, shuffle, unreadable } = each;
    for (const one of deeds) truth.enter(one);
    if (unreadable && shuffle % 5 === 0) world.tenant.addToNextRound({ kind: 'unreadable', reason: 'No id.' });
    world.tenant.failNext(...faults.map((kind) => (kind === null ? null : failures[kind])));
    const notRemoved = new Set(
      [...(await world.users()).values()].filter(({ presence }) => presence !== 'removed').map(({ objectId }) => objectId),
    );
    const stayed = new Set(
      [...truth.people].filter(([objectId, { state }]) => state === 'live' && notRemoved.has(objectId)).map(([objectId]) => objectId),
    );
    const there = () => {
      for (const objectId of stayed) if (truth.people.get(objectId)?.state !== 'live') stayed.delete(objectId);
    };

    let calls = 0;
    let dead = false;
    let admin: Promise<void> = Promise.resolve();
    const decide = async (command: 'approve' | 'deny' | 'reopen', objectId: string) => {
      try {
        const [item] = await decideUsers(watched, {
          companyId,
          command,
          by: 'Avery',
          reason: null,
          userIds: [userIdOf({ tenantId, objectId })],
        });
        if (item?.outcome === 'decided') decided.set(objectId, decisionAfter[command]);
      } catch {
        // Nobody to decide about yet, or the process died in the middle: either way the row says what holds.
        decided.delete(objectId);
      }
    };
    ports.beforeEachCall(() => {
      calls += 1;
      for (const one of incidents) {
        if (one.at !== calls) continue;
        if (one.kind === 'crash') dead = true;
        if (one.kind === 'deed') truth.enter(one.deed);
        const objectId = one.kind === 'decide' ? truth.idAt(one.who) : undefined;
        if (one.kind === 'decide' && objectId !== undefined) admin = admin.then(async () => await decide(one.command, objectId));
      }
      there();
      if (dead) throw new Crash('The process died.');
    });
    const playing = { ports: { ...watched, openDirectory: (id: string) => unruly(ports.openDirectory(id), each) } };
    /** Starts the process again as often as it dies; what was running is repeated, as an orchestration does it. */
    const survive = async (work: () => Promise<unknown>): Promise<void> => {
      for (;;) {
        try {
          await work();
          await admin;
          return;
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
          dead = false;
        }
      }
    };
    ports.clock.advance(10 * 60_000);
    await survive(async () => await world.request(full ? 'full' : 'delta'));
    await survive(async () => {
      for (let state = await world.state(); state.round !== null; state = await world.state()) await world.play(state.fence, playing);
    });
    dead = false;
    ports.beforeEachCall(undefined);
    await admin;
    const users = await world.users();
    for (const objectId of stayed) expect(users.get(objectId)?.presence, objectId).not.toBe('removed');
    await world.check();
  }
  await settle(world, watched, rounds.flatMap(({ faults }) => faults).length);
  await judge(world, truth.people, decided, mails);
}

/** Quiet days: nothing fails, effects are recovered, and rounds come by that read everybody. */
async function settle(world: SyncWorld, ports: Ports, faults: number): Promise<void> {
  const directory = world.ports.openDirectory(tenantId);
  for (let left = faults; left > 0; left -= 1) await directory.countUsers();
  // Takes up what was added to the next feed.
  await directory.deltaPage(null);
  for (const kind of ['delta', 'full', 'full'] as const) {
    await recover(world);
    expect(await world.sync(kind, { ports })).toBe('ended');
    expect(await world.lastRun()).toMatchObject({ status: 'succeeded' });
  }
  await recover(world);
}

async function pendingIds(world: SyncWorld, order: 'name' | 'arrival'): Promise<readonly string[]> {
  const query = { status: 'pending', order, limit: 3, kind: null, department: null, managerId: null, search: null } as const;
  const found: string[] = [];
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page = await listUsers(world.ports, companyId, { ...query, cursor });
    found.push(...page.users.map(({ objectId }) => objectId));
    cursor = page.cursor;
  }
  return found;
}

async function judge(
  world: SyncWorld,
  people: ReadonlyMap<string, Person>,
  decided: ReadonlyMap<string, User['decision']>,
  storedMails: readonly string[],
): Promise<void> {
  const users = await world.users();
  for (const [objectId, { state, fields, managerId }] of people) {
    const user = users.get(objectId);
    if (state === 'live') expect(user, objectId).toMatchObject({ presence: 'present', fields, managerId });
    else if (user) expect(['removed', 'held'], objectId).toContain(user.presence);
  }
  for (const [objectId, decision] of decided) expect(users.get(objectId)?.decision, objectId).toBe(decision);

  const pending = [...users.values()]
    .filter(({ decision, presence }) => decision === 'pending' && presence !== 'removed')
    .map(({ objectId }) => objectId);
  for (const order of ['name', 'arrival'] as const) expect((await pendingIds(world, order)).toSorted()).toEqual(pending.toSorted());
  await world.check();

  expect(world.ports.mailQueue.messages.map(({ messageId }) => messageId).toSorted()).toEqual(
    storedMails.map((mailId) => `${mailId}:0`).toSorted(),
  );
  expect(await world.state()).toMatchObject({ people: users.size, unannounced: 0 });
  for await (const { mark } of openMarks(world.ports.tables)) throw new Error(`A mark is left: ${JSON.stringify(mark)}`);
}

it('any history comes to the right end', async () => {
  const history = fc.array(round, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(history, fc.integer({ min: 1, max: 4 }), async (rounds, pageSize) => {
      await live(await makeSyncWorld({ pageSize, settings: { removalHoldCount: 3 } }), rounds);
    }),
    { numRuns: 200 },
  );
});
