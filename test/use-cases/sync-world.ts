// One company and its tenant, a driver that plays the sync's orchestration step by step, and what must hold after every round.
import { expect } from 'vitest';
import { addUser, type Counts, emptyCounts } from '../../shared/domain/counts.ts';
import type { Settings } from '../../shared/domain/company.ts';
import { listEntriesOf } from '../../shared/domain/user-lists.ts';
import type { RoundKind, RoundPhase, SyncState } from '../../shared/domain/sync-round.ts';
import type { User } from '../../shared/domain/user.ts';
import type { MailContent } from '../../shared/domain/mail-content.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { listAudit } from '../../shared/storage/audit.ts';
import { listSendRecords } from '../../shared/storage/mails.ts';
import { listRuns, type RunRecord } from '../../shared/storage/runs.ts';
import { readSync } from '../../shared/storage/sync-state.ts';
import { openUsers, userIdOf } from '../../shared/use-cases/company-users.ts';
import { decideUsers } from '../../shared/use-cases/decide-users.ts';
import { recoverEffects } from '../../shared/use-cases/effects.ts';
import type { RoundInput, RoundResult } from '../../shared/use-cases/round-context.ts';
import { runRound } from '../../shared/use-cases/run-round.ts';
import { requestSync, type SyncStart } from '../../shared/use-cases/sync-request.ts';
import { storeCompany, tenantId } from '../builders.ts';
import type { FakeTenant } from '../fakes/directory.ts';
import { type FakePorts, type FakeWorld, makeFakePorts } from '../fakes/ports.ts';

export const companyId = 'company1';

export interface Playing {
  /** Called ahead of each phase, which is then a stretch of its own; a test acts here between two of them. */
  readonly before?: (phase: RoundPhase, input: RoundInput) => void | Promise<void>;
  /** How long a stretch may last; as long as usual unless told. */
  readonly stretchMs?: number;
  /** Other ports than the world's own. */
  readonly ports?: Ports;
}

export interface SyncWorld {
  readonly ports: FakePorts;
  readonly tenant: FakeTenant;
  readonly request: (wanted?: RoundKind) => Promise<SyncStart>;
  /** Plays the orchestration of one fence to its end, with the rounds that follow it. Says how it ended. */
  readonly play: (fence: number, playing?: Playing) => Promise<RoundResult['kind']>;
  /** Requests a round and plays it. */
  readonly sync: (wanted?: RoundKind, playing?: Playing) => Promise<RoundResult['kind']>;
  readonly state: () => Promise<SyncState>;
  readonly users: () => Promise<ReadonlyMap<string, User>>;
  readonly user: (objectId: string) => Promise<User>;
  /** Ids of users with this presence. */
  readonly withPresence: (presence: User['presence']) => Promise<readonly string[]>;
  readonly decide: (command: 'approve' | 'deny' | 'reopen', ...objectIds: readonly string[]) => Promise<void>;
  /** Newest first. */
  readonly runs: () => Promise<readonly RunRecord[]>;
  readonly lastRun: () => Promise<RunRecord>;
  /** Contents of the mails that have a send record, oldest first. */
  readonly mails: () => Promise<readonly MailContent[]>;
  readonly auditActions: () => Promise<readonly string[]>;
  /** What holds at any time between two steps. */
  readonly check: () => Promise<void>;
}

const mostSteps = 5000;
const everything = 10_000;

