// What a run of the bench collects: every single sample with its place, and the medians of those that share a place.
import { median } from './statistics.ts';

/** What was measured, where. Two samples of one place are repeats of the same thing. */
export interface Place {
  /** Such as `first` (first sync) or `bare` (bare drain); `scenarioTitles` says what each is. */
  readonly scenario: string;
  /** Users of the tenant; the sum over all tenants where there are many. */
  readonly population: number;
  /** Delay of every answer of Graph, in milliseconds. */
  readonly latencyMs: number;
  /** What else tells it apart: a number of changes, a filter. */
  readonly variant?: string;
}

/** Figures by name: `ms` wall time, `cpuSeconds` of the client, `azuriteCpuSeconds`, `peakMb`, `graphCalls`, `storageCalls`, `rowsWritten`, … */
export type Figures = Readonly<Record<string, number>>;

export interface Sample extends Place {
  readonly repeat: number;
  readonly figures: Figures;
}

export interface Summary extends Place {
  readonly samples: number;
  readonly medians: Figures;
}

const keyOf = ({ scenario, population, latencyMs, variant }: Place) => JSON.stringify([scenario, population, latencyMs, variant ?? '']);

/** The medians of each place, in the order in which the places were first measured. */
export function summarise(samples: readonly Sample[]): readonly Summary[] {
  return [...Map.groupBy(samples, keyOf).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { scenario, population, latencyMs, variant } = first;
    const names = [...new Set(group.flatMap(({ figures }) => Object.keys(figures)))];
    const medians = Object.fromEntries(
      names.map((name) => [name, median(group.map(({ figures }) => figures[name]).filter((value) => value !== undefined))]),
    );
    return [{ scenario, population, latencyMs, ...(variant === undefined ? {} : { variant }), samples: group.length, medians }];
  });
}

/** One median, or `undefined` when nothing was measured there. */
export function figureAt(summaries: readonly Summary[], place: Place, figure: string): number | undefined {
  const key = keyOf(place);
  return summaries.find((summary) => keyOf(summary) === key)?.medians[figure];
}
