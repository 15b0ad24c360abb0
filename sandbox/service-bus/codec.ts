// Reads from a sent message what the broker must know, and writes what the broker knows into a delivered one.

import { randomUUID } from 'node:crypto';
import type { QueuedMessage, SentMessage } from './message.ts';
import { type TypedValue, types } from './rhea-internals.ts';
import { readData, readItems, type Section, sectionCode, splitSections, writeSection } from './sections.ts';

/** Places of fields in their sections' lists, AMQP 1.0 part 3 sections 3.2.1 and 3.2.4. */
const headerField = { timeToLive: 2, deliveryCount: 4 } as const;
const propertiesField = { messageId: 0 } as const;

/** The header has 32 bits for it. */
const longestTimeToLiveMs = 2 ** 32 - 1;

/** Annotations Service Bus sets itself; a sender's own are replaced. */
const brokerAnnotations = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-enqueue-sequence-number',
]);

/** As the service numbers them in `x-opt-message-state`. */
const stateNumber = { active: 0, deferred: 1, scheduled: 2 } as const;

function findSection(sections: readonly Section[], code: number): Section | undefined {
  return sections.find((section) => section.code === code);
}

function pairs(items: readonly TypedValue[]): readonly (readonly [key: TypedValue, value: TypedValue])[] {
  return items.flatMap((key, index) => {
    const value = items[index + 1];
    return index % 2 === 0 && value !== undefined ? [[key, value] as const] : [];
  });
}

function toMillis(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : undefined;
}

/** A message id as text: AMQP allows strings, numbers, binary and uuids. */
function toMessageId(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return value.toString();
  return Buffer.isBuffer(value) ? value.toString('hex') : undefined;
}

function withMessageId(sections: readonly Section[], messageId: string): Buffer {
  const [, ...others] = readItems(findSection(sections, sectionCode.properties));
  const properties = writeSection(sectionCode.properties, types.wrap_list([types.wrap_string(messageId), ...others]));
  const isBefore = ({ code }: Section): boolean => code < sectionCode.properties;
  const isAfter = ({ code }: Section): boolean => code > sectionCode.properties;
  const bytes = ({ bytes: sectionBytes }: Section): Buffer => sectionBytes;
  return Buffer.concat([...sections.filter(isBefore).map(bytes), properties, ...sections.filter(isAfter).map(bytes)]);
}

/**
 * Reads an encoded message. One without a message id is given one, as the service does; the SDK cannot settle it otherwise.
 * @throws RangeError when the bytes are not an AMQP message.
 */
export function readSentMessage(content: Buffer): SentMessage {
  const sections = splitSections(content);
  const given = readItems(findSection(sections, sectionCode.properties))[propertiesField.messageId]?.value;
  const timeToLive = readItems(findSection(sections, sectionCode.header))[headerField.timeToLive]?.value;
  const annotations = pairs(readItems(findSection(sections, sectionCode.messageAnnotations)));
  const scheduled = annotations.find(([key]) => key.value === 'x-opt-scheduled-enqueue-time')?.[1].value;
  const givenId = toMessageId(given);
  const messageId = givenId ?? randomUUID();
  return {
    messageId,
    // A copy: the bytes belong to the socket's buffer, which would be kept as a whole.
    content: givenId !== undefined ? Buffer.from(content) : withMessageId(sections, messageId),
    timeToLiveMs: toMillis(timeToLive),
    scheduledFor: toMillis(scheduled),
  };
}

/**
 * Reads a batch: every data section of the envelope is one encoded message.
 * @throws RangeError when the bytes are not such an envelope.
 */
export function readBatch(envelope: Buffer): readonly SentMessage[] {
  return splitSections(envelope)
    .filter(({ code }) => code === sectionCode.data)
    .map((section) => readSentMessage(readData(section)));
}

function writeHeader(section: Section | undefined, message: QueuedMessage, deliveryCount: number): Buffer {
  const items: unknown[] = [...readItems(section)];
  while (items.length <= headerField.deliveryCount) items.push(null);
  if (message.timeToLiveMs !== undefined)
    items[headerField.timeToLive] = types.wrap_uint(Math.min(message.timeToLiveMs, longestTimeToLiveMs));
  items[headerField.deliveryCount] = types.wrap_uint(deliveryCount);
  return writeSection(sectionCode.header, types.wrap_list(items));
}

function writeAnnotations(section: Section | undefined, message: QueuedMessage, lockedUntil: number | undefined): Buffer {
  const kept = pairs(readItems(section)).filter(([key]) => !brokerAnnotations.has(String(key.value)));
  const own: (readonly [string, TypedValue])[] = [
    ['x-opt-sequence-number', types.wrap_long(message.sequence)],
    ['x-opt-enqueue-sequence-number', types.wrap_long(message.enqueuedSequence)],
    ['x-opt-enqueued-time', types.wrap_timestamp(message.enqueuedAt)],
    ['x-opt-message-state', types.wrap_int(stateNumber[message.state])],
  ];
  if (lockedUntil !== undefined) own.push(['x-opt-locked-until', types.wrap_timestamp(lockedUntil)]);
  const items = [...kept.flat(), ...own.flatMap(([key, value]) => [types.wrap_symbol(key), value])];
  return writeSection(sectionCode.messageAnnotations, types.Map32(items));
}

function writeApplicationProperties(section: Section | undefined, message: QueuedMessage): readonly Buffer[] {
  const added = Object.entries(message.added);
  if (added.length === 0) return section === undefined ? [] : [section.bytes];
  const names = new Set(Object.keys(message.added));
  const kept = pairs(readItems(section)).filter(([key]) => !names.has(String(key.value)));
  const items = [...kept.flat(), ...added.flatMap(([name, value]) => [types.wrap_string(name), types.wrap(value)])];
  return [writeSection(sectionCode.applicationProperties, types.Map32(items))];
}

/**
 * Encodes a message for a receiver.
 * @param deliveryCount deliveries before this one; for a peek, all deliveries so far.
 * @param lockedUntil end of the lock in milliseconds; undefined when nothing is locked.
 */
export function writeDelivered(message: QueuedMessage, deliveryCount: number, lockedUntil: number | undefined): Buffer {
  const { buffer, byteOffset, byteLength } = message.content;
  const sections = splitSections(Buffer.from(buffer, byteOffset, byteLength));
  const rest = sections.filter(({ code }) => code > sectionCode.applicationProperties);
  const properties = findSection(sections, sectionCode.properties);
  return Buffer.concat([
    writeHeader(findSection(sections, sectionCode.header), message, deliveryCount),
    writeAnnotations(findSection(sections, sectionCode.messageAnnotations), message, lockedUntil),
    ...(properties === undefined ? [] : [properties.bytes]),
    ...writeApplicationProperties(findSection(sections, sectionCode.applicationProperties), message),
    ...rest.map(({ bytes }) => bytes),
  ]);
}
