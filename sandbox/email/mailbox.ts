// Everything the mail stand-in remembers: operations and delivered mails, written to a journal so that a restart forgets nothing.
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SendRequest } from './send-request.ts';
import type { RecipientFault } from './settings.ts';

/** A delivered mail. */
export interface ReceivedMail {
  /** Counts up from 1 in the order of arrival; never used twice, also after the inbox was cleared. */
  readonly number: number;
  readonly operationId: string;
  /** When it was accepted, ISO 8601 UTC, sandbox time. */
  readonly at: string;
  readonly from: string;
  /** The addresses it was delivered to, copies and blind copies included, suppressed ones left out. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly html: string;
  readonly plainText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachmentNames: readonly string[];
}

/** How one accepted send ends. `at` is when it was accepted, in milliseconds since 1970. */
export interface Operation {
  readonly id: string;
  readonly at: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

type JournalEntry =
  | { readonly kind: 'accepted'; readonly operation: Operation; readonly mail: ReceivedMail | null }
  | { readonly kind: 'cleared'; readonly lastNumber: number };

export interface Mailbox {
  /** Takes a mail over, delivers it unless its recipients are faulty, and remembers the operation. */
  readonly accept: (operationId: string, request: SendRequest, at: number, faults: ReadonlyMap<string, RecipientFault>) => Operation;
  readonly operation: (id: string) => Operation | undefined;
  /** Delivered mails, oldest first; only those to one address when one is given (upper and lower case are the same). */
  readonly mails: (to?: string) => readonly ReceivedMail[];
  /** When the remembered sends were accepted. */
  readonly sendTimes: () => readonly number[];
  /** Empties the inbox. Operations stay: the service does not forget them either. */
  readonly clear: () => void;
}

const suppressedError = { code: 'EmailDroppedAllRecipientsSuppressed', message: 'Message dropped because all recipients were suppressed' };
const droppedError = { code: 'EmailDropped', message: 'Message dropped' };

/** @param journalFile JSON lines, one per event; without it everything is in memory only. */
export function openMailbox(journalFile?: string): Mailbox {
  const operations = new Map<string, Operation>();
  const sendTimes: number[] = [];
  let mails: ReceivedMail[] = [];
  let lastNumber = 0;

  const apply = (entry: JournalEntry): void => {
    if (entry.kind === 'cleared') {
      mails = [];
      lastNumber = entry.lastNumber;
      return;
    }
    operations.set(entry.operation.id.toLowerCase(), entry.operation);
    sendTimes.push(entry.operation.at);
    if (entry.mail === null) return;
    mails.push(entry.mail);
    lastNumber = entry.mail.number;
  };
  const record = (entry: JournalEntry): void => {
    if (journalFile !== undefined) appendFileSync(journalFile, `${JSON.stringify(entry)}\n`);
    apply(entry);
  };

  if (journalFile !== undefined) for (const entry of readJournal(journalFile)) apply(entry);

  return {
    accept: (operationId, request, at, faults) => {
      const everybody = [...request.recipients.to, ...request.recipients.cc, ...request.recipients.bcc].map(({ address }) => address);
      const faultOf = (address: string): RecipientFault | undefined => faults.get(address.toLowerCase());
      const reached = everybody.filter((address) => faultOf(address) === undefined);
      const isUnsent = everybody.every((address) => faultOf(address) === 'suppressed' || faultOf(address) === 'dropped');
      const failure = everybody.every((address) => faultOf(address) === 'suppressed') ? suppressedError : droppedError;
      const operation: Operation = { id: operationId, at, error: isUnsent ? failure : null };
      const mail = reached.length > 0 ? toReceivedMail({ operationId, request, at, to: reached, number: lastNumber + 1 }) : null;
      record({ kind: 'accepted', operation, mail });
      return operation;
    },
    operation: (id) => operations.get(id.toLowerCase()),
    mails: (to) => (to === undefined ? [...mails] : mails.filter((mail) => isTo(mail, to))),
    sendTimes: () => sendTimes,
    clear: () => record({ kind: 'cleared', lastNumber }),
  };
}

function isTo(mail: ReceivedMail, address: string): boolean {
  return mail.to.some((one) => one.toLowerCase() === address.toLowerCase());
}

function toReceivedMail(parts: {
  readonly operationId: string;
  readonly request: SendRequest;
  readonly at: number;
  readonly to: readonly string[];
  readonly number: number;
}): ReceivedMail {
  const { senderAddress, content, headers, attachments } = parts.request;
  return {
    number: parts.number,
    operationId: parts.operationId,
    at: new Date(parts.at).toISOString(),
    from: senderAddress,
    to: parts.to,
    subject: content.subject,
    html: content.html ?? '',
    plainText: content.plainText ?? '',
    headers,
    attachmentNames: attachments.map(({ name }) => name),
  };
}

/** A last line without its end was being written when the process died, so it was never answered: it is left out, and the file repaired. */
function readJournal(file: string): readonly JournalEntry[] {
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file)) return [];
  const content = readFileSync(file, 'utf8');
  const end = content.lastIndexOf('\n') + 1;
  if (end < content.length) truncateSync(file, Buffer.byteLength(content.slice(0, end)));
  const lines = content
    .slice(0, end)
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line): JournalEntry => JSON.parse(line));
}
