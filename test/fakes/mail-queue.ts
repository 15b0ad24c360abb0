// A mail queue in memory, held to the same contract as the real adapter (test/contracts/mail-queue.test.ts).
import type { MailQueue } from '../../shared/ports/ports.ts';

export interface QueuedMail {
  readonly messageId: string;
  readonly body: { readonly mailId: string; readonly companyId: string; readonly attempt: number; readonly failures?: number };
  /** When the message becomes visible; absent means at once. */
  readonly at?: Date;
}

export interface FakeMailQueue extends MailQueue {
  /** What was taken, oldest first. */
  readonly messages: readonly QueuedMail[];
  /** While true, nothing is taken and every `enqueue` rejects. */
  isAway: boolean;
}

/** Remembers message ids for ever; the real queue forgets them after its duplicate window. */
export function makeFakeMailQueue(): FakeMailQueue {
  const messages: QueuedMail[] = [];
  const seen = new Set<string>();
  const fake: FakeMailQueue = {
    messages,
    isAway: false,
    enqueue: async ({ mail: { mailId, companyId }, attempt, at, failures }) => {
      if (fake.isAway) throw new Error('The mail queue is away.');
      const messageId = `${mailId}:${attempt}`;
      if (seen.has(messageId)) return;
      seen.add(messageId);
      const body = { mailId, companyId, attempt, ...(failures === undefined ? {} : { failures }) };
      messages.push({ messageId, body, ...(at === undefined ? {} : { at }) });
    },
  };
  return fake;
}
