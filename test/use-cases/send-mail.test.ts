// One mail from the queue: what each answer of the mail service leads to, who waits for whom, and that no crash loses or doubles a mail.
import { beforeEach, describe, expect, it } from 'vitest';
import type { SendRecord } from '../../shared/domain/message.ts';
import type { MailSender } from '../../shared/ports/mail-sender.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { createSendRecord, readSendRecord } from '../../shared/storage/mails.ts';
import { sendMail } from '../../shared/use-cases/send-mail.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const companyId = 'company1';
const secondMs = 1_000;
const minuteMs = 60_000;

async function storeMail(to: FakePorts, mailId: string, address = `${mailId}@contoso.example`): Promise<SendRecord['mail']> {
  const mail: SendRecord['mail'] = {
    mailId,
    operationId: to.ids.newUuid(),
    companyId,
    lane: 'notice',
    to: [{ address, name: 'Avery' }],
    content: { kind: 'newUsersFound', companyName: 'Contoso', newCount: 1, pendingCount: 1, listUrl: 'https://muster.example/pending' },
    createdAt: to.clock.now().toISOString(),
  };
  await createSendRecord(to.tables, { mail, state: 'queued', attempts: 0, notBefore: null, finishedAt: null, problem: null });
  return mail;
}

let ports: FakePorts;
beforeEach(async () => {
  ports = makeFakePorts();
  await storeMail(ports, 'm1');
});

const handle = async (attempt: number, { mailId = 'm1', using = ports }: { readonly mailId?: string; readonly using?: Ports } = {}) =>
  await sendMail(using, { companyId, mailId, attempt });
async function recordOf(mailId = 'm1', { tables }: Ports = ports): Promise<SendRecord> {
  const found = await readSendRecord(tables, companyId, mailId);
  if (!found) throw new Error(`There is no record of ${mailId}.`);
  return found.value;
}
const inMs = (milliseconds: number) => new Date(ports.clock.now().getTime() + milliseconds);
const queued = () => ports.mailQueue.messages.map(({ messageId, at }) => [messageId, at]);
const received = (mailId = 'm1') => ports.mailSender.delivered(`${mailId}@contoso.example`).length;

describe('the mail service', () => {
  it('takes the mail over: it is finished, and a repeated message does nothing', async () => {
    await handle(0);
    const finishedAt = ports.clock.now().toISOString();
    expect(await recordOf()).toMatchObject({ state: 'accepted', attempts: 1, finishedAt, notBefore: null, problem: null });
    ports.mailSender.deduplicates = false;
    await handle(0);
    expect([received(), queued()]).toEqual([1, []]);
  });

  it('refuses the mail: that is final, and the reason is shown', async () => {
    await storeMail(ports, 'bad', 'not an address');
    await handle(0, { mailId: 'bad' });
    await handle(0, { mailId: 'bad' });
    expect(await recordOf('bad')).toMatchObject({ state: 'refused', attempts: 1, problem: 'The recipients are not in order.' });
    expect(queued()).toEqual([]);
    expect(ports.logged).toMatchObject([{ level: 'warning', facts: { mailId: 'bad', code: 'InvalidEmailAddress' } }]);
  });

  it('asks to slow down: everybody waits, and nobody else asks', async () => {
    await storeMail(ports, 'm2');
    Object.assign(ports.mailSender, { sendsLeft: 0, retryAfterMs: 90 * secondMs });
    await handle(0);
    ports.mailSender.sendsLeft = Number.POSITIVE_INFINITY;
    await handle(0, { mailId: 'm2' });
    const until = inMs(90 * secondMs);
    expect(queued()).toEqual([
      ['m1:1', until],
      ['m2:1', until],
    ]);
    const notBefore = until.toISOString();
    expect(await recordOf()).toMatchObject({ state: 'queued', attempts: 0, notBefore, problem: 'Waiting for the mail quota.' });
    expect(await recordOf('m2')).toMatchObject({ state: 'queued', attempts: 0, notBefore });
    expect([received(), received('m2')]).toEqual([0, 0]);
    ports.clock.set(until);
    await handle(1);
    await handle(1, { mailId: 'm2' });
    expect([received(), received('m2')]).toEqual([1, 1]);
  });

  it('is away: the mail is put back, says why, and goes later', async () => {
    ports.mailSender.faults.push('unavailable');
    await handle(0);
    expect(await recordOf()).toMatchObject({ state: 'queued', attempts: 1, problem: 'The mail service is away.' });
    expect(queued()).toEqual([['m1:1', inMs(minuteMs)]]);
    ports.clock.advance(minuteMs);
    await handle(1);
    expect(await recordOf()).toMatchObject({ state: 'accepted', attempts: 2, problem: null });
    expect(received()).toBe(1);
  });

  it.each(['unavailable', 'dropBeforeAccepting'] as const)('is away over a weekend (%s): the mail arrives on Monday', async (fault) => {
    const end = ports.clock.now().getTime() + 60 * 60 * minuteMs;
    for (let messages = queued(); (await recordOf()).state !== 'accepted'; messages = queued()) {
      const [messageId = 'm1:0', at] = messages.at(-1) ?? [];
      if (at instanceof Date) ports.clock.set(at);
      if (ports.clock.now().getTime() < end) ports.mailSender.faults.splice(0, 1, fault);
      await handle(Number(String(messageId).split(':')[1]));
      expect(await recordOf()).not.toMatchObject({ state: 'refused' });
    }
    expect(received()).toBe(1);
    expect(ports.clock.now().getTime() - end).toBeLessThan(6 * 60 * minuteMs);
  });

  it.each(['dropAfterAccepting', 'dropBeforeAccepting'] as const)('falls silent (%s): it is asked before any repeat', async (fault) => {
    ports.mailSender.deduplicates = false;
    ports.mailSender.faults.push(fault);
    await handle(0);
    expect(await recordOf()).toMatchObject({ state: 'claimed', problem: 'The connection broke off.' });
    expect(queued()).toEqual([['m1:1', inMs(minuteMs)]]);
    ports.clock.advance(minuteMs);
    await handle(1);
    expect(await recordOf()).toMatchObject({ state: 'accepted', problem: null });
    expect(received()).toBe(1);
  });

  it('does not say what became of the mail: nothing is repeated until it does', async () => {
    ports.mailSender.faults.push('dropAfterAccepting');
    await handle(0);
    ports.mailSender.questionsLeft = 0;
    ports.clock.advance(minuteMs);
    await handle(1);
    expect(await recordOf()).toMatchObject({ state: 'claimed', problem: 'The mail service did not say what became of it.' });
    expect(queued().at(-1)).toEqual(['m1:2', inMs(minuteMs)]);
    ports.mailSender.questionsLeft = 1;
    ports.clock.advance(minuteMs);
    await handle(2);
    expect([(await recordOf()).state, received()]).toEqual(['accepted', 1]);
  });

  it('took the mail over and gave it up: that is final and shown', async () => {
    ports.mailSender.suppressed.add('m1@contoso.example');
    ports.mailSender.faults.push('dropAfterAccepting');
    await handle(0);
    ports.clock.advance(minuteMs);
    await handle(1);
    expect(await recordOf()).toMatchObject({ state: 'refused', problem: expect.stringContaining('gave it up') });
  });

  it.each([
    ['dropBeforeAccepting', 'refused'],
    ['dropAfterAccepting', 'accepted'],
  ] as const)('is asked a last time before a mail is given up (%s: %s)', async (lastFault, state) => {
    ports.mailSender.faults.push(...Array.from({ length: 19 }, () => 'unavailable' as const), lastFault);
    for (let attempt = 0; attempt < 21; attempt += 1) {
      await handle(attempt);
      ports.clock.advance(6 * 60 * minuteMs);
    }
    const record = await recordOf();
    expect(record.state).toBe(state);
    expect(record.problem).toBe(state === 'accepted' ? null : 'Given up after 20 attempts: The connection broke off.');
    expect(ports.logged.some(({ level }) => level === 'error')).toBe(state === 'refused');
  });
});

