import { describe, expect, it } from 'vitest';
import { makeBroker } from './broker.ts';
import { makeWorld, minute, sent, settings } from './broker-world.ts';
import type { Settlement } from './message.ts';
import { openQueueStore } from './store.ts';

const complete: Settlement = { kind: 'complete' };
const abandon: Settlement = { kind: 'abandon', added: {} };
const nothing = { active: 0, locked: 0, scheduled: 0, deferred: 0, deadLettered: 0 };

describe('a queue', () => {
  it('hands messages out in the order they came, and a returned one from its own place', () => {
    const world = makeWorld();
    world.send(sent('a'), sent('b'), sent('c'));
    const first = world.receive();
    expect(world.receive()?.message.messageId).toBe('b');
    world.settle(first, abandon);
    expect(world.receive()?.message).toMatchObject({ messageId: 'a', deliveries: 2 });
  });

  it('forgets a completed message and a deleted one', () => {
    const world = makeWorld();
    world.send(sent('a'), sent('b'));
    expect(world.settle(world.receive(), complete)).toBe('settled');
    expect(world.queue().main.receive('receive-and-delete', world.now())?.lockToken).toBeUndefined();
    expect(world.stats()).toEqual(nothing);
  });

  it('frees a message when its lock ends and refuses the late decision', () => {
    const world = makeWorld();
    world.send(sent('a'));
    const late = world.receive();
    world.move(minute);
    expect(world.receive()?.message.deliveries).toBe(2);
    expect(world.settle(late, complete)).toBe('lock-lost');
  });

  it('keeps a renewed lock for another full duration', () => {
    const world = makeWorld();
    world.send(sent('a'));
    const held = world.receive();
    world.move(minute - 1);
    expect(world.queue().main.renew(held?.lockToken ?? '', world.now())).toBe(2 * minute - 1);
    world.move(minute - 1);
    expect(world.settle(held, complete)).toBe('settled');
  });

  it('dead-letters a message that was handed out too often, whether abandoned or left to expire', () => {
    const world = makeWorld();
    world.send(sent('a'));
    world.settle(world.receive(), abandon);
    world.receive();
    world.move(minute);
    world.settle(world.receive(), abandon);
    expect(world.receive()).toBeUndefined();
    expect(world.receiveDead()?.message.added).toMatchObject({ DeadLetterReason: 'MaxDeliveryCountExceeded' });
  });

  it('keeps a deferred message aside until it is asked for by number', () => {
    const world = makeWorld();
    const [number = 0] = world.send(sent('a'));
    world.settle(world.receive(), { kind: 'defer', added: { why: 'later' } });
    expect(world.receive()).toBeUndefined();
    const again = world.queue().main.receiveDeferred([number], 'peek-lock', world.now())?.[0];
    expect(again?.message.added).toEqual({ why: 'later' });
    expect(world.queue().main.receiveDeferred([number], 'peek-lock', world.now())).toBeUndefined();
    expect(world.settle(again, complete)).toBe('settled');
  });

  it('drops a message after its time to live, or dead-letters it where configured', () => {
    const dropping = makeWorld();
    dropping.send(sent('a', { timeToLiveMs: minute }));
    dropping.move(minute);
    expect(dropping.stats()).toEqual(nothing);

    const keeping = makeWorld({ deadLetterOnExpiration: true, defaultTtlMs: minute });
    keeping.send(sent('a', { timeToLiveMs: 5 * minute }));
    keeping.move(minute);
    expect(keeping.receiveDead()?.message.added).toMatchObject({ DeadLetterReason: 'TTLExpiredException' });
  });

  it('does not expire a message while it is locked', () => {
    const world = makeWorld();
    world.send(sent('a', { timeToLiveMs: minute / 2 }));
    const held = world.receive();
    world.move(minute - 1);
    expect(world.settle(held, complete)).toBe('settled');
  });

  it('refuses to dead-letter from the dead-letter queue and keeps the message locked', () => {
    const world = makeWorld();
    world.send(sent('a'));
    world.settle(world.receive(), { kind: 'dead-letter', added: { DeadLetterReason: 'poison' } });
    const dead = world.receiveDead();
    const settle = (settlement: Settlement) => world.queue().deadLetters.settle(dead?.lockToken ?? '', settlement, world.now());
    expect(settle({ kind: 'dead-letter', added: {} })).toBe('not-allowed');
    expect(settle(complete)).toBe('settled');
  });
});

