import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeSandboxClock } from '../clock.ts';
import { makeAlarm } from './alarm.ts';

const day = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An alarm that notes when it rang, in milliseconds after the start, and wants to ring next at the given times. */
function makeBell(...wishes: readonly number[]) {
  const clock = makeSandboxClock();
  const start = clock.now();
  const rung: number[] = [];
  const alarm = makeAlarm(clock, () => {
    rung.push(clock.now() - start);
    const next = wishes.find((wish) => start + wish > clock.now());
    return next === undefined ? undefined : start + next;
  });
  return { clock, alarm, rung, set: (after: number) => alarm.set(start + after) };
}

it('rings at the earliest of the times asked for, and again when the next thing is due', () => {
  const { rung, set } = makeBell(5000, 9000);
  set(9000);
  set(5000);
  set(7000);
  vi.advanceTimersByTime(20_000);
  expect(rung).toEqual([5000, 9000]);
});

it('rings at once when the clock is moved', () => {
  const { clock, rung, set } = makeBell();
  set(5000);
  clock.advance(60_000);
  expect(rung).toEqual([60_000]);
});

it('waits longer than a timer can', () => {
  const { rung, set } = makeBell(40 * day);
  set(40 * day);
  vi.advanceTimersByTime(41 * day);
  expect(rung.at(-1)).toBe(40 * day);
});

it('is silent once stopped', () => {
  const { clock, alarm, rung, set } = makeBell();
  set(5000);
  alarm.stop();
  clock.advance(10_000);
  vi.advanceTimersByTime(10_000);
  expect(rung).toEqual([]);
});