export async function makeSyncWorld({
  settings = {},
  ...world
}: FakeWorld & { readonly settings?: Partial<Settings> } = {}): Promise<SyncWorld> {
  const ports = makeFakePorts({ requestMs: 50, ...world });
  await storeCompany(ports.tables, { settings });

  const play: SyncWorld['play'] = async (fence, playing = {}) => {
    const input = { companyId, fence };
    for (let played = 0; played < mostSteps; played += 1) {
      const phase = playing.before && (await readSync(ports.tables, companyId)).value.round?.phase;
      if (phase) await playing.before?.(phase, input);
      const result = await runRound(playing.ports ?? ports, input, playing.before ? 0 : playing.stretchMs);
      if (result.kind === 'wait') ports.clock.advance(result.milliseconds);
      if (result.kind === 'ended' && result.again !== null) return await play(result.again, playing);
      if (result.kind === 'ended' || result.kind === 'stale') return result.kind;
    }
    throw new Error(`The round has no end: ${JSON.stringify((await readSync(ports.tables, companyId)).value.round)}`);
  };
  const request: SyncWorld['request'] = async (wanted = 'delta') =>
    await requestSync(ports, { companyId, reason: 'syncNow', requestedBy: 'Avery', wanted });
  const users: SyncWorld['users'] = async () => {
    const opened = await openUsers(ports, companyId);
    const found = new Map<string, User>();
    if (!opened) return found;
    for (let shard = 0; shard < opened.scope.shards; shard += 1) {
      for await (const { user } of opened.users.readShard(shard)) found.set(user.objectId, user);
    }
    return found;
  };
  const runs: SyncWorld['runs'] = async () => (await listRuns(ports.tables, companyId, { after: null, limit: everything })).runs;
  const one = <T>(found: T | undefined, what: string): T => {
    if (found === undefined) throw new Error(`There is no ${what}.`);
    return found;
  };

  return {
    ports,
    tenant: ports.directories.tenant(tenantId),
    request,
    play,
    sync: async (wanted, playing) => {
      ports.clock.advance(1000);
      const start = await request(wanted);
      if (start.kind !== 'start') throw new Error(`The round did not start: ${start.kind}`);
      return await play(start.fence, playing);
    },
    state: async () => (await readSync(ports.tables, companyId)).value,
    users,
    user: async (objectId) => one((await users()).get(objectId), `user ${objectId}`),
    withPresence: async (presence) =>
      [...(await users()).values()].filter((user) => user.presence === presence).map(({ objectId }) => objectId),
    decide: async (command, ...objectIds) => {
      const userIds = objectIds.map((objectId) => userIdOf({ tenantId, objectId }));
      await decideUsers(ports, { companyId, command, by: 'Avery', reason: null, userIds });
    },
    runs,
    lastRun: async () => one((await runs())[0], 'run'),
    mails: async () => (await listSendRecords(ports.tables, companyId, everything)).toReversed().map(({ mail }) => mail.content),
    auditActions: async () =>
      (await listAudit(ports.tables, companyId, { after: null, limit: everything })).entries.map(({ action }) => action).toReversed(),
    check: async () => {
      await checkCounts(ports, await users());
      await checkLists(ports, await users());
    },
  };
}

/** Everybody, as admins see them, in the order of their ids. */
export async function peopleOf(world: SyncWorld): Promise<readonly Partial<User>[]> {
  const people = [...(await world.users()).values()].toSorted((one, other) => (one.objectId < other.objectId ? -1 : 1));
  return people.map(({ objectId, fields, managerId, decision, presence, recreatedFrom }) => ({
    objectId,
    fields,
    managerId,
    decision,
    presence,
    recreatedFrom,
  }));
}

/** The counts kept with each change are those of a recount. */
async function checkCounts(ports: FakePorts, users: ReadonlyMap<string, User>): Promise<void> {
  const opened = await openUsers(ports, companyId);
  const recount = [...users.values()].reduce<Counts>(addUser, emptyCounts);
  expect((await opened?.users.totals()) ?? emptyCounts).toEqual(recount);
}

/** Every user is found on every list that should have it, under its true key. */
async function checkLists(ports: FakePorts, users: ReadonlyMap<string, User>): Promise<void> {
  const opened = await openUsers(ports, companyId);
  if (!opened) return;
  const lists = new Map<string, ReadonlySet<string>>();
  const missing: string[] = [];
  for (const user of users.values()) {
    for (const { list, key, objectId } of listEntriesOf(user)) {
      const lines =
        lists.get(list) ??
        new Set((await ports.index(opened.scope, list).read({ limit: everything })).entries.map((entry) => `${entry.key}\n${entry.id}`));
      lists.set(list, lines);
      if (!lines.has(`${key}\n${objectId}`)) missing.push(`${objectId} on ${list}`);
    }
  }
  expect(missing).toEqual([]);
}

/** Lets the effects of crashed operations be delivered, and forgets their marks. */
export async function recover({ ports }: SyncWorld): Promise<void> {
  ports.clock.advance(2 * 3_600_000);
  await recoverEffects(ports);
}
