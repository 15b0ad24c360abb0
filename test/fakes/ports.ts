// Every port filled with its fake, a clock that a test moves, and one place to make storage fail at any call.
import type { Clock, Ids } from '../../shared/ports/clock.ts';
import type { Directory } from '../../shared/ports/directory.ts';
import type { Operation, Ports } from '../../shared/ports/ports.ts';
import type { SignedIn } from '../../shared/ports/sign-in.ts';
import type { UserIndex } from '../../shared/ports/user-index.ts';
import { type FakeDirectories, makeFakeDirectories } from './directory.ts';
import { type FakeMailQueue, makeFakeMailQueue } from './mail-queue.ts';
import { type FakeResetQueue, makeFakeResetQueue } from './reset-queue.ts';
import { type FakeMailSender, makeFakeMailSender } from './mail-sender.ts';
import { type FakePasswords, makeFakePasswords } from './passwords.ts';
import { type FakeSignIn, makeFakeSignIn } from './sign-in.ts';
import { type FakeTables, makeFakeTables } from './tables.ts';
import { makeFakeUserIndex } from './user-index.ts';

export interface SettableClock extends Clock {
  readonly set: (now: Date) => void;
  readonly advance: (milliseconds: number) => void;
}

export interface LogLine {
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

export interface FakePorts extends Ports {
  readonly clock: SettableClock;
  readonly tables: FakeTables;
  readonly directories: FakeDirectories;
  readonly signIn: FakeSignIn;
  readonly passwords: FakePasswords;
  readonly mailSender: FakeMailSender;
  readonly mailQueue: FakeMailQueue;
  readonly resetQueue: FakeResetQueue;
  readonly logged: readonly LogLine[];
  /** Called before each call of a table, a list or the mail queue; what it throws is what the caller meets. */
  readonly beforeEachCall: (fault: (() => void) | undefined) => void;
}

export interface FakeWorld {
  readonly now?: Date;
  /** Entries per directory page. */
  readonly pageSize?: number;
  /** How long each directory request takes on the clock. */
  readonly requestMs?: number;
  readonly accounts?: readonly SignedIn[];
  readonly operation?: Partial<Operation>;
}

export const defaultOperation: Operation = {
  publicUrl: 'https://muster.example',
  homeTenantId: '00000000-0000-4000-8000-00000000face',
  tokenSigningKey: 'a-signing-key-for-tests-of-32-characters',
  mailQuota: { perMinute: 30, perHour: 100 },
  operatorMail: 'operator@muster.example',
  maxRunningSyncs: 20,
};

export function makeSettableClock(start: Date): SettableClock {
  let now = start.getTime();
  return {
    now: () => new Date(now),
    set: (next) => {
      now = next.getTime();
    },
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
}

/** Ids that count up: the same in every run, in the forms the port promises. */
function makeCountingIds(): Ids {
  let count = 0;
  const next = (length: number) => String((count += 1)).padStart(length, '0');
  return { newId: () => next(20), newUuid: () => `00000000-0000-4000-9000-${next(12)}`, newSecret: () => next(43) };
}

/** Numbers that look random, the same ones in every run: multiples of the golden ratio fill the range evenly. */
function makeEvenRandom(): () => number {
  let last = 0;
  return () => (last = (last + 0.618_033_988_75) % 1);
}

/** Calls `before` ahead of every method. */
function guarded<T extends object>(port: T, before: () => void): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...values: readonly unknown[]) => {
        before();
        return await (Reflect.apply(member, target, values) as Promise<unknown>);
      };
    },
  });
}

/** A world of its own: nothing is shared between two calls. */
export function makeFakePorts(world: FakeWorld = {}): FakePorts {
  const { now = new Date('2026-03-02T08:00:00.000Z'), pageSize = 3, requestMs = 0, accounts = [], operation = {} } = world;
  const clock = makeSettableClock(now);
  const tables = makeFakeTables();
  const directories = makeFakeDirectories({ pageSize });
  const mailQueue = makeFakeMailQueue();
  const lists = new Map<string, UserIndex>();
  const logged: LogLine[] = [];
  let fault: (() => void) | undefined;
  const before = () => fault?.();
  tables.failWith(before);
  return {
    clock,
    pause: async (milliseconds) => clock.advance(milliseconds),
    ids: makeCountingIds(),
    random: makeEvenRandom(),
    tables,
    index: ({ companyId }, list) => {
      const name = `${companyId}-${list}`;
      const index = lists.get(name) ?? makeFakeUserIndex({ now: () => clock.now().getTime() });
      lists.set(name, index);
      return guarded(index, before);
    },
    storageMeter: async (work) => {
      const start = tables.calls();
      const value = await work(() => tables.calls() - start);
      return { value, calls: tables.calls() - start };
    },
    directories,
    openDirectory: (tenantId) => slowed(directories.open(tenantId), () => clock.advance(requestMs)),
    signIn: makeFakeSignIn({ clock, accounts }),
    passwords: makeFakePasswords(),
    mailSender: makeFakeMailSender(),
    mailQueue: guarded(mailQueue, before),
    resetQueue: makeFakeResetQueue(),
    operation: { ...defaultOperation, ...operation },
    log: (level, message, facts = {}) => void logged.push({ level, message, facts }),
    logged,
    beforeEachCall: (next) => {
      fault = next;
    },
  };
}

/** Every request takes its time; asking for the usage is no request. */
function slowed(directory: Directory, pass: () => void): Directory {
  return { ...guarded(directory, pass), usage: directory.usage };
}
