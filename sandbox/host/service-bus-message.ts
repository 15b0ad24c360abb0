// How a Service Bus message looks to a triggered function, and how an output binding's value becomes messages.
import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import type { TypedData } from './core-types.ts';

/** The trigger's value: JSON when the body is JSON, text when it is text, bytes otherwise. */
export function triggerDataOf(body: unknown): TypedData {
  if (!(body instanceof Uint8Array)) return { json: JSON.stringify(body ?? null) };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return { bytes: body };
  }
  try {
    JSON.parse(text);
    return { json: text };
  } catch {
    return { string: text };
  }
}

/** The part of a received message that ends up in the trigger metadata. */
export type DeliveredMessage = Omit<ServiceBusReceivedMessage, 'body' | '_rawAmqpMessage' | 'state'>;

/** The trigger's metadata, with the names the Azure extension uses. The library changes them to camel case for the handler. */
export function triggerMetadataOf(message: DeliveredMessage): Readonly<Record<string, TypedData>> {
  const properties = message.applicationProperties ?? {};
  const values: Record<string, unknown> = {
    MessageId: message.messageId,
    // The SDK counts earlier deliveries, the extension counts this one too.
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    SequenceNumber: Number(message.sequenceNumber ?? 0),
    EnqueuedSequenceNumber: message.enqueuedSequenceNumber,
    EnqueuedTimeUtc: message.enqueuedTimeUtc,
    ExpiresAtUtc: message.expiresAtUtc,
    LockedUntil: message.lockedUntilUtc,
    LockToken: message.lockToken,
    ContentType: message.contentType,
    CorrelationId: message.correlationId,
    Subject: message.subject,
    Label: message.subject,
    ReplyTo: message.replyTo,
    ReplyToSessionId: message.replyToSessionId,
    To: message.to,
    SessionId: message.sessionId,
    PartitionKey: message.partitionKey,
    DeadLetterSource: message.deadLetterSource,
    ApplicationProperties: properties,
    UserProperties: properties,
  };
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, metadataValue(value)]));
}

function metadataValue(value: unknown): TypedData {
  return typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) };
}

/** The messages an output binding sends: a list gives one message per entry. */
export function messagesOf(data: TypedData): readonly ServiceBusMessage[] {
  if (data.collectionString !== undefined) return data.collectionString.string.map(textMessage);
  if (data.collectionBytes !== undefined) return data.collectionBytes.bytes.map(bytesMessage);
  if (data.bytes !== undefined) return [bytesMessage(data.bytes)];
  if (data.string !== undefined) return [textMessage(data.string)];
  if (data.json === undefined) return [textMessage(String(data.int ?? data.double ?? ''))];
  const value: unknown = JSON.parse(data.json);
  if (!Array.isArray(value)) return [jsonMessage(data.json)];
  return value.map((entry: unknown) => (typeof entry === 'string' ? textMessage(entry) : jsonMessage(JSON.stringify(entry))));
}

function textMessage(text: string): ServiceBusMessage {
  return { body: Buffer.from(text), contentType: 'text/plain' };
}

function jsonMessage(text: string): ServiceBusMessage {
  return { body: Buffer.from(text), contentType: 'application/json' };
}

function bytesMessage(bytes: Uint8Array): ServiceBusMessage {
  return { body: Buffer.from(bytes), contentType: 'application/octet-stream' };
}
