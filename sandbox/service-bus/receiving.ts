// A client's receiver: hands out waiting messages as credit allows and carries out what the client decides about them.

import type { Delivery, EventContext, Sender } from 'rhea';
import type { Entity } from './broker.ts';
import { writeDelivered } from './codec.ts';
import { afterFlow, answerAccepted, answerRejected, forgetDelivery, roomOf } from './rhea-internals.ts';
import { settlementOfOutcome } from './settlement.ts';

/** One attached receiver, as the pump sees it. */
interface ReceivingLink {
  readonly isOpen: () => boolean;
  /** Sends one waiting message; false when there is no message or no room for it. */
  readonly offer: () => boolean;
}

/** Hands waiting messages to an entity's receivers, one each in turn. */
export interface Pump {
  readonly attach: (path: string, link: ReceivingLink) => void;
  readonly run: (path: string) => void;
}

export function makePump(): Pump {
  const linksByPath = new Map<string, Set<ReceivingLink>>();
  const waiting = new Set<string>();

  const run = (path: string): void => {
    const links = linksByPath.get(path);
    if (links === undefined) return;
    for (const link of links) if (!link.isOpen()) links.delete(link);
    let offering = [...links];
    while (offering.length > 0) offering = offering.filter((link) => link.offer());
  };

  return {
    attach: (path, link) => {
      const links = linksByPath.get(path) ?? new Set();
      linksByPath.set(path, links.add(link));
    },
    // Not at once: the broker may be in the middle of a change, and many messages often arrive together.
    run: (path) => {
      if (waiting.has(path)) return;
      waiting.add(path);
      queueMicrotask(() => {
        waiting.delete(path);
        run(path);
      });
    },
  };
}

const outcomes = ['accepted', 'released', 'modified', 'rejected'] as const;

/** Value of the attach field that asks for messages settled by the sender, which is receive-and-delete. */
const settledBySender = 1;

/** Serves one attached receiver. Its locks outlive it: closing a receiver does not free them. */
export function serveReceiver(link: Sender, entity: Entity, pump: Pump, now: () => number): void {
  const mode = link.snd_settle_mode === settledBySender ? 'receive-and-delete' : 'peek-lock';

  const offer = (): boolean => {
    if (!link.is_open() || roomOf(link) <= 0) return false;
    const delivered = entity.subqueue.receive(mode, now());
    if (delivered === undefined) return false;
    const bytes = writeDelivered(delivered.message, delivered.message.deliveries - 1, delivered.lockedUntil);
    const tag = delivered.lockToken === undefined ? undefined : Buffer.from(delivered.lockToken, 'hex');
    link.send(bytes, tag, 0);
    return true;
  };

  const settle = (delivery: Delivery, kind: (typeof outcomes)[number]): void => {
    const settlement = settlementOfOutcome(kind, delivery.remote_state);
    const result = entity.subqueue.settle(Buffer.from(delivery.tag as Buffer).toString('hex'), settlement, now());
    if (result === 'settled') answerAccepted(delivery);
    else if (result === 'lock-lost') answerRejected(delivery, lockLost);
    else answerRejected(delivery, { condition: 'amqp:not-allowed', description: 'A dead-lettered message stays where it is.' });
    forgetDelivery(delivery);
  };

  for (const kind of outcomes) {
    link.on(kind, ({ delivery }: EventContext) => {
      if (delivery !== undefined && mode === 'peek-lock') settle(delivery, kind);
    });
  }
  afterFlow(link.session, () => {
    while (offer());
  });
  // Answering "drained" gives up what credit is left, so that no message is pushed to a receiver that has stopped waiting.
  link.on('sender_draining', () => {
    while (offer());
    link.set_drained(true);
  });
  pump.attach(entity.path, { isOpen: () => link.is_open(), offer });
}

/** What the service answers when a lock has ended or its message is gone. */
export const lockLost = {
  condition: 'com.microsoft:message-lock-lost',
  description: 'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
} as const;
