// An admin has an address tried again that mail came back from: whom it helps, what stays marked, races and crashes.
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryOutcome } from '../../shared/domain/mail-delivery.ts';
import { Refusal } from '../../shared/domain/errors.ts';
import { listAudit } from '../../shared/storage/audit.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { documentWrite } from '../../shared/storage/document.ts';
import { addressPlace, readMailAddress } from '../../shared/storage/mail-addresses.ts';
import { addressRow, readAddressProblem } from '../../shared/use-cases/address-problems.ts';
import { createSendRecord } from '../../shared/storage/mails.ts';
import { recordDelivery } from '../../shared/use-cases/record-delivery.ts';
import { retryAddress } from '../../shared/use-cases/retry-address.ts';
import { personFields } from '../builders.ts';
import { makeManagerWorld, type ManagerWorld, userIdOf } from './manager-world.ts';
import { companyId } from './sync-world.ts';

let world: ManagerWorld;
const address = personFields('ada').mail ?? '';
const operationId = '00000000-0000-4000-8000-0000000000ad';
const start = Date.parse('2026-03-02T09:00:00.000Z');
const at = (minute: number) => new Date(start + minute * 60_000);

/** A member of a team, who cannot be invited, and a mail that went there. */
async function open(): Promise<void> {
  world = await makeManagerWorld();
  await world.decide('approve', 'mona', 'ada');
  world.ports.clock.set(at(5));
  const to = [{ address, name: 'ada' }];
  const content = { kind: 'teamReminder', companyName: 'Contoso', memberName: 'ada', managerName: 'mona', courses: [], more: 0 } as const;
  const mail = { mailId: '1', operationId, companyId, lane: 'notice', to, content, createdAt: at(0).toISOString() } as const;
  await createSendRecord(world.ports.tables, { mail, state: 'accepted', attempts: 1, notBefore: null, finishedAt: null, problem: null });
}

beforeEach(open);

/** The log is in the order of time. */
const tick = () => world.ports.clock.advance(1);
const report = async (outcome: DeliveryOutcome, minute: number) => {
  tick();
  await recordDelivery(world.ports, { operationId, recipient: address, delivery: { outcome, at: at(minute).toISOString(), detail: null } });
};
const retry = async (userId = userIdOf('ada'), mail = address) => {
  tick();
  const state = await readCompanyState(world.ports.tables, companyId);
  return await retryAddress(world.ports, { companyId, state, userId, mail, by: 'Avery Admin' });
};
const isMarked = async () => (await readAddressProblem(world.ports, companyId, address)) !== null;
const audit = async () =>
  (await listAudit(world.ports.tables, companyId, { after: null, limit: 1_000 })).entries
    .filter(({ action }) => action.startsWith('mailAddress'))
    .toReversed();
const entries = async () => (await audit()).map(({ action, by }) => `${action} by ${by}`);
const marked = 'mailAddressMarked by Muster';
const cleared = 'mailAddressCleared by Avery Admin';
const refusalOf = async (asked: Promise<unknown>) =>
  await asked.then(
    () => null,
    (error: unknown) => (error instanceof Refusal ? error.code : error),
  );

