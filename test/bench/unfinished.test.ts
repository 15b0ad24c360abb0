// An interrupted run goes on where it stopped, and nowhere else.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forget, keep, type LapRecord, nothingYet, takeUp, withRecord } from '../../bench/unfinished.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-unfinished-'));
  file = join(folder, 'deeper', 'unfinished.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const lap = (name: string, stolen?: number): LapRecord => ({
  name,
  minutes: 1,
  ...(stolen === undefined ? {} : { stolen }),
  samples: [{ scenario: 'first', population: 10, latencyMs: 0, repeat: 0, figures: { ms: 7 } }],
});
const started = nothingYet('hash', new Date('2026-03-02T08:00:00Z'));

it('goes on with what was measured undisturbed', () => {
  const quiet = lap('quiet', 0.02);
  const untold = lap('on a system that does not tell');
  keep(file, { ...started, done: [quiet, lap('disturbed', 0.3), untold] });
  expect(takeUp(file, 'hash')).toEqual({ ...started, breaks: 1, done: [quiet, untold] });
});

it('is refused for another app, and where there is nothing to go on with', () => {
  expect(() => takeUp(file, 'hash')).toThrow('leave --resume out');
  keep(file, started);
  expect(() => takeUp(file, 'other')).toThrow('The app has changed');
  forget(file);
  expect(() => takeUp(file, 'hash')).toThrow('leave --resume out');
});

it('keeps the less disturbed of two records of a lap', () => {
  const first = lap('one', 0.3);
  const other = lap('other', 0.2);
  expect(withRecord([first], other)).toEqual([first, other]);
  expect(withRecord([first, other], lap('one', 0.1))).toEqual([lap('one', 0.1), other]);
  expect(withRecord([first, other], lap('one', 0.4))).toEqual([first, other]);
});