describe('a scheduled message', () => {
  it('becomes active under a new number when its time comes', () => {
    const world = makeWorld();
    const [number = 0] = world.send(sent('a', { scheduledFor: minute, timeToLiveMs: minute }));
    expect(world.receive()).toBeUndefined();
    expect(world.broker().nextDue()).toBe(minute);
    world.move(minute);
    const message = world.receive()?.message;
    expect(message).toMatchObject({ enqueuedSequence: number, enqueuedAt: minute, expiresAt: 2 * minute });
    expect(message?.sequence).toBeGreaterThan(number);
  });

  it('can be withdrawn until then, all or none', () => {
    const world = makeWorld();
    const numbers = world.send(sent('a', { scheduledFor: minute }), sent('b', { scheduledFor: 2 * minute }));
    expect(world.queue().main.nextScheduledAt()).toBe(minute);
    expect(world.queue().main.cancelScheduled([...numbers, 99], world.now())).toBe(false);
    expect(world.queue().main.cancelScheduled(numbers, world.now())).toBe(true);
    world.move(2 * minute);
    expect(world.stats()).toEqual(nothing);
  });
});

describe('duplicate detection', () => {
  it('drops a repeated id within the window, scheduled ones included, also across a restart', () => {
    const world = makeWorld();
    world.send(sent('a', { scheduledFor: minute }));
    world.send(sent('a'));
    world.restart();
    world.send(sent('a'), sent('b'), sent('b'));
    expect(world.stats()).toEqual({ ...nothing, scheduled: 1, active: 1 });
  });

  it('forgets the id when the window ends', () => {
    const world = makeWorld();
    world.send(sent('a'));
    world.move(10 * minute);
    world.send(sent('a'));
    expect(world.stats().active).toBe(2);
  });

  it('can be switched off', () => {
    const world = makeWorld({ duplicateDetectionWindowMs: 0 });
    world.send(sent('a'), sent('a'));
    expect(world.stats().active).toBe(2);
  });
});

describe('a restart', () => {
  it('frees locked messages and counts the delivery', () => {
    const world = makeWorld();
    world.send(sent('a'));
    const before = world.receive();
    world.restart();
    expect(world.receive()?.message.deliveries).toBe(2);
    expect(world.settle(before, complete)).toBe('lock-lost');
  });

  it('leaves deferred, scheduled and dead-lettered messages where they were', () => {
    const world = makeWorld();
    world.send(sent('deferred'), sent('dead'), sent('later', { scheduledFor: minute }));
    world.settle(world.receive(), { kind: 'defer', added: {} });
    world.settle(world.receive(), { kind: 'dead-letter', added: { DeadLetterReason: 'poison' } });
    world.restart();
    expect(world.stats()).toEqual({ ...nothing, deferred: 1, scheduled: 1, deadLettered: 1 });
    expect(world.receiveDead()?.message.added).toEqual({ DeadLetterReason: 'poison' });
  });

  it('dead-letters a message whose last delivery it interrupted', () => {
    const world = makeWorld({ maxDeliveryCount: 1 });
    world.send(sent('a'));
    world.receive();
    world.restart();
    expect(world.stats()).toEqual({ ...nothing, deadLettered: 1 });
  });

  it('never gives a sequence number twice', () => {
    const world = makeWorld();
    const [before = 0] = world.send(sent('a'));
    world.settle(world.receive(), complete);
    world.restart();
    expect(world.send(sent('b'))[0]).toBeGreaterThan(before);
  });
});

it('refuses two queues of the same name', () => {
  const twice = [settings, { ...settings, name: 'MAIL' }];
  expect(() => makeBroker({ queues: twice, store: openQueueStore(), now: 0 })).toThrow('configured twice');
});
