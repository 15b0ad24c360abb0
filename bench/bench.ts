// What every scenario is given, and what a scenario is.
import type { Figures, Place } from './samples.ts';

export interface Bench {
  /** The deployed bundle, built once for the run, and the settings that each of its hosts gets. */
  readonly app: { readonly appFile: string; readonly settings: Readonly<Record<string, string>> };
  /** Keeps one sample and shows it, unless told to be `silent`. */
  readonly record: (repeat: number, place: Place, figures: Figures, how?: 'silent') => void;
  /** Says what cannot be measured, and why. Kept in the results, once a sentence. */
  readonly cannotMeasure: (what: string, why: string) => void;
  /** Says what came out, where single samples would be too many. */
  readonly tell: (text: string) => void;
  /** Says what is going on. */
  readonly progress: (text: string) => void;
}

/** One piece of a run that starts afresh: its own Azurite, its own host. */
export interface Lap {
  /** What `--only` knows it by. */
  readonly scenario: ScenarioName;
  readonly title: string;
  readonly repeats: number;
  readonly run: (bench: Bench, repeat: number) => Promise<void>;
}

export const scenarioNames = ['bundle', 'rounds', 'partitioned', 'floor', 'naive', 'lists', 'many', 'fleet'] as const;
export type ScenarioName = (typeof scenarioNames)[number];
