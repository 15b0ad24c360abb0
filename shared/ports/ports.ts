// Everything Muster needs from outside, in one list. compose.ts fills it for the deployed app, tests fill it with fakes.
import type { ListName } from '../domain/user-lists.ts';
import type { OutgoingMail } from '../domain/message.ts';
import type { Clock, Ids } from './clock.ts';
import type { OpenDirectory } from './directory.ts';
import type { MailSender } from './mail-sender.ts';
import type { Passwords } from './passwords.ts';
import type { SignIn } from './sign-in.ts';
import type { Tables } from './tables.ts';
import type { UserIndex } from './user-index.ts';

/** Puts a mail on its way to the sender. Message ids must differ per attempt, or the duplicate window swallows a reschedule. */
export interface MailQueue {
  readonly enqueue: (message: {
    readonly mail: Pick<OutgoingMail, 'mailId' | 'companyId'>;
    readonly attempt: number;
    readonly at?: Date;
    /** How often in a row handling it has failed; none when absent. */
    readonly failures?: number;
  }) => Promise<void>;
}

/** What somebody asked for who has forgotten a password, whether there is such an account or not. */
export interface ResetRequest {
  readonly requestId: string;
  readonly companyId: string;
  /** As it was typed. */
  readonly mail: string;
  /** A UTC instant. */
  readonly askedAt: string;
}

/** Requests for new passwords are worked on behind a queue, so that the time of the answer does not tell whether there is an account. */
export interface ResetQueue {
  readonly enqueue: (request: ResetRequest) => Promise<void>;
}

/** Structured logging: facts hold ids and counts only, no names, no addresses, no tokens, no links. */
export type Log = (
  level: 'info' | 'warning' | 'error',
  message: string,
  facts?: Readonly<Record<string, string | number | boolean | null>>,
) => void;

/** Counts storage calls made inside a piece of work, whatever else the process does at the same time. */
export type StorageMeter = <T>(work: (callsSoFar: () => number) => Promise<T>) => Promise<{ readonly value: T; readonly calls: number }>;

/** What the operator decides once for the whole system. */
export interface Operation {
  readonly publicUrl: string;
  readonly homeTenantId: string;
  readonly tokenSigningKey: string;
  readonly mailQuota: { readonly perMinute: number; readonly perHour: number };
  readonly operatorMail: string | null;
  readonly maxRunningSyncs: number;
}

export interface Ports {
  readonly clock: Clock;
  /** Waits inside a use case, for seconds at most; longer waits are left to timers. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly ids: Ids;
  /** From 0 up to but not 1. Spreads what would happen at the same moment; never makes secrets. */
  readonly random: () => number;
  readonly tables: Tables;
  /** One sorted list of one company's users. */
  readonly index: (company: { readonly companyId: string }, list: ListName) => UserIndex;
  readonly storageMeter: StorageMeter;
  readonly openDirectory: OpenDirectory;
  readonly signIn: SignIn;
  readonly passwords: Passwords;
  readonly mailSender: MailSender;
  readonly mailQueue: MailQueue;
  readonly resetQueue: ResetQueue;
  readonly operation: Operation;
  readonly log: Log;
}
