// Sends one mail from the queue: once, within the quota, never slept for, never lost.
import { isForPeople, type MailKind, type Rendering, renderMail } from '../domain/mail-content.ts';
import { joinToken } from '../domain/secrets.ts';
import { type Sender, takeSlot } from '../domain/mail-quota.ts';
import { nextSendStep, type SendRecord } from '../domain/message.ts';
import type { SendOutcome } from '../ports/mail-sender.ts';
import type { Ports } from '../ports/ports.ts';
import { linkSecret } from './link-secrets.ts';
import { whyWithdrawn } from './withdrawn-mail.ts';
import { readSettings } from '../storage/companies.ts';
import { changeQuotaWindow, readSendRecord, replaceSendRecord } from '../storage/mails.ts';

type SendPorts = Pick<Ports, 'tables' | 'index' | 'mailSender' | 'mailQueue' | 'clock' | 'operation' | 'log'>;

export interface MailMessage {
  readonly companyId: string;
  readonly mailId: string;
  readonly attempt: number;
  /** How often in a row handling it has failed. */
  readonly failures?: number;
}

/** Takes a slot of the shared quota for a mail of a lane, or tells when to try again. */
async function takeQuota(ports: SendPorts, sender: Sender): Promise<Date | null> {
  let waitUntil: Date | null = null;
  await changeQuotaWindow(ports.tables, (window) => {
    const slot = takeSlot(window, ports.clock.now(), ports.operation.mailQuota, sender);
    waitUntil = slot.kind === 'wait' ? slot.until : null;
    return slot.window ?? undefined;
  });
  return waitUntil;
}

async function pauseEverybody(ports: SendPorts, until: Date): Promise<void> {
  await changeQuotaWindow(ports.tables, (window) => ({ ...window, pausedUntil: until.toISOString() }));
}

/** Puts the mail back for later under a new attempt number; the old message id would fall into the duplicate window. */
async function putBack(
  ports: SendPorts,
  record: SendRecord,
  etag: string,
  message: MailMessage,
  until: Date,
  problem: string | null,
): Promise<void> {
  const waiting: SendRecord = { ...record, notBefore: until.toISOString(), problem };
  await ports.mailQueue.enqueue({ mail: record.mail, attempt: message.attempt + 1, at: until });
  await replaceSendRecord(ports.tables, waiting, etag);
}

const retryMs = 60_000;
/** A claim younger than this may belong to a sender that is still waiting for its answer (the adapter gives up after 30 s). */
const claimMs = 120_000;
/** Attempts of a mail whose fate is unknown or that the service cannot take; then it is given up, and its record says so. */
const mostAttempts = 20;
const longestWaitMs = 6 * 3_600_000;
/** Twice as long each time: all attempts together outlast a service, or a key of ours, that is put right after a weekend. */
const waitAfter = (attempts: number) => Math.min(longestWaitMs, retryMs * 2 ** Math.max(0, attempts - 1));

async function finish(ports: SendPorts, message: MailMessage, state: 'accepted' | 'refused', problem: string | null): Promise<void> {
  for (let found = await readSendRecord(ports.tables, message.companyId, message.mailId); found; ) {
    const finishedAt = ports.clock.now().toISOString();
    const outcome = await replaceSendRecord(ports.tables, { ...found.value, state, finishedAt, notBefore: null, problem }, found.etag);
    if (outcome === 'done') return;
    found = await readSendRecord(ports.tables, message.companyId, message.mailId);
  }
}

/** Nobody else may be sending it at the same moment, so this is done like a claim. */
async function withdraw(ports: SendPorts, record: SendRecord, etag: string, problem: string): Promise<void> {
  const finishedAt = ports.clock.now().toISOString();
  const outcome = await replaceSendRecord(ports.tables, { ...record, state: 'withdrawn', finishedAt, notBefore: null, problem }, etag);
  if (outcome === 'changed') throw new Error('Somebody else is sending this mail.');
}

/** What the company's settings make of a mail to its people, at the moment of sending; of a company that is gone, the defaults. */
async function wording(ports: SendPorts, companyId: string, kind: MailKind): Promise<Pick<Rendering, 'language' | 'logoUrl'>> {
  if (!isForPeople(kind)) return {};
  const { language, logoUrl } = (await readSettings(ports.tables, companyId)).value;
  return { language, logoUrl };
}

async function attempt(ports: SendPorts, record: SendRecord, worded: Pick<Rendering, 'language' | 'logoUrl'>): Promise<SendOutcome> {
  const { to, content, operationId } = record.mail;
  const tokenOf = (tokenId: string) => joinToken(tokenId, linkSecret(ports.operation, tokenId));
  const { subject, html, text, headers } = renderMail(content, { ...worded, tokenOf });
  return await ports.mailSender.send({
    operationId,
    to: to.map(({ address, name }) => ({ address, displayName: name })),
    subject,
    html,
    text,
    ...(headers === undefined ? {} : { headers }),
  });
}

