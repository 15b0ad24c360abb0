// The parts of rhea its type declarations leave out. Everything that leans on rhea's insides is here; rhea is pinned to 3.0.5 for it.

import rhea, { type Connection, type Delivery, type EventContext, type Receiver, type Sender, type Session } from 'rhea';

/** An AMQP value together with its encoding; a map's value is keys and values in turn. */
export interface TypedValue {
  value: unknown;
  readonly type: { readonly typecode: number };
  readonly descriptor?: TypedValue;
}

interface AmqpTypes {
  readonly Reader: new (buffer: Buffer) => { readonly read: () => TypedValue };
  readonly Writer: new () => { readonly write: (value: TypedValue) => void; readonly toBuffer: () => Buffer };
  readonly wrap: (value: unknown) => TypedValue;
  readonly wrap_int: (value: number) => TypedValue;
  readonly wrap_uint: (value: number) => TypedValue;
  readonly wrap_ulong: (value: number) => TypedValue;
  readonly wrap_long: (value: number) => TypedValue;
  readonly wrap_string: (value: string) => TypedValue;
  readonly wrap_symbol: (value: string) => TypedValue;
  readonly wrap_timestamp: (value: number) => TypedValue;
  readonly wrap_uuid: (value: Buffer) => TypedValue;
  readonly wrap_list: (items: readonly unknown[]) => TypedValue;
  readonly wrap_array: (items: readonly unknown[], typecode: number) => TypedValue;
  readonly Map32: (keysAndValues: readonly TypedValue[]) => TypedValue;
  readonly described: (descriptor: TypedValue, value: TypedValue) => TypedValue;
}

export const types = rhea.types as unknown as AmqpTypes;

/** An AMQP error: a condition such as `amqp:not-found` and a sentence. */
export interface AmqpCondition {
  readonly condition: string;
  readonly description: string;
}

interface Outcome {
  readonly described: () => unknown;
}

interface MessageCodec {
  readonly accepted: () => Outcome;
  readonly rejected: (fields: { readonly error: AmqpCondition }) => Outcome;
  readonly encode: (message: object) => Buffer;
  readonly decode: (buffer: Buffer) => Readonly<Record<string, unknown>>;
}

export const messageCodec = rhea.message as unknown as MessageCodec;

/** Settles a delivery with success; Service Bus answers every carried-out decision with "accepted". */
export function answerAccepted(delivery: Delivery): void {
  delivery.update(true, messageCodec.accepted().described());
}

/** Settles a delivery with an error the SDK turns into a ServiceBusError. */
export function answerRejected(delivery: Delivery, error: AmqpCondition): void {
  delivery.update(true, messageCodec.rejected({ error }).described());
}

/** The SDK never answers the settlement of something it received; without this rhea would keep the delivery for ever. */
export function forgetDelivery(delivery: Delivery): void {
  (delivery as { remote_settled: boolean }).remote_settled = true;
}

interface TransferFrame {
  readonly performative: { message_format?: number | null };
}

interface SessionInternals {
  readonly outgoing: {
    readonly next_delivery_id: number;
    readonly next_pending_delivery: number;
    readonly available: () => number;
    readonly transfer_window: () => number;
  };
  readonly incoming: { on_transfer: (frame: TransferFrame, receiver: unknown) => void };
}

/** The message format of a batch: an envelope whose data sections are encoded messages. */
const batchFormat = 0x80_01_37_00;

const undecodedFormat = 0x7f_ff_ff_ff;

/** Makes this session hand over every message as the bytes that came in, instead of decoding single ones. */
export function keepTransfersUndecoded(session: Session): void {
  const { incoming } = session as unknown as SessionInternals;
  const onTransfer = incoming.on_transfer.bind(incoming);
  incoming.on_transfer = (frame, receiver) => {
    if (frame.performative.message_format === 0) frame.performative.message_format = undecodedFormat;
    onTransfer(frame, receiver);
  };
}

/**
 * Calls back after every flow frame of a session. Rhea itself reports only those that name a link, but one that names none
 * opens the peer's window, and messages that wait for it can then be sent.
 */
export function afterFlow(session: Session, listener: () => void): void {
  const internals = session as unknown as { on_flow: (frame: unknown) => void };
  const onFlow = internals.on_flow.bind(session);
  internals.on_flow = (frame) => {
    onFlow(frame);
    listener();
  };
}

/** The bytes and format of a message received on a session that keeps transfers undecoded. */
export function receivedBytes(context: EventContext): { readonly content: Buffer; readonly isBatch: boolean } {
  const { message, format } = context as unknown as { readonly message: Buffer; readonly format?: number };
  return { content: message, isBatch: format === batchFormat };
}

/**
 * How many messages this link can take now: its credit, bounded by the session's buffer and the peer's window, less what
 * waits unsent. Without the window, messages would end locked but undelivered.
 */
export function roomOf(link: Sender): number {
  const { outgoing } = link.session as unknown as SessionInternals;
  const { credit } = link as unknown as { readonly credit: number };
  const unsent = outgoing.next_delivery_id - outgoing.next_pending_delivery;
  return Math.min(credit, outgoing.available(), outgoing.transfer_window()) - unsent;
}

/** Fields of the attach frame the server answers with; it goes out on the next tick, so all set within the event is in time. */
export function answerAttach(link: Sender | Receiver, fields: Readonly<Record<string, unknown>>): void {
  Object.assign((link as unknown as { readonly local: { readonly attach: object } }).local.attach, fields);
}

/** Cuts a connection without the closing handshake, as a dying broker would, and stops its heartbeat. */
export function cutConnection(connection: Connection): void {
  const internals = connection as unknown as { readonly socket: unknown; readonly abort_socket: (socket: unknown) => void };
  internals.abort_socket(internals.socket);
}
