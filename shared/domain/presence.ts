// Whether a user is still in the directory: the only place where somebody becomes `removed`, and never because of silence.
import type { Presence, User } from './user.ts';

export const presenceEvents = ['seen', 'tombstone', 'missing', 'confirmedAbsent', 'hold', 'released'] as const;

/**
 * - `seen`: a live entry, or a confirming read that found the user.
 * - `tombstone`: a delta `@removed` entry that the removal hold lets through.
 * - `missing`: a complete full round ended without the user.
 * - `confirmedAbsent`: after `missing`, a read of this very user said absent, and the removal hold lets it through.
 * - `hold`: a removal (of either sort) that has to wait for an admin.
 * - `released`: an admin ended the wait.
 */
export type PresenceEvent = (typeof presenceEvents)[number];

/**
 * Held users leave the hold by `seen` or `released` alone: a soft delete is followed by a second tombstone when it becomes final, and
 * the next full round misses the user again, and neither may walk round the admin. An admin who keeps somebody sends `released`; one
 * who lets the removal happen sends `released` and then the proof (`tombstone`, or `missing` and `confirmedAbsent`).
 * `confirmedAbsent` without `missing` changes nothing: it was overtaken by an entry that saw the user, or no full round was complete.
 */
export const presenceTransitions = {
  present: {
    seen: 'present',
    tombstone: 'removed',
    missing: 'missing',
    confirmedAbsent: 'present',
    hold: 'held',
    released: 'present',
  },
  missing: {
    seen: 'present',
    tombstone: 'removed',
    missing: 'missing',
    confirmedAbsent: 'removed',
    hold: 'held',
    released: 'missing',
  },
  held: {
    seen: 'present',
    tombstone: 'held',
    missing: 'held',
    confirmedAbsent: 'held',
    hold: 'held',
    released: 'present',
  },
  removed: {
    seen: 'present',
    tombstone: 'removed',
    missing: 'removed',
    confirmedAbsent: 'removed',
    hold: 'removed',
    released: 'removed',
  },
} as const satisfies Record<Presence, Record<PresenceEvent, Presence>>;

export function nextPresence(presence: Presence, event: PresenceEvent): Presence {
  return presenceTransitions[presence][event];
}

/**
 * The user after the event at `at` (ISO 8601 UTC instant); the very same object when nothing changed. `removedAt` is set on removal
 * and cleared on return. The decision, and with it the whole history of decisions, is never touched.
 */
export function movePresence(user: User, event: PresenceEvent, at: string): User {
  const presence = nextPresence(user.presence, event);
  if (presence === user.presence) return user;
  return { ...user, presence, removedAt: presence === 'removed' ? at : null };
}
