// What a run has measured so far, kept after each lap: an interrupted run of an hour goes on where it stopped.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sample } from './samples.ts';

export interface LapTime {
  /** With its repeat. */
  readonly name: string;
  readonly minutes: number;
  /** Share of the CPU time that went to other machines on the same host; absent where the system does not tell. */
  readonly stolen?: number;
}

/** A lap that is done, and what it measured. */
export interface LapRecord extends LapTime {
  /** How often it was measured; absent for once. */
  readonly tries?: number;
  readonly samples: readonly Sample[];
}

/** Above this share figures of work are no longer comparable with figures of waiting. */
const muchStolen = 0.1;

export const isDisturbed = ({ stolen = 0 }: LapTime) => stolen > muchStolen;

/** On a machine that is never quiet a lap is not measured for ever. */
const mostTries = 2;

/** Disturbed laps that may be measured again, the most disturbed first. */
export const worthAnotherTry = (done: readonly LapRecord[]): readonly LapRecord[] =>
  done
    .filter((record) => isDisturbed(record) && (record.tries ?? 1) < mostTries)
    .toSorted((left, right) => (right.stolen ?? 0) - (left.stolen ?? 0));

/** Of two records of one lap, the one that was disturbed less counts. */
export function withRecord(done: readonly LapRecord[], record: LapRecord): readonly LapRecord[] {
  const former = done.find(({ name }) => name === record.name);
  if (former === undefined) return [...done, record];
  const better = (former.stolen ?? 0) <= (record.stolen ?? 0) ? former : record;
  return done.map((each) => (each === former ? { ...better, tries: (former.tries ?? 1) + 1 } : each));
}

export interface Unfinished {
  /** Hash of the bundle: figures of two versions do not belong into one run. */
  readonly app: string;
  readonly startedAt: string;
  /** How often the run was taken up again. */
  readonly breaks: number;
  readonly done: readonly LapRecord[];
  readonly missing: readonly (readonly [string, string])[];
}

export const hashOf = (appFile: string) => createHash('sha256').update(readFileSync(appFile)).digest('hex');

export const nothingYet = (app: string, now: Date): Unfinished => ({
  app,
  startedAt: now.toISOString(),
  breaks: 0,
  done: [],
  missing: [],
});

/** Takes up an interrupted run. @throws Error when there is none, or when the app is another one now. */
export function takeUp(file: string, app: string): Unfinished {
  if (!existsSync(file)) throw new Error('There is no interrupted run to go on with; leave --resume out.');
  const found = JSON.parse(readFileSync(file, 'utf8')) as Unfinished;
  if (found.app !== app) throw new Error('The app has changed since the interrupted run; leave --resume out to start a new one.');
  return { ...found, breaks: found.breaks + 1 };
}

/** Whole or not at all, whenever the process ends. */
export function keep(file: string, unfinished: Unfinished): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(unfinished));
  renameSync(`${file}.new`, file);
}

export const forget = (file: string) => rmSync(file, { force: true });
