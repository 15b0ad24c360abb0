// Message locks. They live in memory only: a restart frees every lock, as losing the lock on the real service would.

import { randomUUID } from 'node:crypto';

/** A receiver's temporary claim on one message. */
interface Lock {
  /** 32 hexadecimal digits: the sixteen bytes of the delivery tag. */
  readonly token: string;
  readonly sequence: number;
  /** When the lock ends, in milliseconds. */
  readonly until: number;
}

export interface Locks {
  readonly take: (sequence: number, until: number) => Lock;
  readonly find: (token: string) => Lock | undefined;
  readonly extend: (lock: Lock, until: number) => void;
  readonly release: (lock: Lock) => void;
  readonly holds: (sequence: number) => boolean;
  readonly ofMessage: (sequence: number) => Lock | undefined;
  readonly count: () => number;
}

/** Makes an empty set of locks; a message has at most one. */
export function makeLocks(): Locks {
  const byToken = new Map<string, Lock>();
  const bySequence = new Map<number, Lock>();
  const keep = (lock: Lock): Lock => {
    byToken.set(lock.token, lock);
    bySequence.set(lock.sequence, lock);
    return lock;
  };
  return {
    take: (sequence, until) => keep({ token: randomUUID().replaceAll('-', ''), sequence, until }),
    find: (token) => byToken.get(token),
    extend: (lock, until) => void keep({ ...lock, until }),
    release: (lock) => {
      byToken.delete(lock.token);
      bySequence.delete(lock.sequence);
    },
    holds: (sequence) => bySequence.has(sequence),
    ofMessage: (sequence) => bySequence.get(sequence),
    count: () => byToken.size,
  };
}
