// A mail service in memory, held to the same contract as the real adapter (test/contracts/mail-sender.test.ts).
import { type MailSender, type OutgoingMail, requireOperationId, type SendOutcome } from '../../shared/ports/mail-sender.ts';

/** What happens to the next send that is in order and within the quota. */
type FakeSendFault = 'dropAfterAccepting' | 'dropBeforeAccepting' | 'unavailable';

export interface FakeMailSender extends MailSender {
  /** Delivered mails, oldest first; only those to one address when one is given. */
  readonly delivered: (to?: string) => readonly OutgoingMail[];
  /** Used up one per send, first in first out. */
  readonly faults: FakeSendFault[];
  /** Addresses that are accepted but never reached. */
  readonly suppressed: Set<string>;
  /** How many more sends and questions are within the quota. */
  sendsLeft: number;
  questionsLeft: number;
  /** What a throttled sender is told to wait, in milliseconds. */
  retryAfterMs: number;
  /** Whether a repeated operation id is answered but not mailed again. */
  deduplicates: boolean;
}

export function makeFakeMailSender(): FakeMailSender {
  const operations = new Map<string, 'accepted' | 'failed'>();
  const delivered: OutgoingMail[] = [];

  const accept = (mail: OutgoingMail): SendOutcome => {
    const accepted = { kind: 'accepted', operationId: mail.operationId } as const;
    if (fake.deduplicates && operations.has(mail.operationId)) return accepted;
    const to = mail.to.filter(({ address }) => !fake.suppressed.has(address));
    operations.set(mail.operationId, to.length > 0 ? 'accepted' : 'failed');
    if (to.length > 0) delivered.push({ ...mail, to });
    return accepted;
  };

  const fake: FakeMailSender = {
    send: async (mail) => {
      requireOperationId(mail.operationId);
      const inOrder =
        mail.to.length > 0 && mail.to.length <= 50 && mail.to.every(({ address }) => /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(address));
      if (!inOrder) return { kind: 'refused', code: 'InvalidEmailAddress', sentence: 'The recipients are not in order.' };
      if (fake.sendsLeft <= 0) return { kind: 'throttled', retryAfterMs: fake.retryAfterMs };
      fake.sendsLeft -= 1;
      const fault = fake.faults.shift();
      if (fault === 'unavailable') return { kind: 'transient', sentence: 'The mail service is away.' };
      const outcome = fault === 'dropBeforeAccepting' ? null : accept(mail);
      return outcome === null || fault === 'dropAfterAccepting' ? { kind: 'unknown', sentence: 'The connection broke off.' } : outcome;
    },
    status: async (operationId) => {
      requireOperationId(operationId);
      if (fake.questionsLeft <= 0) return 'unknown';
      fake.questionsLeft -= 1;
      return operations.get(operationId) ?? 'notFound';
    },
    delivered: (to) => (to === undefined ? [...delivered] : delivered.filter((mail) => mail.to.some(({ address }) => address === to))),
    faults: [],
    suppressed: new Set(),
    sendsLeft: Number.POSITIVE_INFINITY,
    questionsLeft: Number.POSITIVE_INFINITY,
    retryAfterMs: 60_000,
    deduplicates: true,
  };
  return fake;
}
