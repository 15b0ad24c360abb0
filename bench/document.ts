// The document of one run: machine, settings, every sample, medians and verdicts.
import type { Machine } from './machine.ts';
import type { Sample, Summary } from './samples.ts';
import type { Verdict } from './targets.ts';
import type { LapTime } from './unfinished.ts';

export interface ResultDocument {
  readonly startedAt: string;
  /** Measured, without the breaks of a run that was interrupted. */
  readonly minutes: number;
  readonly breaks: number;
  readonly laps: readonly LapTime[];
  readonly kind: 'quick' | 'full' | 'part';
  readonly machine: Machine;
  readonly settings: { readonly repeats: number; readonly usersPerPage: number; readonly scenarios: readonly string[] };
  readonly notMeasured: readonly { readonly what: string; readonly why: string }[];
  readonly samples: readonly Sample[];
  readonly summaries: readonly Summary[];
  readonly verdicts: readonly Verdict[];
}
