import { expect, test } from 'vitest';
import { messagesOf, triggerDataOf, triggerMetadataOf } from './service-bus-message.ts';

test('a body is JSON when it parses, text when it is UTF-8, bytes otherwise', () => {
  expect(triggerDataOf(Buffer.from('{"a":1}'))).toEqual({ json: '{"a":1}' });
  expect(triggerDataOf(Buffer.from('grüß dich'))).toEqual({ string: 'grüß dich' });
  expect(triggerDataOf(Buffer.from([0xc3]))).toEqual({ bytes: Buffer.from([0xc3]) });
  expect(triggerDataOf(undefined)).toEqual({ json: 'null' });
});

test('metadata counts deliveries from one and leaves out what the message does not have', () => {
  expect(triggerMetadataOf({ messageId: 'm', deliveryCount: 2, enqueuedTimeUtc: new Date(0) })).toEqual({
    MessageId: { string: 'm' },
    DeliveryCount: { json: '3' },
    SequenceNumber: { json: '0' },
    EnqueuedTimeUtc: { json: '"1970-01-01T00:00:00.000Z"' },
    ApplicationProperties: { json: '{}' },
    UserProperties: { json: '{}' },
  });
});

test('a list from an output binding gives a message each, with its kind of content', () => {
  expect(messagesOf({ json: '["a",{"b":1}]' })).toEqual([
    { body: Buffer.from('a'), contentType: 'text/plain' },
    { body: Buffer.from('{"b":1}'), contentType: 'application/json' },
  ]);
  expect(messagesOf({ bytes: Uint8Array.of(1) })).toEqual([{ body: Buffer.of(1), contentType: 'application/octet-stream' }]);
});