describe('an address that mail came back from', () => {
  it('gets mail again, and the log says who wanted it and whose it is', async () => {
    await report('bounced', 1);
    expect(await retry()).toEqual({ mail: address, triedAgain: true, detail: expect.stringContaining('again') });
    expect([await isMarked(), await entries()]).toEqual([false, [marked, cleared]]);
    expect((await audit())[1]).toMatchObject({ summary: expect.stringContaining(address), objectIds: ['ada'] });
  });

  it('is named in any case, and needs nobody whose mail has arrived since', async () => {
    await report('suppressed', 1);
    expect(await retry(userIdOf('ada'), ` ${address.toUpperCase()}`)).toMatchObject({
      triedAgain: true,
      detail: expect.stringContaining('operator'),
    });
    world.ports.clock.advance(600_000);
    await report('delivered', 9);
    expect(await retry()).toMatchObject({ triedAgain: false });
    expect(await entries()).toEqual([marked, cleared]);
  });

  it('is not marked by old bounces that come late or twice, and is by a new one', async () => {
    await report('bounced', 1);
    await retry();
    await report('bounced', 1);
    await report('suppressed', 3);
    await report('bounced', 5);
    expect([await isMarked(), await entries()]).toEqual([false, [marked, cleared]]);
    await report('bounced', 6);
    expect([await isMarked(), await entries()]).toEqual([true, [marked, cleared, marked]]);
    world.ports.clock.set(at(8));
    expect(await retry()).toMatchObject({ triedAgain: true });
    expect([await isMarked(), await entries()]).toEqual([false, [marked, cleared, marked, cleared]]);
  });

  it('may have been marked by a version that knew nothing of trying again', async () => {
    const last = { outcome: 'bounced', at: at(1).toISOString(), detail: '550' };
    await world.ports.tables.mails.write(addressPlace(companyId).partition, [documentWrite.insert(addressRow(address), { address, last })]);
    expect(await isMarked()).toBe(true);
    expect(await retry()).toMatchObject({ triedAgain: true });
    expect(await isMarked()).toBe(false);
  });
});

describe('a request', () => {
  it('changes nothing when nothing speaks against the address', async () => {
    expect(await retry()).toMatchObject({ mail: address, triedAgain: false });
    await report('delivered', 1);
    expect(await retry()).toMatchObject({ triedAgain: false });
    expect(await entries()).toEqual([]);
  });

  it('that is repeated is answered alike and changes nothing more', async () => {
    await report('suppressed', 1);
    const first = await retry();
    world.ports.clock.advance(60_000);
    expect(await retry()).toEqual(first);
    // The second one did not move the instant: what came back in between marks.
    await report('bounced', 6);
    expect([await isMarked(), await entries()]).toEqual([true, [marked, cleared, marked]]);
  });

  it.each([
    ['another address than the directory has', 'conflict', userIdOf('ada'), 'ada@elsewhere.example'],
    ['an address for somebody who has none', 'conflict', userIdOf('nomail'), address],
    ['nobody', 'not-found', userIdOf('stranger'), address],
    ['somebody of another tenant', 'not-found', '99999999-9999-4999-8999-999999999999_ada', address],
    ['nonsense', 'not-found', 'ada', address],
  ])('that names %s is refused as %s', async (_, code, userId, mail) => {
    await report('bounced', 1);
    expect(await refusalOf(retry(userId, mail))).toBe(code);
    expect([await isMarked(), await entries()]).toEqual([true, [marked]]);
  });

  it('made by several admins at once is in the log once', async () => {
    await report('bounced', 1);
    const answers = await Promise.all([retry(), retry(), retry()]);
    expect(answers.map(({ triedAgain }) => triedAgain)).toEqual([true, true, true]);
    expect(await entries()).toEqual([marked, cleared]);
  });

  it.each(['bounced', 'suppressed', 'delivered'] as const)('beside a report of a mail that was %s loses neither', async (outcome) => {
    for (const isFirst of [true, false]) {
      await open();
      await report('bounced', 1);
      await Promise.all(isFirst ? [retry(), report(outcome, 4)] : [report(outcome, 4), retry()]);
      expect(await isMarked()).toBe(false);
      const row = await readMailAddress(world.ports.tables, companyId, addressRow(address));
      expect(row?.value.last).toMatchObject({ outcome, at: at(4).toISOString() });
    }
  });

  it('comes to the same end, wherever it crashes', async () => {
    for (let fault = 1; fault < 50; fault += 1) {
      await open();
      await report('bounced', 1);
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === fault) throw new Error('The process died.');
      });
      await retry().catch(() => undefined);
      world.ports.beforeEachCall(undefined);
      // The admin, who saw no answer, asks again; the timer delivers what lies in the outbox.
      expect(await retry(), `call ${fault}`).toMatchObject({ triedAgain: true });
      world.ports.clock.advance(120_000);
      await world.recover();
      expect([await isMarked(), await entries()], `call ${fault}`).toEqual([false, [marked, cleared]]);
      if (calls < fault) return;
    }
    throw new Error('More calls than expected.');
  });
});
