import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeWorld, minute, sent } from './broker-world.ts';
import type { Delivered, Settlement } from './message.ts';

type Step =
  | { readonly kind: 'send'; readonly delay: number }
  | { readonly kind: 'receive' | 'receive-dead' | 'receive-deferred' | 'restart' }
  | { readonly kind: 'settle'; readonly pick: number; readonly how: Settlement['kind'] }
  | { readonly kind: 'renew'; readonly pick: number }
  | { readonly kind: 'move'; readonly by: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send'), delay: fc.constantFrom(0, 0, 30_000, 90_000) }) },
  { weight: 4, arbitrary: fc.constantFrom<Step>({ kind: 'receive' }, { kind: 'receive-dead' }, { kind: 'receive-deferred' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('settle'),
      pick: fc.nat(20),
      how: fc.constantFrom<Settlement['kind']>('complete', 'abandon', 'defer', 'dead-letter'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move'), by: fc.constantFrom(1_000, 35_000, 61_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew'), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
);

/** A delivery as its receiver remembers it; over once it is settled or the broker was restarted. */
interface Held {
  readonly messageId: string;
  readonly isDead: boolean;
  readonly lockToken: string;
  lockedUntil: number;
  isOver: boolean;
}

/** Plays a history against a queue and checks after every step what its users rely on. */
function play(steps: readonly Step[]): void {
  const world = makeWorld();
  const alive = new Set<string>();
  const deliveries: Held[] = [];
  let nextId = 0;

  const isHeld = ({ isOver, lockedUntil }: Held): boolean => !isOver && lockedUntil > world.now();
  const subqueueOf = ({ isDead }: Held) => (isDead ? world.queue().deadLetters : world.queue().main);
  const pickOne = (pick: number): Held | undefined => deliveries.at(-1 - (pick % Math.max(deliveries.length, 1)));

  const take = (delivered: Delivered | undefined, isDead: boolean): void => {
    if (delivered === undefined) return;
    const { messageId } = delivered.message;
    expect(deliveries.filter(isHeld).map((held) => held.messageId)).not.toContain(messageId);
    expect(alive).toContain(messageId);
    deliveries.push({
      messageId,
      isDead,
      isOver: false,
      lockToken: delivered.lockToken ?? 'none',
      lockedUntil: delivered.lockedUntil ?? 0,
    });
  };

  const settle = (pick: number, kind: Settlement['kind']): void => {
    const held = pickOne(pick);
    if (held === undefined || (kind === 'dead-letter' && held.isDead)) return;
    const settlement: Settlement = kind === 'complete' ? { kind } : { kind, added: {} };
    const wasHeld = isHeld(held);
    expect(subqueueOf(held).settle(held.lockToken, settlement, world.now())).toBe(wasHeld ? 'settled' : 'lock-lost');
    held.isOver = true;
    if (wasHeld && kind === 'complete') alive.delete(held.messageId);
  };

  const renew = (pick: number): void => {
    const held = pickOne(pick);
    if (held === undefined) return;
    const until = subqueueOf(held).renew(held.lockToken, world.now());
    expect(until).toBe(isHeld(held) ? world.now() + minute : undefined);
    held.lockedUntil = until ?? held.lockedUntil;
  };

  const run: { readonly [Kind in Step['kind']]: (now: Extract<Step, { kind: Kind }>) => void } = {
    send: ({ delay }) => {
      nextId += 1;
      alive.add(`m${nextId}`);
      world.send(sent(`m${nextId}`, { scheduledFor: delay === 0 ? undefined : world.now() + delay }));
    },
    receive: () => take(world.receive(), false),
    'receive-dead': () => take(world.receiveDead(), true),
    'receive-deferred': () => {
      const { main } = world.queue();
      const deferred = main.peek(0, 1000, world.now()).find(({ state }) => state === 'deferred');
      if (deferred !== undefined) take(main.receiveDeferred([deferred.sequence], 'peek-lock', world.now())?.[0], false);
    },
    settle: ({ pick, how }) => settle(pick, how),
    renew: ({ pick }) => renew(pick),
    move: ({ by }) => world.move(by),
    restart: () => {
      world.restart();
      for (const held of deliveries) held.isOver = true;
    },
  };

  for (const next of steps) {
    (run[next.kind] as (now: Step) => void)(next);
    const { main, deadLetters } = world.queue();
    const kept = [...main.peek(0, 1000, world.now()), ...deadLetters.peek(0, 1000, world.now())].map(({ messageId }) => messageId);
    expect(kept.toSorted()).toEqual([...alive].toSorted());
  }
  expect(drain(world).toSorted()).toEqual([...alive].toSorted());
}

/** Receives and completes everything there is, once all locks have ended and all schedules are past; gives the message ids. */
function drain(world: ReturnType<typeof makeWorld>): readonly string[] {
  world.move(10 * minute);
  const { main, deadLetters } = world.queue();
  const receiveAll = (receive: () => Delivered | undefined): readonly string[] => {
    const ids: string[] = [];
    for (let next = receive(); next !== undefined; next = receive()) ids.push(next.message.messageId);
    return ids;
  };
  const receiveDeferred = (): Delivered | undefined => {
    const deferred = main.peek(0, 1000, world.now()).find(({ state }) => state === 'deferred');
    return deferred && main.receiveDeferred([deferred.sequence], 'receive-and-delete', world.now())?.[0];
  };
  return [
    ...receiveAll(() => main.receive('receive-and-delete', world.now())),
    ...receiveAll(receiveDeferred),
    ...receiveAll(() => deadLetters.receive('receive-and-delete', world.now())),
  ];
}

it('loses no message and never has one out twice, whatever receivers, clocks and restarts do', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), play), { numRuns: 300 });
});
