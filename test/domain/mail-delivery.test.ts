// What reports of the mail service mean, and that the same is known in the end whatever order they come in.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressEvidence,
  addressKey,
  addressProblem,
  afterReport,
  type Delivery,
  deliveryOutcomes,
  explainDelivery,
  explainRetry,
  isTriedAgain,
  type KnownAddress,
  laterDelivery,
  outcomeOf,
  tryAgain,
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
    expect(addressProblem({ last: delivery(outcome) }) === null).toBe(evidence !== 'refused');
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

describe('an address that is tried again', () => {
  const triedAt = new Date(at(5));
  const retried: KnownAddress = { last: delivery('bounced', 3), tryAgainFrom: at(5) };

  it.each([
    ['bounced', 4, false],
    ['suppressed', 4, false],
    ['delivered', 4, false],
    ['bounced', 5, false],
    ['suppressed', 5, false],
    ['delivered', 6, false],
    ['bounced', 6, true],
    ['suppressed', 6, true],
  ] as const)('and then %s at minute %i is marked: %s', (outcome, minute, isMarked) => {
    expect(addressProblem(afterReport(retried, delivery(outcome, minute))) !== null).toBe(isMarked);
  });

  it.each([
    ['nothing was heard of', undefined],
    ['takes mail', { last: delivery('delivered', 3) }],
    ['is tried again already', retried],
  ] as const)('changes nothing when it %s', (_, known) => {
    expect(tryAgain(known, triedAt)).toBeUndefined();
    expect(addressProblem(known)).toBeNull();
  });

  it('keeps what came back, and counts also what came back by a clock ahead of ours', () => {
    expect(tryAgain({ last: delivery('bounced', 3) }, triedAt)).toEqual(retried);
    expect(tryAgain({ last: delivery('bounced', 9) }, triedAt)).toEqual({ last: delivery('bounced', 9), tryAgainFrom: at(9) });
    expect(tryAgain({ ...retried, last: delivery('bounced', 7) }, new Date(at(8)))).toMatchObject({ tryAgainFrom: at(8) });
  });

  it.each([
    ['bounced', /^Mail goes to this address again.*for a day(?!.*operator)/],
    ['suppressed', /^Mail goes to this address again.*list of its own.*operator/],
  ] as const)('after %s says what may keep mail from arriving', (outcome, words) => {
    const known = tryAgain({ last: delivery(outcome) }, triedAt);
    expect(isTriedAgain(known)).toBe(true);
    expect(explainRetry(known)).toMatch(words);
  });

  it.each([undefined, { last: delivery('delivered', 7), tryAgainFrom: at(5) }, { last: delivery('suppressed', 7), tryAgainFrom: at(5) }])(
    'is no such one any more: %j',
    (known) => {
      expect(isTriedAgain(known)).toBe(false);
    },
  );

  it('is marked exactly when the newest report after the last try says so, in any order of reports and tries', () => {
    const minute = fc.integer({ min: 0, max: 9 });
    const report = fc.record({
      outcome: fc.constantFrom(...deliveryOutcomes.filter((outcome) => addressEvidence[outcome] !== null)),
      at: minute.map(at),
      detail: fc.constantFrom(null, 'one'),
    });
    const event = fc.oneof({ weight: 3, arbitrary: report }, { weight: 1, arbitrary: minute.map((time) => new Date(at(time))) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        let known: KnownAddress | undefined;
        const reports: Delivery[] = [];
        let lastTry = '';
        const newest = () => reports.reduce((found, { at: time }) => (time > found ? time : found), '');
        // At the same instant the worse one counts.
        const isMarked = () =>
          newest() > lastTry && reports.some(({ outcome, at: time }) => time === newest() && addressEvidence[outcome] === 'refused');
        for (const each of events) {
          if (!(each instanceof Date)) {
            known = afterReport(known, each) ?? known;
            reports.push(each);
          } else {
            known = tryAgain(known, each) ?? known;
            // Only what is marked can be tried again.
            if (isMarked()) lastTry = [each.toISOString(), newest()].toSorted().at(-1) ?? '';
          }
          expect(addressProblem(known) !== null).toBe(isMarked());
        }
      }),
    );
  });
});

it('tells addresses apart by everything but upper and lower case', () => {
  expect(addressKey(' Ada@Contoso.example ')).toBe(addressKey('ada@contoso.EXAMPLE'));
  expect(addressKey('adá@contoso.example')).not.toBe(addressKey('ada@contoso.example'));
});
