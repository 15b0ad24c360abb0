// Translates what receivers decide, from AMQP outcomes and management requests, into the broker's terms.

import type { AddedProperties, Settlement } from './message.ts';

type Outcome = Readonly<Record<string, unknown>> | undefined;

/** Property values a receiver may change; anything but a plain value is written as JSON text. */
function toAddedProperties(map: unknown): AddedProperties {
  const entries = Object.entries((map ?? {}) as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
      return [name, isPlain ? (value as string | number | boolean | null) : JSON.stringify(value)];
    }),
  );
}

/**
 * Reads an AMQP outcome, as the SDK sends it: accepted completes, released and modified abandon, modified with
 * undeliverable-here defers, rejected dead-letters with the reason in the error's info map.
 */
export function settlementOfOutcome(kind: 'accepted' | 'released' | 'modified' | 'rejected', outcome: Outcome): Settlement {
  switch (kind) {
    case 'accepted':
      return { kind: 'complete' };
    case 'released':
      return { kind: 'abandon', added: {} };
    case 'modified': {
      const added = toAddedProperties(outcome?.['message_annotations']);
      return { kind: outcome?.['undeliverable_here'] === true ? 'defer' : 'abandon', added };
    }
    case 'rejected':
    default:
      return { kind: 'dead-letter', added: toAddedProperties((outcome?.['error'] as Outcome)?.['info']) };
  }
}

/** Reads the body of an update-disposition request; undefined when its status is unknown. "defered" is spelled so on the wire. */
export function settlementOfRequest(body: Readonly<Record<string, unknown>>): Settlement | undefined {
  const added = toAddedProperties(body['properties-to-modify']);
  switch (body['disposition-status']) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', added };
    case 'defered':
      return { kind: 'defer', added };
    case 'suspended': {
      const reason = { DeadLetterReason: body['deadletter-reason'], DeadLetterErrorDescription: body['deadletter-description'] };
      const given = Object.entries(reason).filter(([, value]) => value !== undefined && value !== null);
      return { kind: 'dead-letter', added: { ...added, ...toAddedProperties(Object.fromEntries(given)) } };
    }
    default:
      return undefined;
  }
}
