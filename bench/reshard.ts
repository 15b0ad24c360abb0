// What it takes to move a company that has outgrown its single shard, on the real adapters and Azurite, while an admin goes on deciding:
// `node bench/reshard.ts --users 100000`.
import { parseArgs } from 'node:util';
import { type Azurite, startAzurite } from '../sandbox/azurite.ts';
import { composePorts, prepareStorage } from '../shared/compose.ts';
import { readConfig } from '../shared/config.ts';
import { defaultSettings } from '../shared/domain/company.ts';
import { summarise } from '../shared/domain/counts.ts';
import { unlinked } from '../shared/domain/integration.ts';
import { arrive } from '../shared/domain/user-change.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { changeIntegration, createCompany } from '../shared/storage/companies.ts';
import { listRuns } from '../shared/storage/runs.ts';
import { type KnownCounts, writeUsers } from '../shared/storage/shard-writer.ts';
import { changeSync, readSync } from '../shared/storage/sync-state.ts';
import { requireUsers, userIdOf } from '../shared/use-cases/company-users.ts';
import { decideUsers } from '../shared/use-cases/decide-users.ts';
import { runRound } from '../shared/use-cases/run-round.ts';
import { requestSync } from '../shared/use-cases/sync-request.ts';

const companyId = 'growing';
const tenantId = '11111111-1111-4111-8111-111111111111';
const idOf = (number: number) => `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

/** Nothing but storage is asked during a move. */
const settings = {
  GRAPH_BASE_URL: 'https://localhost:1',
  ENTRA_AUTHORITY_HOST: 'https://localhost:1',
  ENTRA_SIGN_IN_HOST: 'https://localhost:1',
  ENTRA_CLIENT_ID: '90000000-0000-4000-8000-00000000000c',
  ENTRA_CLIENT_SECRET: 'not-a-secret',
  HOME_TENANT_ID: '10000000-0000-4000-8000-000000000001',
  SERVICEBUS_CONNECTION: 'Endpoint=sb://localhost:1;SharedAccessKeyName=a;SharedAccessKey=a2V5',
  EMAIL_CONNECTION: 'endpoint=http://127.0.0.1:1;accesskey=a2V5',
  MAIL_SENDER: 'muster@muster.example',
  PUBLIC_URL: 'http://localhost:1',
  TOKEN_SIGNING_KEY: 'measured-but-never-used-for-anything',
};

export interface ReshardFigures {
  readonly users: number;
  readonly shards: number;
  /** From the first step of the move to the end of its round. */
  readonly seconds: number;
  readonly storageCalls: number;
  /** Resident memory of this process, at most, in MB (2^20 bytes). */
  readonly peakMb: number;
  /** Made while the users moved; each is checked to have been kept. */
  readonly decisions: number;
  /** Milliseconds from asking to the answer, while the users moved and, for comparison, before. */
  readonly decisionMs: { readonly median: number; readonly longest: number; readonly medianBefore: number };
  /** The longest time a decision waited for the move itself, in milliseconds. */
  readonly longestWaitMs: number;
}

/** A company with everybody in one shard, as if it had begun small. */
async function seed(ports: Ports, users: number): Promise<void> {
  const at = new Date().toISOString();
  await createCompany(ports.tables, { companyId, mspId: 'msp', name: 'Growing', expectedDomain: null, createdAt: at }, defaultSettings, []);
  await changeIntegration(ports.tables, companyId, () => ({ ...unlinked, state: 'connected', tenantId, tenantName: 'growing.example' }));
  await changeSync(ports.tables, companyId, (state) => ({ ...state, shards: 1 }));
  const opened = await requireUsers(ports, companyId);
  const knownCounts: KnownCounts = new Map();
  const batch = 9_000;
  for (let start = 0; start < users; start += batch) {
    await writeUsers({
      ...opened,
      objectIds: Array.from({ length: Math.min(batch, users - start) }, (_, index) => idOf(start + index)),
      present: new Map(),
      fence: null,
      knownCounts,
      decide: (objectId) => {
        const mail = `person.${objectId.slice(0, 8)}@growing.example`;
        const fields = {
          displayName: `Person ${objectId.slice(0, 8)}`,
          mail,
          userPrincipalName: mail,
          department: 'Sales',
          accountEnabled: true,
        };
        return { ...arrive({ fields, managers: [] }, { tenantId, objectId, at, recreatedFrom: null }), history: [] };
      },
    });
  }
}

/** Begins a round that has nothing left to do but to move the users. */
async function beginRound(ports: Ports, users: number): Promise<number> {
  const start = await requestSync(ports, { companyId, reason: 'syncNow', requestedBy: 'Bench', wanted: 'full' });
  if (start.kind !== 'start') throw new Error('The round did not start.');
  await changeSync(ports.tables, companyId, (state) => ({
    ...state,
    heads: null,
    people: users,
    connectionAnnounced: true,
    round: state.round && { ...state.round, phase: 'reshard' },
  }));
  return start.fence;
}

interface Admin {
  /** Stops deciding; gives back how long each decision took, in milliseconds. */
  readonly stop: () => Promise<readonly number[]>;
}

/** Approves one person after the other, from all over the company, beginning with this one. */
function startAdmin(ports: Ports, users: number, first: number): Admin {
  const times: number[] = [];
  const state = { done: false };
  const decide = async () => {
    for (let number = first; !state.done && number < users; number += 1) {
      const userIds = [userIdOf({ tenantId, objectId: idOf((number * 7919) % users) })];
      const start = performance.now();
      const [item] = await decideUsers(ports, { companyId, command: 'approve', by: 'Bench', reason: null, userIds });
      times.push(performance.now() - start);
      if (item?.outcome !== 'decided') throw new Error(`A decision came to nothing: ${item?.outcome}`);
    }
    return times;
  };
  const deciding = decide();
  return {
    stop: async () => {
      state.done = true;
      return await deciding;
    },
  };
}

function watchMemory(): () => number {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 50);
  return () => {
    clearInterval(timer);
    look();
    return Math.round(peak / 1_048_576);
  };
}

const ordered = (times: readonly number[]) => times.toSorted((left, right) => left - right);
const medianOf = (times: readonly number[]) => times[times.length >> 1] ?? 0;

async function measure(azurite: Azurite, users: number): Promise<ReshardFigures> {
  const config = readConfig({ ...settings, TABLES_CONNECTION: azurite.connectionString });
  await prepareStorage(config);
  const composed = composePorts(config);
  // Nobody but a decision that waits for the move pauses, and a company moves once: this is one decision's wait.
  let longestWaitMs = 0;
  const pause: Ports['pause'] = async (milliseconds) => {
    longestWaitMs += milliseconds;
    await composed.pause(milliseconds);
  };
  const ports: Ports = { ...composed, pause };
  await seed(ports, users);
  const fence = await beginRound(ports, users);
  const calm = startAdmin(ports, users, 0);
  await composed.pause(2_000);
  const before = ordered(await calm.stop());
  const peakMb = watchMemory();
  const admin = startAdmin(ports, users, before.length);
  const start = performance.now();
  let result = await runRound(ports, { companyId, fence });
  while (result.kind === 'more') result = await runRound(ports, { companyId, fence });
  const seconds = (performance.now() - start) / 1000;
  const times = ordered(await admin.stop());

  const { shards } = (await readSync(ports.tables, companyId)).value;
  const counts = summarise(await (await requireUsers(ports, companyId)).users.totals());
  if (shards === 1) throw new Error('Nobody was moved.');
  if (counts.found !== users || counts.approved !== before.length + times.length)
    throw new Error(`Somebody was lost: ${JSON.stringify(counts)}`);
  const [run] = (await listRuns(ports.tables, companyId, { after: null, limit: 1 })).runs;
  return {
    users,
    shards,
    seconds,
    storageCalls: run?.counts.storageCalls ?? 0,
    peakMb: peakMb(),
    decisions: times.length,
    decisionMs: { median: medianOf(times), longest: times.at(-1) ?? 0, medianBefore: medianOf(before) },
    longestWaitMs,
  };
}

/** Moves a company of this size from one shard to as many as it needs, in a fresh Azurite. */
export async function measureReshard(users: number): Promise<ReshardFigures> {
  const azurite = await startAzurite({ services: 'table' });
  try {
    return await measure(azurite, users);
  } finally {
    await azurite.stop();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { users: { type: 'string', default: '20000' } } });
  console.log(await measureReshard(Number(values.users)));
}
