// What failures to sign in cost: nothing for slips, and more and more for guessing.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountRule,
  addressRule,
  afterFailure,
  type AttemptRule,
  type Attempts,
  waitBefore,
} from '../../shared/domain/sign-in-attempts.ts';

const start = new Date('2026-03-02T08:00:00Z');
const later = (milliseconds: number) => new Date(start.getTime() + milliseconds);

function failing(times: number, rule: AttemptRule, now = start): Attempts | undefined {
  let attempts: Attempts | undefined;
  for (let time = 0; time < times; time += 1) attempts = afterFailure(attempts, rule, now);
  return attempts;
}

describe('an account', () => {
  it.each([
    [0, 0],
    [4, 0],
    [5, 1_000],
    [6, 2_000],
    [9, 16_000],
    [14, 512_000],
    [15, 900_000],
    [1_000, 900_000],
  ])('after %i failures waits %i ms', (failures, wait) => {
    expect(waitBefore(failing(failures, accountRule), accountRule, start)).toBe(wait);
  });

  it('may be tried again when the wait is over', () => {
    const attempts = failing(6, accountRule);
    expect(waitBefore(attempts, accountRule, later(1_999))).toBe(1);
    expect(waitBefore(attempts, accountRule, later(2_000))).toBe(0);
  });

  it('has a clean slate a day after the last failure', () => {
    const attempts = failing(30, accountRule);
    expect(waitBefore(attempts, accountRule, later(accountRule.forgottenAfterMs))).toBe(0);
    expect(afterFailure(attempts, accountRule, later(accountRule.forgottenAfterMs)).failures).toBe(1);
  });

  it('is not guessed open: 10,000 guesses take more than three months', () => {
    let attempts: Attempts | undefined;
    let now = start.getTime();
    for (let guess = 0; guess < 10_000; guess += 1) {
      now += waitBefore(attempts, accountRule, new Date(now));
      attempts = afterFailure(attempts, accountRule, new Date(now));
    }
    expect(now - start.getTime()).toBeGreaterThan(100 * 86_400_000);
  });
});

it('an address that many people share bears more', () => {
  expect(waitBefore(failing(49, addressRule), addressRule, start)).toBe(0);
  expect(waitBefore(failing(50, addressRule), addressRule, start)).toBe(1_000);
});

it('no wait is ever longer than the longest', () => {
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), fc.constantFrom(accountRule, addressRule), (failures, rule) => {
      const wait = waitBefore({ failures, lastAt: start.toISOString() }, rule, start);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(rule.longestWaitMs);
    }),
  );
});