it('waits for the quota in the queue under a new message id, and no time passes here', async () => {
  ports = makeFakePorts({ operation: { mailQuota: { perMinute: 1, perHour: 2 } } });
  for (const mailId of ['m1', 'm2', 'm3']) await storeMail(ports, mailId);
  const start = ports.clock.now();
  await handle(0);
  await handle(0, { mailId: 'm2' });
  expect([ports.clock.now(), received(), received('m2')]).toEqual([start, 1, 0]);
  expect(queued()).toEqual([['m2:1', inMs(2 * minuteMs)]]);
  expect(await recordOf('m2')).toMatchObject({ state: 'queued', attempts: 0, notBefore: inMs(2 * minuteMs).toISOString() });
  ports.clock.advance(2 * minuteMs);
  await handle(1, { mailId: 'm2' });
  expect(received('m2')).toBe(1);
  ports.clock.advance(2 * minuteMs);
  await handle(0, { mailId: 'm3' });
  expect(queued().at(-1)).toEqual(['m3:1', new Date(start.getTime() + 61 * minuteMs)]);
});

describe('a second delivery of a message', () => {
  it('waits while the first is still being sent, and then finds it done', async () => {
    const answer = Promise.withResolvers<undefined>();
    const claimed = Promise.withResolvers<undefined>();
    const send: MailSender['send'] = async (mail) => {
      claimed.resolve(undefined);
      await answer.promise;
      return await ports.mailSender.send(mail);
    };
    const slow: Ports = { ...ports, mailSender: { send, status: ports.mailSender.status } };
    const first = handle(0, { using: slow });
    await claimed.promise;
    await handle(0, { using: slow });
    expect([queued(), received()]).toEqual([[['m1:1', inMs(2 * minuteMs)]], 0]);
    answer.resolve(undefined);
    await first;
    ports.clock.advance(2 * minuteMs);
    await handle(1);
    expect([(await recordOf()).state, received()]).toEqual(['accepted', 1]);
  });

  it('after a crash waits for the claim to run out, and then asks the service first', async () => {
    const dies: Ports = { ...ports, mailSender: { ...ports.mailSender, send: async () => await Promise.reject(new Error('crash')) } };
    await expect(handle(0, { using: dies })).rejects.toThrow('crash');
    ports.mailSender.questionsLeft = 0;
    ports.clock.advance(2 * minuteMs - 1);
    await handle(0);
    expect(queued()).toEqual([['m1:1', inMs(1)]]);
    ports.clock.advance(1);
    await handle(1);
    expect([(await recordOf()).state, received()]).toEqual(['claimed', 0]);
    ports.mailSender.questionsLeft = 1;
    ports.clock.advance(minuteMs);
    await handle(2);
    expect([(await recordOf()).state, received()]).toEqual(['accepted', 1]);
  });

  it('at the same moment does not send twice', async () => {
    ports.mailSender.deduplicates = false;
    const results = await Promise.allSettled([handle(0), handle(0), handle(0)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(received()).toBe(1);
  });
});

it('of a mail nobody knows is an error, so that it ends in the dead-letter queue', async () => {
  await expect(handle(0, { mailId: 'stranger' })).rejects.toThrow('no send record');
});
