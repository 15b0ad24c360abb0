// What reports of the mail service mean, and that the same is known in the end whatever order they come in.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressEvidence,
  addressKey,
  addressProblem,
  type Delivery,
  deliveryOutcomes,
  explainDelivery,
  laterDelivery,
  outcomeOf,
} from '../../shared/domain/mail-delivery.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 8, minute)).toISOString();
const delivery = (outcome: Delivery['outcome'], minute = 0): Delivery => ({ outcome, at: at(minute), detail: null });

describe('a status', () => {
  it.each([
    ['Delivered', 'delivered', 'works'],
    ['Bounced', 'bounced', 'refused'],
    ['Suppressed', 'suppressed', 'refused'],
    ['Quarantined', 'quarantined', null],
    ['FilteredSpam', 'filteredSpam', null],
    ['Failed', 'failed', null],
    ['SomethingNew', 'failed', null],
    ['bounced', 'bounced', 'refused'],
  ] as const)('%s is %s, and says of the address: %s', (status, outcome, evidence) => {
    expect(outcomeOf(status)).toBe(outcome);
    expect(addressEvidence[outcome]).toBe(evidence);
    expect(addressProblem(delivery(outcome)) === null).toBe(evidence !== 'refused');
  });

  it('Expanded says nothing yet', () => {
    expect(outcomeOf('Expanded')).toBeNull();
  });

  it('has a sentence of its own', () => {
    expect(new Set(deliveryOutcomes.map((outcome) => explainDelivery({ outcome }))).size).toBe(deliveryOutcomes.length);
  });
});

describe('what is known', () => {
  it('is what came last by the time of the attempt, and the worse of two at the same time', () => {
    expect(laterDelivery(undefined, delivery('bounced'))).toEqual(delivery('bounced'));
    expect(laterDelivery(delivery('bounced', 1), delivery('delivered', 2))).toEqual(delivery('delivered', 2));
    expect(laterDelivery(delivery('delivered', 2), delivery('bounced', 1))).toBeUndefined();
    expect(laterDelivery(delivery('delivered', 1), delivery('bounced', 1))).toEqual(delivery('bounced', 1));
    expect(laterDelivery(delivery('bounced', 1), delivery('delivered', 1))).toBeUndefined();
    expect(laterDelivery(delivery('bounced', 1), delivery('bounced', 1))).toBeUndefined();
  });

  it('is the same in the end, in any order and however often each report comes', () => {
    const report = fc.record({
      outcome: fc.constantFrom(...deliveryOutcomes),
      at: fc.integer({ min: 0, max: 3 }).map(at),
      detail: fc.constantFrom(null, 'one', 'two'),
    });
    const inAnyOrder = fc
      .array(report, { minLength: 1, maxLength: 8 })
      .chain((reports) => fc.tuple(fc.constant(reports), fc.shuffledSubarray([...reports, ...reports], { minLength: reports.length * 2 })));
    const inTheEnd = (reports: readonly Delivery[]) =>
      reports.reduce<Delivery | undefined>((known, next) => laterDelivery(known, next) ?? known, undefined);
    fc.assert(
      fc.property(inAnyOrder, ([reports, shuffled]) => {
        expect(inTheEnd(shuffled)).toEqual(inTheEnd(reports));
      }),
    );
  });
});

it('tells addresses apart by everything but upper and lower case', () => {
  expect(addressKey(' Ada@Contoso.example ')).toBe(addressKey('ada@contoso.EXAMPLE'));
  expect(addressKey('adá@contoso.example')).not.toBe(addressKey('ada@contoso.example'));
});
