// What has expired is forgotten; what is still good is left alone.
import { expect, it } from 'vitest';
import { type ConnectAttempt, createAttempt, readAttempt } from '../../shared/storage/connect-attempts.ts';
import { finishSignIn, startSignIn } from '../../shared/use-cases/admin-session.ts';
import { dropExpired } from '../../shared/use-cases/housekeeping.ts';
import { tenantId } from '../builders.ts';
import { noAccount } from '../../shared/storage/manager-accounts.ts';
import { signInManager, startManagerSession } from '../../shared/use-cases/manager-session.ts';
import { makeFakePorts } from '../fakes/ports.ts';
import { makeManagerWorld } from './manager-world.ts';

const hourMs = 3_600_000;
const account = {
  tenantId,
  objectId: 'admin-1',
  displayName: 'Avery',
  userName: 'avery@contoso.example',
  directoryRoles: [],
  appRoles: [],
};

function attemptOf(attemptId: string, expiresAt: Date): ConnectAttempt {
  return {
    attemptId,
    companyId: 'company1',
    starter: { tenantId: '11111111-1111-4111-8111-111111111111', objectId: '22222222-2222-4222-8222-222222222222' },
    startedBy: 'Avery',
    sessionHash: 'session',
    stage: 'consent',
    secretHash: 'secret',
    expiresAt: expiresAt.toISOString(),
    claimedTenantId: null,
    codeVerifier: null,
    nonce: null,
    provenAccount: null,
    provenTenantName: null,
  };
}

it('forgets attempts to join a tenant and sign-ins that have expired, and says how many', async () => {
  const ports = makeFakePorts({ accounts: [account] });
  const after = (hours: number) => new Date(ports.clock.now().getTime() + hours * hourMs);
  await createAttempt(ports.tables, attemptOf('old', after(1)));
  await createAttempt(ports.tables, attemptOf('young', after(3)));
  await startSignIn(ports, null);
  ports.clock.advance(2 * hourMs);
  const { url, browserSecret } = await startSignIn(ports, null);
  await dropExpired(ports);
  expect(ports.logged).toMatchObject([{ level: 'info', facts: { attempts: 1, sessions: 1 } }]);
  expect(await readAttempt(ports.tables, 'old')).toBeUndefined();
  expect(await readAttempt(ports.tables, 'young')).toBeDefined();
  const { state, code } = ports.signIn.visit(url, account.objectId);
  expect(await finishSignIn(ports, { state, code, browserSecret })).toMatchObject({ returnTo: '/' });
});

it('forgets managers’ sessions, links and failures when they count no more', async () => {
  const world = await makeManagerWorld();
  await world.decide('approve', 'mona');
  await world.invite(['mona']);
  const failing = { companyId: 'company1', mail: 'nobody@contoso.example', password: 'not the right words', address: '198.51.100.7' };
  await signInManager(world.ports, failing).catch(() => undefined);
  await startManagerSession(world.ports, 'company1', noAccount('mona'));
  const left = async () => {
    const rows = { 'manager-session': 0, 'account-token': 0, 'sign-in-attempts': 0 };
    for (const partition of Object.keys(rows) as (keyof typeof rows)[]) {
      for await (const row of world.ports.tables.access.range({ partition })) rows[partition] += row.row === '' ? 0 : 1;
    }
    return Object.values(rows);
  };
  await dropExpired(world.ports);
  expect(await left()).toEqual([1, 1, 2]);
  world.ports.clock.advance(24 * hourMs);
  await dropExpired(world.ports);
  expect(await left()).toEqual([0, 1, 0]);
  world.ports.clock.advance(14 * 24 * hourMs);
  await dropExpired(world.ports);
  expect(await left()).toEqual([0, 0, 0]);
});

it('goes on past rows that cannot be read, says that there are some, and leaves them', async () => {
  const ports = makeFakePorts({ accounts: [account] });
  const partitions = ['connect', 'session', 'manager-session', 'sign-in-attempts'];
  for (const partition of partitions) {
    await ports.tables.access.write(partition, [{ kind: 'upsert', row: '0', properties: { json0: '{"expiresAt":1}' } }]);
  }
  await createAttempt(ports.tables, attemptOf('old', ports.clock.now()));
  await startSignIn(ports, null);
  await signInManager(ports, { companyId: 'company1', mail: 'x', password: 'x', address: 'x' }).catch(() => undefined);
  ports.clock.advance(24 * hourMs);
  await dropExpired(ports);
  expect(ports.logged).toMatchObject([
    { level: 'info', facts: { attempts: 1, sessions: 1, failures: 2 } },
    { level: 'error', facts: { unreadable: 4 } },
  ]);
  for (const partition of partitions) expect(await ports.tables.access.get({ partition, row: '0' })).toBeDefined();
});

it('says nothing when there is nothing to forget', async () => {
  const ports = makeFakePorts();
  await dropExpired(ports);
  expect(ports.logged).toEqual([]);
});
