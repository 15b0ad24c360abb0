// Random lives of one mail: crashes ahead of any call, answers that get lost, messages delivered again or twice at once. It always arrives.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SendRecord } from '../../shared/domain/message.ts';
import type { MailSender } from '../../shared/ports/mail-sender.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { createSendRecord, readSendRecord } from '../../shared/storage/mails.ts';
import { type MailMessage, sendMail } from '../../shared/use-cases/send-mail.ts';
import { makeFakePorts } from '../fakes/ports.ts';

const companyId = 'company1';
const minuteMs = 60_000;
const outcomes = ['accepted', 'throttled', 'unavailable', 'dropAfterAccepting', 'dropBeforeAccepting'] as const;
const answers = ['honest', 'unknown', 'forgetful'] as const;

interface Life {
  /** The process dies ahead of the n-th call of a delivery; 0: it lives. One for each delivery. */
  readonly crashes: readonly number[];
  readonly outcomes: readonly (typeof outcomes)[number][];
  /** What the service says when asked: `forgetful` has never heard of a mail, whatever it did. */
  readonly answers: readonly (typeof answers)[number][];
  readonly deliveries: readonly {
    /** Which of the messages that are due. */
    readonly pick: number;
    /** Together with the next one that is due, or twice when there is no other. */
    readonly together: boolean;
    /** Although it was handled, the queue did not hear of it. */
    readonly again: boolean;
    /** A message that was not handled is visible again at once, or when its lock has ended. */
    readonly lockEnds: boolean;
  }[];
  readonly perMinute: number;
  /** Whether the queue still drops message ids that it has seen. */
  readonly queueRemembers: boolean;
  /** Whether the mail service drops operation ids that it has seen. */
  readonly deduplicates: boolean;
}

const lives: fc.Arbitrary<Life> = fc.record({
  crashes: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }),
  outcomes: fc.array(fc.constantFrom(...outcomes), { maxLength: 5 }),
  answers: fc.array(fc.constantFrom(...answers), { maxLength: 4 }),
  deliveries: fc.array(fc.record({ pick: fc.nat(5), together: fc.boolean(), again: fc.boolean(), lockEnds: fc.boolean() }), {
    maxLength: 20,
  }),
  perMinute: fc.integer({ min: 1, max: 3 }),
  queueRemembers: fc.boolean(),
  deduplicates: fc.boolean(),
});

interface End {
  readonly state: SendRecord['state'] | undefined;
  readonly received: number;
  /** How often the service accepted and the record did not hear of it. */
  readonly unheard: number;
}

const mostDeliveries = 400;

