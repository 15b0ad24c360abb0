// The contract of the MailSender port, run unchanged against the fake and against the real SDK talking to the stand-in.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { makeSandboxClock } from '../../sandbox/clock.ts';
import { startEmail } from '../../sandbox/email/server.ts';
import { makeMailSender } from '../../shared/adapters/email.ts';
import type { MailSender, OutgoingMail } from '../../shared/ports/mail-sender.ts';
import { makeFakeMailSender } from '../fakes/mail-sender.ts';

interface DeliveredMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A mail service under test, with the switches the contract needs. */
interface MailService {
  readonly sender: MailSender;
  readonly deliveredTo: (address: string) => readonly DeliveredMail[];
  readonly breakNextSend: (fault: 'dropAfterAccepting' | 'dropBeforeAccepting' | 'unavailable') => void;
  readonly suppress: (address: string) => void;
  readonly allowSends: (count: number) => void;
  readonly allowQuestions: (count: number) => void;
  readonly deduplicate: (yes: boolean) => void;
  readonly stop: () => Promise<void>;
}

function openFake(): MailService {
  const fake = makeFakeMailSender();
  return {
    sender: fake,
    deliveredTo: (address) => fake.delivered(address).map(({ subject, html, text, headers = {} }) => ({ subject, html, text, headers })),
    breakNextSend: (fault) => void fake.faults.push(fault),
    suppress: (address) => void fake.suppressed.add(address),
    allowSends: (count) => void (fake.sendsLeft = count),
    allowQuestions: (count) => void (fake.questionsLeft = count),
    deduplicate: (yes) => void (fake.deduplicates = yes),
    stop: async () => {},
  };
}

async function openStandIn(): Promise<MailService> {
  const standIn = await startEmail({ clock: makeSandboxClock() });
  return {
    sender: makeMailSender({ connectionString: standIn.connectionString }, { senderAddress: 'no-reply@muster.example' }),
    deliveredTo: (address) =>
      standIn.mails(address).map(({ subject, html, plainText, headers }) => ({ subject, html, text: plainText, headers })),
    breakNextSend: (fault) => void standIn.settings.sendFaults.push(fault),
    suppress: (address) => void standIn.settings.recipientFaults.set(address, 'suppressed'),
    allowSends: (count) => void (standIn.settings.sendPerMinute = count),
    allowQuestions: (count) => void (standIn.settings.statusPerMinute = count),
    deduplicate: (yes) => void (standIn.settings.deduplicateOperationIds = yes),
    stop: standIn.stop,
  };
}

const ada = 'ada@alpinedental.example';
const ben = 'ben@alpinedental.example';

function mailTo(...addresses: readonly string[]): OutgoingMail {
  return {
    operationId: randomUUID(),
    to: addresses.map((address) => ({ address, displayName: 'A <person>' })),
    subject: 'Grüezi 👋',
    html: '<p>Hello &amp; welcome</p>',
    text: 'Hello & welcome\n',
    headers: { 'List-Unsubscribe': '<https://muster.example/stop>' },
  };
}

