// An interrupted run goes on where it stopped, and nowhere else.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forget, keep, type LapRecord, nothingYet, takeUp, withRecord, worthAnotherTry } from '../../bench/unfinished.ts';

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

it('goes on with what was measured', () => {
  const done = [lap('quiet', 0.02), lap('disturbed', 0.3), lap('on a system that does not tell')];
  keep(file, { ...started, done });
  expect(takeUp(file, 'hash')).toEqual({ ...started, breaks: 1, done });
});

it('is refused for another app, and where there is nothing to go on with', () => {
  expect(() => takeUp(file, 'hash')).toThrow('leave --resume out');
  keep(file, started);
  expect(() => takeUp(file, 'other')).toThrow('The app has changed');
  forget(file);
  expect(() => takeUp(file, 'hash')).toThrow('leave --resume out');
});

it('tries the most disturbed lap again first', () => {
  const [little, most] = [lap('little', 0.11), lap('most', 0.4)];
  expect(worthAnotherTry([little, lap('quiet', 0.01), most])).toEqual([most, little]);
});

it('tries a disturbed lap once more, and keeps the less disturbed of the two', () => {
  const first = lap('one', 0.3);
  const other = lap('other', 0.02);
  expect(withRecord([first], other)).toEqual([first, other]);
  expect(worthAnotherTry([first, other])).toEqual([first]);
  const better = withRecord([first, other], lap('one', 0.2));
  expect(better).toEqual([{ ...lap('one', 0.2), tries: 2 }, other]);
  expect(withRecord([first, other], lap('one', 0.4))).toEqual([{ ...first, tries: 2 }, other]);
  expect(worthAnotherTry(better)).toEqual([]);
});
