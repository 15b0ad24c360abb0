// What a run has measured so far, kept after each lap: an interrupted run of an hour goes on where it stopped.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sample } from './samples.ts';

export interface LapTime {
  readonly name: string;
  readonly minutes: number;
  /** Share of the CPU time that went to other machines on the same host; absent where the system does not tell. */
  readonly stolen?: number;
}

export interface Unfinished {
  /** Hash of the bundle: figures of two versions do not belong into one run. */
  readonly app: string;
  readonly startedAt: string;
  /** How often the run was taken up again. */
  readonly breaks: number;
  /** Laps that are done, each with its repeat in its name. */
  readonly done: readonly LapTime[];
  readonly samples: readonly Sample[];
  readonly missing: readonly (readonly [string, string])[];
}

export const hashOf = (appFile: string) => createHash('sha256').update(readFileSync(appFile)).digest('hex');

export const nothingYet = (app: string, now: Date): Unfinished => ({
  app,
  startedAt: now.toISOString(),
  breaks: 0,
  done: [],
  samples: [],
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
