// The gate when the quota is short: thousands of digests wait in line, and what somebody waits for overtakes them. Nothing is lost.
import { expect, it } from 'vitest';
import type { MailLane, SendRecord } from '../../shared/domain/message.ts';
import { createSendRecord, readQuotaWindow } from '../../shared/storage/mails.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { type MailMessage, sendMail } from '../../shared/use-cases/send-mail.ts';
import { makeFakePorts } from '../fakes/ports.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A queue that hands messages over when they become visible, in the order of their instants. */
function makeWorld(mailQuota: Ports['operation']['mailQuota']) {
  const fakes = makeFakePorts({ operation: { mailQuota } });
  const waiting = new Map<number, MailMessage[]>();
  const enqueue: Ports['mailQueue']['enqueue'] = async ({ mail: { mailId, companyId }, attempt, at }) => {
    const visible = at?.getTime() ?? fakes.clock.now().getTime();
    const together = waiting.get(visible) ?? [];
    together.push({ companyId, mailId, attempt });
    waiting.set(visible, together);
  };
  const ports: Ports = { ...fakes, mailQueue: { enqueue } };
  let handled = 0;
  return {
    fakes,
    handled: () => handled,
    put: async (lane: MailLane, mailId: string, companyId = 'company1') => {
      const mail: SendRecord['mail'] = {
        mailId,
        operationId: ports.ids.newUuid(),
        companyId,
        lane,
        to: [{ address: `${mailId}@contoso.example`, name: mailId }],
        content: { kind: 'newUsersFound', companyName: 'Contoso', newCount: 1, pendingCount: 1, listUrl: 'https://muster.example/pending' },
        createdAt: ports.clock.now().toISOString(),
      };
      await createSendRecord(ports.tables, { mail, state: 'queued', attempts: 0, notBefore: null, finishedAt: null, problem: null });
      await enqueue({ mail, attempt: 0 });
    },
    /** Works until nothing is left or the time has come. */
    work: async (until = Number.POSITIVE_INFINITY) => {
      for (;;) {
        const next = Math.min(...waiting.keys());
        if (next > until || !Number.isFinite(next)) break;
        const messages = waiting.get(next) ?? [];
        waiting.delete(next);
        if (next > fakes.clock.now().getTime()) fakes.clock.set(new Date(next));
        for (const message of messages) await sendMail(ports, message);
        handled += messages.length;
      }
      if (Number.isFinite(until)) fakes.clock.set(new Date(until));
    },
  };
}

it('lets mails about accounts overtake ten thousand digests, and loses none of these', async () => {
  const { fakes, put, work, handled } = makeWorld({ perMinute: 30, perHour: 100 });
  const { clock, mailSender, tables } = fakes;
  const start = clock.now().getTime();
  const digests = 10_000;
  for (let number = 0; number < digests; number += 1) await put('digest', `digest-${number}`);
  await work(start + 6 * minuteMs);
  expect(mailSender.delivered()).toHaveLength(75);
  const estimate = Date.parse((await readQuotaWindow(tables)).lines['digest'] ?? '');

  for (const hours of [3, 30, 100]) {
    await work(start + hours * hourMs);
    for (let number = 0; number < 20; number += 1) await put('account', `account-${hours}-${number}`);
    await work(start + hours * hourMs + 4 * minuteMs);
    expect(mailSender.delivered().filter(({ to }) => to[0]?.address.startsWith(`account-${hours}-`))).toHaveLength(20);
  }
  await work();
  const addresses = mailSender.delivered().map(({ to }) => to[0]?.address);
  expect(addresses).toHaveLength(digests + 60);
  expect(new Set(addresses).size).toBe(digests + 60);
  // The end was known from the beginning, but for those that were overtaken.
  const end = clock.now().getTime();
  expect((end - start) / hourMs).toBeLessThan(140);
  expect(Math.abs(end - estimate)).toBeLessThan(2 * hourMs);
  // Nobody comes back every hour to hear that there is no room.
  expect(handled()).toBeLessThan(4 * digests);
});

it('brings ten thousand invitations of one company to everybody, without a mail coming back for nothing, and others’ in between', async () => {
  const { fakes, put, work, handled } = makeWorld({ perMinute: 30, perHour: 100 });
  const { clock, mailSender } = fakes;
  const start = clock.now().getTime();
  const invitations = 10_000;
  for (let number = 0; number < invitations; number += 1) await put('invitation', `many-${number}`);
  await work(start + 2 * hourMs);
  await put('invitation', 'one', 'company2');
  await put('notice', 'news', 'company3');
  await work(start + 6 * hourMs);
  const early = mailSender.delivered().map(({ to }) => to[0]?.address);
  expect(early).toEqual(expect.arrayContaining(['one@contoso.example', 'news@contoso.example']));
  await work();
  expect(new Set(mailSender.delivered().map(({ to }) => to[0]?.address)).size).toBe(invitations + 2);
  expect(handled()).toBeLessThan(4 * invitations);
});
