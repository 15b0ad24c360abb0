// The $management operations of a queue: schedule, cancel, renew, peek, receive deferred, settle without a link.

import type { Entity } from './broker.ts';
import { readSentMessage, writeDelivered } from './codec.ts';
import type { Delivered } from './message.ts';
import { type AmqpCondition, types } from './rhea-internals.ts';
import { lockLost } from './receiving.ts';
import { settlementOfRequest } from './settlement.ts';

/** The answer to a management request; `status` is an HTTP-like code. */
export interface ManagementReply {
  readonly status: number;
  readonly description: string;
  readonly condition?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface ManagementRequest {
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
}

type Operation = (entity: Entity, body: ManagementRequest['body'], now: number) => ManagementReply;

const longCode = 0x81;
const timestampCode = 0x83;

const ok = (body?: ManagementReply['body']): ManagementReply => ({ status: 200, description: 'OK', ...(body && { body }) });
const refusal = (status: number, { condition, description }: AmqpCondition): ManagementReply => ({ status, description, condition });
const notFound = refusal(404, { condition: 'com.microsoft:message-not-found', description: 'A message with this number does not exist.' });
const badRequest = (description: string): ManagementReply => refusal(400, { condition: 'amqp:invalid-field', description });

function toNumber(value: unknown): number {
  return Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value ?? 0);
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The SDK names a lock by its token with the first three groups reversed (.NET byte order), but not for deferred messages. */
function tokenForms(uuid: unknown): readonly string[] {
  const bytes = uuid as Buffer;
  const reordered = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((index) => bytes[index] ?? 0);
  return [bytes.toString('hex'), Buffer.from(reordered).toString('hex')];
}

function firstDefined<Result>(forms: readonly string[], attempt: (token: string) => Result | undefined): Result | undefined {
  return forms.map(attempt).find((result) => result !== undefined);
}

function deferredEntry({ message, lockToken, lockedUntil }: Delivered): Readonly<Record<string, unknown>> {
  const encoded = writeDelivered(message, message.deliveries - 1, lockedUntil);
  return { message: encoded, ...(lockToken !== undefined && { 'lock-token': types.wrap_uuid(Buffer.from(lockToken, 'hex')) }) };
}

const operations: Readonly<Record<string, Operation>> = {
  'com.microsoft:schedule-message': ({ queue, isDeadLetterQueue }, body, now) => {
    if (isDeadLetterQueue) return refusal(400, { condition: 'amqp:not-allowed', description: 'A dead-letter queue takes no messages.' });
    const entries = toList(body['messages']) as readonly { readonly message: Buffer }[];
    const sequences = queue.accept(
      entries.map(({ message }) => readSentMessage(message)),
      now,
    );
    return ok({ 'sequence-numbers': types.wrap_array(sequences, longCode) });
  },

  'com.microsoft:cancel-scheduled-message': ({ subqueue }, body, now) =>
    subqueue.cancelScheduled(toList(body['sequence-numbers']).map(toNumber), now) ? ok() : notFound,

  'com.microsoft:renew-lock': ({ subqueue }, body, now) => {
    const ends = toList(body['lock-tokens']).map((uuid) => firstDefined(tokenForms(uuid), (token) => subqueue.renew(token, now)));
    if (ends.includes(undefined)) return refusal(410, lockLost);
    return ok({ expirations: types.wrap_array(ends, timestampCode) });
  },

  'com.microsoft:peek-message': ({ subqueue }, body, now) => {
    const found = subqueue.peek(toNumber(body['from-sequence-number']), toNumber(body['message-count']), now);
    if (found.length === 0) return { status: 204, description: 'No content' };
    return ok({ messages: found.map((message) => ({ message: writeDelivered(message, message.deliveries, undefined) })) });
  },

  'com.microsoft:receive-by-sequence-number': ({ subqueue }, body, now) => {
    const mode = toNumber(body['receiver-settle-mode']) === 0 ? 'receive-and-delete' : 'peek-lock';
    const delivered = subqueue.receiveDeferred(toList(body['sequence-numbers']).map(toNumber), mode, now);
    return delivered === undefined ? notFound : ok({ messages: delivered.map(deferredEntry) });
  },

  'com.microsoft:update-disposition': ({ subqueue }, body, now) => {
    const settlement = settlementOfRequest(body);
    if (settlement === undefined) return badRequest('The disposition status is unknown.');
    for (const uuid of toList(body['lock-tokens'])) {
      const results = tokenForms(uuid).map((token) => subqueue.settle(token, settlement, now));
      if (results.includes('not-allowed')) return badRequest('A dead-lettered message stays where it is.');
      if (!results.includes('settled')) return refusal(410, lockLost);
    }
    return ok();
  },
};

/** Carries out a management request. Sessions, rules and anything unknown are answered with 501. */
export function manage(entity: Entity, { operation, body }: ManagementRequest, now: number): ManagementReply {
  const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  if (run === undefined)
    return refusal(501, { condition: 'amqp:not-implemented', description: `The stand-in does not support "${operation}".` });
  try {
    return run(entity, body, now);
  } catch (error) {
    return badRequest(error instanceof Error ? error.message : String(error));
  }
}
