// The gate when the quota is short: thousands of digests wait in line, and what somebody waits for overtakes them. Nothing is lost.
import { expect, it } from 'vitest';
import type { MailLane, SendRecord } from '../../shared/domain/message.ts';
import { createSendRecord, readQuotaWindow } from '../../shared/storage/mails.ts';
import { sendMail } from '../../shared/use-cases/send-mail.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const companyId = 'company1';
const minuteMs = 60_000;

async function put(ports: FakePorts, lane: MailLane, mailId: string): Promise<void> {
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
  await ports.mailQueue.enqueue({ mail, attempt: 0 });
}

const finished = new WeakSet<object>();

/** Hands messages over as they become visible, until none is left or the time has come. Returns how many there were. */
async function work(ports: FakePorts, handled: { count: number }, until = Number.POSITIVE_INFINITY): Promise<number> {
  const visibleAt = ({ at }: FakePorts['mailQueue']['messages'][number]) => at?.getTime() ?? 0;
  for (const before = handled.count; ; handled.count += 1) {
    const waiting = ports.mailQueue.messages.filter((message) => !finished.has(message));
    const next = waiting.toSorted((left, right) => visibleAt(left) - visibleAt(right))[0];
    if (next === undefined || visibleAt(next) > until) return handled.count - before;
    if (visibleAt(next) > ports.clock.now().getTime()) ports.clock.set(new Date(visibleAt(next)));
    await sendMail(ports, next.body);
    finished.add(next);
  }
}

it('lets mails about accounts overtake ten hours of digests, and loses none of these', async () => {
  const ports = makeFakePorts({ operation: { mailQuota: { perMinute: 30, perHour: 100 } } });
  const start = ports.clock.now().getTime();
  const handled = { count: 0 };
  const digests = 600;
  for (let number = 0; number < digests; number += 1) await put(ports, 'digest', `digest-${number}`);
  await work(ports, handled, start + 5 * minuteMs);
  expect(ports.mailSender.delivered()).toHaveLength(75);
  const { lineEnd } = await readQuotaWindow(ports.tables);

  await work(ports, handled, start + 200 * minuteMs);
  ports.clock.set(new Date(start + 200 * minuteMs));
  for (let number = 0; number < 20; number += 1) await put(ports, 'account', `account-${number}`);
  await work(ports, handled, start + 204 * minuteMs);
  for (let number = 0; number < 20; number += 1) expect(ports.mailSender.delivered(`account-${number}@contoso.example`)).toHaveLength(1);

  await work(ports, handled);
  expect(ports.mailSender.delivered()).toHaveLength(digests + 20);
  // 75 an hour, and the end was known from the beginning but for those that were overtaken.
  const hours = (ports.clock.now().getTime() - start) / (60 * minuteMs);
  expect(hours).toBeGreaterThan(7);
  expect(hours).toBeLessThan(9.5);
  expect(Math.abs(Date.parse(lineEnd ?? '') - ports.clock.now().getTime())).toBeLessThan(60 * minuteMs);
  // Nobody comes back every hour to hear that there is no room.
  expect(handled.count).toBeLessThan(4 * digests);
});
