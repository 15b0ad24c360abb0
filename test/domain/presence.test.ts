// Nobody is removed by silence: the presence table, and random histories against rule 3.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movePresence, nextPresence, presenceEvents } from '../../shared/domain/presence.ts';
import type { PresenceEvent } from '../../shared/domain/presence.ts';
import { decisions, presences } from '../../shared/domain/user.ts';
import type { Presence, User } from '../../shared/domain/user.ts';

const user: User = {
  tenantId: 'tenant-1',
  objectId: 'object-1',
  fields: { displayName: 'Ada Lovelace' },
  managerId: null,
  decision: 'approved',
  presence: 'present',
  kind: 'person',
  kindReasons: ['Given name and surname are filled in.'],
  decisionRevision: 3,
  decidedAt: '2026-01-01T00:00:00Z',
  decidedBy: 'Grace',
  decisionReason: null,
  arrivedAt: '2025-12-01T00:00:00Z',
  recreatedFrom: null,
  removedAt: null,
};

const anyPresence = fc.constantFrom(...presences);
const anyEvent = fc.constantFrom(...presenceEvents);
const walk = (start: Presence, events: readonly PresenceEvent[]): readonly Presence[] =>
  events.reduce<readonly Presence[]>((path, event) => [...path, nextPresence(path.at(-1) ?? start, event)], [start]);

describe('presence', () => {
  it.each<{ what: string; from: Presence; events: readonly PresenceEvent[]; to: Presence }>([
    { what: 'a tombstone removes', from: 'present', events: ['tombstone'], to: 'removed' },
    { what: 'a full round without the user only marks', from: 'present', events: ['missing'], to: 'missing' },
    { what: 'two full rounds without the user still only mark', from: 'present', events: ['missing', 'missing'], to: 'missing' },
    { what: 'missing and then confirmed removes', from: 'present', events: ['missing', 'confirmedAbsent'], to: 'removed' },
    { what: 'somebody found by the confirming read is back', from: 'present', events: ['missing', 'seen'], to: 'present' },
    { what: 'a confirmation overtaken by an entry removes nobody', from: 'missing', events: ['seen', 'confirmedAbsent'], to: 'present' },
    { what: 'a removed user who is seen returns', from: 'removed', events: ['seen'], to: 'present' },
    { what: 'the second tombstone of a purge changes nothing', from: 'removed', events: ['tombstone'], to: 'removed' },
    { what: 'a second tombstone does not walk round the hold', from: 'present', events: ['hold', 'tombstone'], to: 'held' },
    { what: 'the next full round does not walk round the hold', from: 'held', events: ['missing', 'confirmedAbsent'], to: 'held' },
    { what: 'a held user who is seen again is simply present', from: 'held', events: ['seen'], to: 'present' },
    { what: 'an admin keeps a held user', from: 'held', events: ['released'], to: 'present' },
    { what: 'an admin lets a held tombstone happen', from: 'held', events: ['released', 'tombstone'], to: 'removed' },
    { what: 'an admin lets a held absence happen', from: 'held', events: ['released', 'missing', 'confirmedAbsent'], to: 'removed' },
    { what: 'nobody comes back by a hold', from: 'removed', events: ['hold', 'released'], to: 'removed' },
  ])('$what', ({ from, events, to }) => {
    expect(walk(from, events).at(-1)).toBe(to);
  });

  it('never removes anybody without a tombstone or a confirmed absence', () => {
    const harmless = presenceEvents.filter((event) => event !== 'tombstone' && event !== 'confirmedAbsent');
    const present = anyPresence.filter((presence) => presence !== 'removed');
    fc.assert(
      fc.property(present, fc.array(fc.constantFrom(...harmless)), (start, events) => {
        expect(walk(start, events)).not.toContain('removed');
      }),
    );
  });

  it('removes without a tombstone only who was missing right before', () => {
    fc.assert(
      fc.property(anyPresence, fc.array(anyEvent), (start, events) => {
        const path = walk(start, events);
        events.forEach((event, index) => {
          const becameRemoved = path[index] !== 'removed' && path[index + 1] === 'removed';
          if (becameRemoved && event !== 'tombstone') expect([path[index], event]).toEqual(['missing', 'confirmedAbsent']);
        });
      }),
    );
  });

  it('lets nobody out of the hold but by being seen or released', () => {
    for (const event of presenceEvents) {
      expect(nextPresence('held', event) === 'held').toBe(event !== 'seen' && event !== 'released');
    }
  });

  it('comes to the same end when an event is repeated', () => {
    fc.assert(
      fc.property(anyPresence, anyEvent, (presence, event) => {
        const once = nextPresence(presence, event);
        expect(nextPresence(once, event)).toBe(once);
      }),
    );
  });
});

describe('movePresence', () => {
  it('never changes the decision, its revision or anything else but presence and the time of removal', () => {
    fc.assert(
      fc.property(anyPresence, fc.constantFrom(...decisions), anyEvent, (presence, decision, event) => {
        const before = { ...user, presence, decision };
        const after = movePresence(before, event, '2026-03-02T09:15:00Z');
        expect({ ...after, presence: before.presence, removedAt: before.removedAt }).toEqual(before);
      }),
    );
  });

  it('keeps the time of removal until the return', () => {
    const removed = movePresence(user, 'tombstone', '2026-03-02T09:15:00Z');
    const purged = movePresence(removed, 'tombstone', '2026-04-01T00:00:00Z');
    const returned = movePresence(purged, 'seen', '2026-04-02T00:00:00Z');
    expect(removed.removedAt).toBe('2026-03-02T09:15:00Z');
    expect(purged).toBe(removed);
    expect(returned).toEqual(user);
  });
});