/**
 * Handles one message of the mail queue. Repeats of a message that was handled do nothing.
 * @throws Error when storage or the queue fails: the message goes back to the queue and at last to its dead-letter queue.
 */
export async function sendMail(ports: SendPorts, message: MailMessage): Promise<void> {
  const found = await readSendRecord(ports.tables, message.companyId, message.mailId);
  if (!found) throw new Error('There is no send record for this mail.');
  const { value: record, etag } = found;
  const step = nextSendStep(record.state);
  if (step.kind === 'finished') return;
  if (step.kind === 'ask') {
    const leaseEnd = record.notBefore === null ? null : new Date(record.notBefore);
    if (leaseEnd !== null && leaseEnd > ports.clock.now()) return await putBack(ports, record, etag, message, leaseEnd, record.problem);
    const status = await ports.mailSender.status(record.mail.operationId);
    if (status === 'accepted') return await finish(ports, message, 'accepted', null);
    if (status === 'failed') return await finish(ports, message, 'refused', 'The mail service accepted this mail and then gave it up.');
    if (status === 'unknown' && record.attempts < mostAttempts) {
      const until = new Date(ports.clock.now().getTime() + waitAfter(record.attempts));
      return await putBack(
        ports,
        { ...record, attempts: record.attempts + 1 },
        etag,
        message,
        until,
        'The mail service did not say what became of it.',
      );
    }
  }
  // Only now: the last attempt may have been accepted without our hearing it.
  if (record.attempts >= mostAttempts) {
    ports.log('error', 'A mail was given up.', { companyId: message.companyId, mailId: message.mailId, attempts: record.attempts });
    return await finish(ports, message, 'refused', `Given up after ${mostAttempts} attempts: ${record.problem ?? 'no answer'}`);
  }

  const waitUntil = await takeQuota(ports, record.mail);
  if (waitUntil !== null) return await putBack(ports, record, etag, message, waitUntil, null);
  // Before the claim, so that a storage failure leaves a mail that can be sent at once and not one that has to be asked after.
  const withdrawn = await whyWithdrawn(ports, record.mail);
  if (withdrawn !== null) return await withdraw(ports, record, etag, withdrawn);
  const worded = await wording(ports, message.companyId, record.mail.content.kind);
  const leaseEnd = new Date(ports.clock.now().getTime() + claimMs).toISOString();
  const claimed: SendRecord = { ...record, state: 'claimed', attempts: record.attempts + 1, notBefore: leaseEnd };
  if ((await replaceSendRecord(ports.tables, claimed, etag)) === 'changed') throw new Error('Somebody else is sending this mail.');

  const outcome = await attempt(ports, claimed, worded);
  switch (outcome.kind) {
    case 'accepted':
      return await finish(ports, message, 'accepted', null);
    case 'refused':
      ports.log('warning', 'A mail was refused.', { companyId: message.companyId, mailId: message.mailId, code: outcome.code });
      return await finish(ports, message, 'refused', outcome.sentence);
    case 'throttled':
    case 'transient':
    case 'unknown': {
      const asked = outcome.kind === 'unknown' ? 0 : (outcome.retryAfterMs ?? 0);
      const wait = outcome.kind === 'throttled' ? asked : Math.max(asked, waitAfter(claimed.attempts));
      const until = new Date(ports.clock.now().getTime() + wait);
      if (outcome.kind === 'throttled') await pauseEverybody(ports, until);
      const again = await readSendRecord(ports.tables, message.companyId, message.mailId);
      if (!again) return;
      // After a clear "not accepted" the next attempt may send at once; after silence it must ask first.
      const state = outcome.kind === 'unknown' ? 'claimed' : 'queued';
      const problem = outcome.kind === 'throttled' ? 'Waiting for the mail quota.' : outcome.sentence;
      const attempts = outcome.kind === 'throttled' ? again.value.attempts - 1 : again.value.attempts;
      return await putBack(ports, { ...again.value, state, attempts }, again.etag, message, until, problem);
    }
  }
}

/**
 * Failures in a row after which a message is left to the dead-letter queue: more than three hours of trouble. Attempts would not do: a mail
 * that waits for the quota with ten thousand others makes hundreds of them.
 */
const mostFailures = 200;

/**
 * Handles one message, and puts it back for later when that fails: a queue that redelivers at once would use up its deliveries within
 * a minute of a storage outage, and the mail would end in the dead-letter queue.
 * @throws Error when it cannot even be put back, or was too often.
 */
export async function sendMailOrPutBack(ports: SendPorts, message: MailMessage): Promise<void> {
  try {
    await sendMail(ports, message);
  } catch (error) {
    const { companyId, mailId, failures = 0 } = message;
    if (failures >= mostFailures) throw error;
    ports.log('warning', 'A mail is put back for later.', { companyId, mailId, error: error instanceof Error ? error.name : 'unknown' });
    const at = new Date(ports.clock.now().getTime() + retryMs);
    await ports.mailQueue.enqueue({ mail: message, attempt: message.attempt + 1, at, failures: failures + 1 });
  }
}