describe.each([
  ['the fake', openFake],
  ['the SDK on the stand-in', openStandIn],
] as const)('MailSender: %s', (_name, open) => {
  let service: MailService;
  const opened: MailService[] = [];
  beforeEach(async () => {
    service = await open();
    opened.push(service);
  });
  afterAll(() => Promise.all(opened.map(({ stop }) => stop())));

  it('delivers an accepted mail to every recipient as it was given', async () => {
    const mail = mailTo(ada, ben);
    expect(await service.sender.send(mail)).toEqual({ kind: 'accepted', operationId: mail.operationId });
    const { subject, html, text, headers } = mail;
    expect(service.deliveredTo(ada)).toEqual([{ subject, html, text, headers }]);
    expect(service.deliveredTo(ben)).toEqual([{ subject, html, text, headers }]);
    expect(await service.sender.status(mail.operationId)).toBe('accepted');
  });

  it('has not found a mail that was never sent', async () => {
    expect(await service.sender.status(randomUUID())).toBe('notFound');
  });

  it('returns the wait when the quota is used up, and accepts nothing', async () => {
    service.allowSends(1);
    await service.sender.send(mailTo(ada));
    const late = mailTo(ben);
    const outcome = await service.sender.send(late);
    expect(outcome).toEqual({ kind: 'throttled', retryAfterMs: expect.any(Number) });
    expect(outcome.kind === 'throttled' && outcome.retryAfterMs > 0 && outcome.retryAfterMs <= 60_000).toBe(true);
    expect(service.deliveredTo(ben)).toEqual([]);
    expect(await service.sender.status(late.operationId)).toBe('notFound');
  });

  it('can still be asked about one mail after many sends: sending uses up no questions', async () => {
    service.allowQuestions(1);
    const mails = [mailTo(ada), mailTo(ada), mailTo(ada)] as const;
    for (const mail of mails) expect((await service.sender.send(mail)).kind).toBe('accepted');
    expect(await service.sender.status(mails[2].operationId)).toBe('accepted');
    expect(await service.sender.status(mails[2].operationId)).toBe('unknown');
  });

  it.each([['not an address'], ['ada@'], ['ada@x.example, ben@x.example'], ['']])('refuses the address "%s" for good', async (address) => {
    const mail = mailTo(ada, address);
    expect(await service.sender.send(mail)).toEqual({ kind: 'refused', code: 'InvalidEmailAddress', sentence: expect.any(String) });
    expect(service.deliveredTo(ada)).toEqual([]);
  });

  it('refuses a mail to nobody and a mail to more than 50', async () => {
    expect((await service.sender.send(mailTo())).kind).toBe('refused');
    const crowd = Array.from({ length: 51 }, (_, index) => `person${index}@alpinedental.example`);
    expect((await service.sender.send(mailTo(...crowd))).kind).toBe('refused');
    expect((await service.sender.send(mailTo(...crowd.slice(1)))).kind).toBe('accepted');
  });

  it('delivers a repeated mail once when the service honours operation ids', async () => {
    service.deduplicate(true);
    const mail = mailTo(ada);
    await service.sender.send(mail);
    expect(await service.sender.send(mail)).toEqual({ kind: 'accepted', operationId: mail.operationId });
    expect(service.deliveredTo(ada)).toHaveLength(1);
  });

  it('delivers a repeated mail twice when the service does not, so a repeat must be avoided by asking', async () => {
    service.deduplicate(false);
    const mail = mailTo(ada);
    await service.sender.send(mail);
    await service.sender.send(mail);
    expect(service.deliveredTo(ada)).toHaveLength(2);
    expect(await service.sender.status(mail.operationId)).toBe('accepted');
  });

  it('does not know the outcome when the connection dies after acceptance, and finds out by asking', async () => {
    service.breakNextSend('dropAfterAccepting');
    const mail = mailTo(ada);
    expect((await service.sender.send(mail)).kind).toBe('unknown');
    expect(await service.sender.status(mail.operationId)).toBe('accepted');
    expect(service.deliveredTo(ada)).toHaveLength(1);
  });

  it('does not know the outcome when the connection dies before acceptance, and may repeat after asking', async () => {
    service.breakNextSend('dropBeforeAccepting');
    const mail = mailTo(ada);
    expect((await service.sender.send(mail)).kind).toBe('unknown');
    expect(await service.sender.status(mail.operationId)).toBe('notFound');
    expect((await service.sender.send(mail)).kind).toBe('accepted');
    expect(service.deliveredTo(ada)).toHaveLength(1);
  });

  it('reports a service that is away as transient: certainly not accepted', async () => {
    service.breakNextSend('unavailable');
    const mail = mailTo(ada);
    expect((await service.sender.send(mail)).kind).toBe('transient');
    expect(await service.sender.status(mail.operationId)).toBe('notFound');
  });

  it('finds out by asking that an accepted mail failed', async () => {
    service.suppress(ada);
    const mail = mailTo(ada);
    expect((await service.sender.send(mail)).kind).toBe('accepted');
    expect(await service.sender.status(mail.operationId)).toBe('failed');
    expect(service.deliveredTo(ada)).toEqual([]);
  });

  it('leaves out a suppressed recipient and reaches the others', async () => {
    service.suppress(ada);
    const mail = mailTo(ada, ben);
    await service.sender.send(mail);
    expect(await service.sender.status(mail.operationId)).toBe('accepted');
    expect([service.deliveredTo(ada).length, service.deliveredTo(ben).length]).toEqual([0, 1]);
  });

  it('stops a program that makes up operation ids', async () => {
    await expect(service.sender.send({ ...mailTo(ada), operationId: 'mail-1' })).rejects.toThrow(TypeError);
    await expect(service.sender.status('mail-1')).rejects.toThrow(TypeError);
  });
});