async function live(life: Life): Promise<End> {
  const world = makeFakePorts({ operation: { mailQuota: { perMinute: life.perMinute, perHour: 20 } } });
  const { clock, mailSender: service, tables, ids } = world;
  service.deduplicates = life.deduplicates;
  const [nextOutcomes, nextAnswers, crashes, deliveries] = [[...life.outcomes], [...life.answers], [...life.crashes], [...life.deliveries]];
  let calls = 0;
  let crashAt = 0;
  const call = () => {
    calls += 1;
    if (crashAt > 0 && calls >= crashAt) throw new Error('The process died.');
  };
  world.beforeEachCall(call);

  let waiting: { readonly message: MailMessage; readonly at: number }[] = [];
  const seen = new Set<number>();
  const mailSender: MailSender = {
    send: async (mail) => {
      call();
      const outcome = nextOutcomes.shift() ?? 'accepted';
      if (outcome === 'throttled') return { kind: 'throttled', retryAfterMs: 90_000 };
      if (outcome !== 'accepted') service.faults.push(outcome);
      return await service.send(mail);
    },
    status: async (operationId) => {
      call();
      const answer = nextAnswers.shift() ?? 'honest';
      if (answer === 'honest') return await service.status(operationId);
      return answer === 'unknown' ? 'unknown' : 'notFound';
    },
  };
  const enqueue: Ports['mailQueue']['enqueue'] = async ({ mail: { mailId }, attempt, at }) => {
    call();
    if (life.queueRemembers && seen.has(attempt)) return;
    seen.add(attempt);
    waiting.push({ message: { companyId, mailId, attempt }, at: at?.getTime() ?? clock.now().getTime() });
  };
  const ports: Ports = { ...world, mailSender, mailQueue: { enqueue } };

  const mail: SendRecord['mail'] = {
    mailId: 'm1',
    operationId: ids.newUuid(),
    companyId,
    lane: 'notice',
    to: [{ address: 'avery@contoso.example', name: 'Avery' }],
    content: { kind: 'newUsersFound', companyName: 'Contoso', newCount: 1, pendingCount: 1, listUrl: 'https://muster.example/pending' },
    createdAt: clock.now().toISOString(),
  };
  await createSendRecord(tables, { mail, state: 'queued', attempts: 0, notBefore: null, finishedAt: null, problem: null });
  await enqueue({ mail, attempt: 0 });
  const stateNow = async () => (await readSendRecord(tables, companyId, 'm1'))?.value.state;

  let unheard = 0;
  for (let delivered = 0; waiting.length > 0; ) {
    const now = clock.now().getTime();
    const due = waiting.filter(({ at }) => at <= now);
    if (due.length === 0) {
      clock.set(new Date(Math.min(...waiting.map(({ at }) => at))));
      continue;
    }
    if ((delivered += 1) > mostDeliveries) throw new Error('The mail comes to no end.');
    const { pick, together, again, lockEnds } = deliveries.shift() ?? { pick: 0, together: false, again: false, lockEnds: true };
    const taken = [due[pick % due.length], ...(together ? [due[(pick + 1) % due.length]] : [])].filter((each) => each !== undefined);
    const before = service.delivered().length;
    [calls, crashAt] = [0, crashes.shift() ?? 0];
    const results = await Promise.allSettled(taken.map(async ({ message }) => await sendMail(ports, message)));
    crashAt = 0;
    const handled = taken.filter(
      (each) => !again && taken.every((other, index) => other !== each || results[index]?.status === 'fulfilled'),
    );
    waiting = waiting
      .filter((each) => !handled.includes(each))
      .map((each) => (taken.includes(each) ? { ...each, at: now + (lockEnds ? minuteMs : 0) } : each));
    if (service.delivered().length > before && (await stateNow()) !== 'accepted') unheard += 1;
  }
  return { state: await stateNow(), received: service.delivered().length, unheard };
}

it('arrives exactly once while the service honours operation ids', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      expect(await live({ ...life, deduplicates: true })).toMatchObject({ state: 'accepted', received: 1 });
    }),
    { numRuns: 500 },
  );
});

it('arrives exactly once while the service says truly what it did, even if it does not honour operation ids', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      const truthful = life.answers.map((answer) => (answer === 'forgetful' ? 'honest' : answer));
      expect(await live({ ...life, answers: truthful, deduplicates: false })).toMatchObject({ state: 'accepted', received: 1 });
    }),
    { numRuns: 500 },
  );
});

it('arrives again only for an acceptance that nobody heard of, and never not at all', async () => {
  let twice = 0;
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      const { state, received, unheard } = await live({ ...life, deduplicates: false });
      expect(state).toBe('accepted');
      expect(received).toBeGreaterThanOrEqual(1);
      expect(received).toBeLessThanOrEqual(1 + unheard);
      if (received > 1) twice += 1;
    }),
    { numRuns: 500 },
  );
  // Otherwise the lives above would not be hard enough to say anything.
  expect(twice).toBeGreaterThan(0);
});

it.each(outcomes)('survives a crash ahead of any single call of its first delivery (%s)', async (outcome) => {
  for (let crashAt = 1; crashAt <= 12; crashAt += 1) {
    for (const together of [false, true]) {
      const delivery = { pick: 0, together, again: true, lockEnds: !together };
      const life = { crashes: [crashAt], outcomes: [outcome], answers: [], deliveries: [delivery, delivery], perMinute: 1 };
      const end = await live({ ...life, queueRemembers: true, deduplicates: false });
      expect(end).toMatchObject({ state: 'accepted', received: 1 });
    }
  }
});
