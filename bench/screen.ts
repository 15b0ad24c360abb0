// What a person sees while the bench runs and at its end.
import type { Console } from '../sandbox/console.ts';
import { table } from '../sandbox/console.ts';
import type { Figures, Place } from './samples.ts';
import type { Verdict } from './targets.ts';
import { scenarioTitles } from './titles.ts';

const plain = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString());

export function showSample(screen: Console, { scenario, population, latencyMs, variant }: Place, figures: Figures): void {
  const place = population === 0 ? '' : `  ${population.toLocaleString('en')} users, ${latencyMs} ms`;
  const what = `${scenarioTitles[scenario] ?? scenario}${variant === undefined ? '' : `, ${variant}`}`;
  const { ms, ...rest } = figures;
  const time = ms === undefined ? '' : `${(ms / 1000).toFixed(2)} s  `;
  const besides = Object.entries(rest)
    .filter(([name]) => name !== 'azuritePeakMb')
    .map(([name, value]) => `${name} ${plain(value)}`)
    .join(', ');
  screen.progress(`  ${what}${place}  ${time}${besides}`, true);
}

/** Measured, wanted and outcome, in words. */
export function sentenceOf({ value, limit, sense, outcome }: Verdict): readonly [string, string, string] {
  return [value === null ? '–' : plain(value), `${sense === 'atMost' ? '≤' : '≥'} ${plain(limit)}`, outcome];
}

export function showVerdicts(screen: Console, verdicts: readonly Verdict[]): void {
  for (const row of table([['Target', 'measured', 'wanted', ''], ...verdicts.map((verdict) => [verdict.name, ...sentenceOf(verdict)])]))
    screen.line(row);
}
