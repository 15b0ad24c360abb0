// What the stand-in knows about a message besides its bytes. The broker and the store share these shapes; AMQP stays in the codec.

/** Where a message stands. A locked message keeps its state; the lock is kept apart, in memory only. */
export type MessageState = 'active' | 'scheduled' | 'deferred';

/** Application properties the broker adds on delivery: dead-letter reasons and "properties to modify". */
export type AddedProperties = Readonly<Record<string, string | number | boolean | null>>;

/** A message as a sender handed it over. Times and durations are milliseconds. */
export interface SentMessage {
  readonly messageId: string;
  /** The encoded AMQP message, unchanged. */
  readonly content: Uint8Array;
  readonly timeToLiveMs: number | undefined;
  /** When it shall become active; absent or past means at once. */
  readonly scheduledFor: number | undefined;
}

/** A message a queue holds. Records are replaced, never changed in place. */
export interface QueuedMessage extends SentMessage {
  /** Its place in the queue. A scheduled message gets a new one when it becomes active. */
  readonly sequence: number;
  /** The number it was accepted under. */
  readonly enqueuedSequence: number;
  readonly state: MessageState;
  readonly deadLettered: boolean;
  readonly enqueuedAt: number;
  readonly expiresAt: number | undefined;
  /** How often it was handed to a receiver, the present delivery included. */
  readonly deliveries: number;
  readonly added: AddedProperties;
}

/** A message handed to a receiver; without a lock token it is already gone from the queue (receive-and-delete). */
export interface Delivered {
  readonly message: QueuedMessage;
  readonly lockToken: string | undefined;
  readonly lockedUntil: number | undefined;
}

export type ReceiveMode = 'peek-lock' | 'receive-and-delete';

/** What a receiver decided about a locked message. */
export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly added: AddedProperties }
  | { readonly kind: 'defer'; readonly added: AddedProperties }
  | { readonly kind: 'dead-letter'; readonly added: AddedProperties };

/** How a queue behaves; see `ServiceBusQueue` in server.ts for the defaults. Durations are milliseconds. */
export interface QueueSettings {
  readonly name: string;
  readonly maxDeliveryCount: number;
  readonly lockDurationMs: number;
  /** 0 switches duplicate detection off. */
  readonly duplicateDetectionWindowMs: number;
  readonly defaultTtlMs: number | undefined;
  readonly deadLetterOnExpiration: boolean;
}
