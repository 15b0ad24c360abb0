import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSentMessage, writeDelivered } from './codec.ts';
import type { QueuedMessage } from './message.ts';
import { messageCodec } from './rhea-internals.ts';
import { splitSections } from './sections.ts';

/** The message a queue would hold after this was sent. */
function queue(content: Buffer): QueuedMessage {
  const counts = { sequence: 7, enqueuedSequence: 7, enqueuedAt: 1000, expiresAt: undefined, deliveries: 1 } as const;
  return { ...readSentMessage(content), ...counts, state: 'active', deadLettered: false, added: {} };
}

const fields = fc.record({
  message_id: fc.oneof(
    fc.constant(undefined),
    fc.string(),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
  ),
  subject: fc.oneof(fc.constant(undefined), fc.string({ maxLength: 300 })),
  ttl: fc.oneof(fc.constant(undefined), fc.nat()),
  body: fc.oneof(fc.string({ maxLength: 400 }), fc.integer(), fc.dictionary(fc.string(), fc.string())),
  application_properties: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.boolean())),
});

it('passes everything a sender wrote through unchanged, whatever it is', () => {
  fc.assert(
    fc.property(fields, (message) => {
      const sentBytes = messageCodec.encode(message);
      const deliveredBytes = writeDelivered(queue(sentBytes), 0, 2000);
      const sections = (bytes: Buffer) => splitSections(bytes).filter(({ code }) => code > 0x73);
      expect(sections(deliveredBytes)).toEqual(sections(sentBytes));
      const delivered = messageCodec.decode(deliveredBytes);
      const original = messageCodec.decode(sentBytes);
      expect(delivered).toMatchObject({ ...original, delivery_count: 0 });
      expect(delivered['message_id']).toEqual(original['message_id'] ?? expect.stringMatching(/^[\da-f-]{36}$/));
    }),
  );
});

it('refuses bytes that are no message, without ever hanging', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      try {
        splitSections(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
  expect(() => readSentMessage(Buffer.from('not AMQP'))).toThrow('does not begin with a descriptor');
});
