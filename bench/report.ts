// Writes the figures of a run into docs/performance.md and draws its plots; the text around them is written by people.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResultDocument } from './document.ts';
import { drawPlot, type Series } from './plot.ts';
import { figureAt, type Figures, type Summary } from './samples.ts';
import { sentenceOf } from './screen.ts';
import { median } from './statistics.ts';
import { scenarioTitles } from './titles.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const start = '<!-- results: written by the bench -->';
const end = '<!-- end of results -->';

const decimals = (value: number) => (value >= 100 ? 0 : value >= 10 ? 1 : 2);
const shown = (value: number | undefined, unit = '') =>
  value === undefined
    ? ''
    : `${value.toLocaleString('en', { maximumFractionDigits: decimals(value), minimumFractionDigits: unit === '' ? 0 : decimals(value) })}${unit}`;

const markdown = (rows: readonly (readonly string[])[]) => {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...body.map(line)].join('\n');
};

/** Figures that have a column of their own; everything else is told in words. */
const columns = ['ms', 'cpuSeconds', 'peakMb', 'azuriteCpuSeconds', 'graphCalls', 'storageCalls', 'rowsWritten'];

function others(medians: Figures): string {
  return Object.entries(medians)
    .filter(([name]) => !columns.includes(name) && !['azuritePeakMb', 'pages', 'measuredPages'].includes(name))
    .map(([name, value]) => `${name.replaceAll(/([A-Z])/g, ' $1').toLowerCase()} ${shown(value)}`)
    .join(', ');
}

function measurements(summaries: readonly Summary[]): string {
  const rows = summaries.map((summary) => {
    const { scenario, population, latencyMs, variant, samples, medians } = summary;
    const place = { population, latencyMs };
    const floor =
      scenario === 'changes'
        ? figureAt(summaries, { ...place, scenario: 'bareRequest', ...(variant === undefined ? {} : { variant }) }, 'ms')
        : figureAt(summaries, { ...place, scenario: 'bare' }, 'ms');
    const comparable = ['first', 'partitioned', 'full', 'changes', 'backstage', 'naive'].includes(scenario);
    const { ms, cpuSeconds, peakMb, azuriteCpuSeconds, graphCalls, storageCalls, rowsWritten } = medians;
    return [
      `${scenarioTitles[scenario] ?? scenario}${variant === undefined ? '' : `, ${variant}`}`,
      population === 0 ? '' : population.toLocaleString('en'),
      population === 0 ? '' : String(latencyMs),
      comparable && floor !== undefined && ms !== undefined ? shown(ms / floor) : '',
      ms === undefined ? '' : shown(ms / 1000, ' s'),
      shown(graphCalls),
      shown(storageCalls),
      shown(rowsWritten),
      shown(cpuSeconds),
      shown(azuriteCpuSeconds),
      shown(peakMb),
      String(samples),
      others(medians),
    ];
  });
  const head = ['what', 'users', 'latency ms', '× bare', 'time', 'Graph calls', 'storage calls', 'rows', 'CPU s', 'Azurite CPU s'];
  return markdown([[...head, 'peak MB', 'samples', 'besides'], ...rows]);
}

function series(summaries: readonly Summary[], name: string, scenario: string, latencyMs: number, dashed = false): Series {
  const points = summaries
    .filter((summary) => summary.scenario === scenario && summary.latencyMs === latencyMs && summary.population > 0)
    .map(({ population, medians }) => ({ x: population, y: (medians['ms'] ?? 0) / 1000 }));
  return { name, points, dashed };
}

function changeSeries(summaries: readonly Summary[], name: string, scenario: string, population: number, dashed = false): Series {
  const points = summaries
    .filter((summary) => summary.scenario === scenario && summary.population === population && summary.latencyMs === 50)
    .map(({ variant = '', medians }) => ({ x: Number(variant.split(' ')[0]), y: (medians['ms'] ?? 0) / 1000 }))
    .filter(({ x }) => x > 0);
  return { name, points, dashed };
}

/** The two plots of a run, by file name. */
export function plotsOf(summaries: readonly Summary[]): Readonly<Record<string, string>> {
  return {
    'performance-population.svg': drawPlot({
      title: 'Time against population, Graph answering in 50 ms',
      xTitle: 'users in the tenant',
      yTitle: 'seconds',
      series: [
        series(summaries, 'First sync, delta chain', 'first', 50),
        series(summaries, 'First sync, partitioned', 'partitioned', 50),
        series(summaries, 'Full round, no change', 'full', 50),
        series(summaries, 'Bare drain (floor)', 'bare', 50, true),
        series(summaries, 'Backstage (stores nothing)', 'backstage', 50, true),
        changeSeriesByPopulation(summaries, '100 changes', '100 changes'),
      ],
    }),
    'performance-changes.svg': drawPlot({
      title: 'Time against changes, Graph answering in 50 ms',
      xTitle: 'users changed since the last round',
      yTitle: 'seconds',
      series: [
        changeSeries(summaries, 'Round in 100,000 users', 'changes', 100_000),
        changeSeries(summaries, 'Round in 10,000 users', 'changes', 10_000),
        changeSeries(summaries, 'Bare request (100,000)', 'bareRequest', 100_000, true),
      ],
    }),
  };
}

function changeSeriesByPopulation(summaries: readonly Summary[], name: string, wanted: string): Series {
  const points = summaries
    .filter(({ scenario, variant, latencyMs }) => scenario === 'changes' && variant === wanted && latencyMs === 50)
    .map(({ population, medians }) => ({ x: population, y: (medians['ms'] ?? 0) / 1000 }));
  return { name, points };
}

/** How much of the CPU time neighbours took, over all laps; empty where the system does not tell. */
function disturbance(laps: ResultDocument['laps']): string {
  const told = laps.filter(({ stolen }) => stolen !== undefined);
  if (told.length === 0) return '';
  const percents = told.map(({ stolen = 0 }) => Math.round(100 * stolen));
  return ` Other machines on the same host took ${median(percents)} % of the CPU time (median of the laps; ${Math.min(...percents)} to ${Math.max(...percents)} %), which slows work down and not the waiting for Graph.`;
}

/** The generated part of the page. */
export function resultsAsMarkdown(result: ResultDocument, file: string): string {
  const { machine, startedAt, minutes, breaks, laps, notMeasured, verdicts, summaries, settings } = result;
  const day = startedAt.slice(0, 10);
  const targets = verdicts.map((verdict) => [verdict.name, ...sentenceOf(verdict)]);
  return [
    `Run of ${day}, ${Math.round(minutes)} minutes${breaks === 0 ? '' : ` in ${breaks + 1} sittings`}, ${settings.repeats} repeats, every sample in [${file}](../bench/results/${file}). ` +
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, Azurite ${machine.azurite} in memory.${disturbance(laps)}`,
    '### Targets',
    markdown([['target', 'measured', 'wanted', ''], ...targets]),
    ...(notMeasured.length === 0
      ? []
      : ['### Not measured', notMeasured.map(({ what, why }) => `- ${what}: ${why.replaceAll('\n', ' ')}`).join('\n')]),
    '### Everything measured',
    'Medians. “× bare” is the time divided by the bare drain (for rounds of changes: the bare request) at the same latency.',
    measurements(summaries),
  ].join('\n\n');
}

/** Puts the results of a full run into the page and draws the plots. */
export function writeReport(result: ResultDocument, file: string): void {
  const page = join(root, 'docs/performance.md');
  const text = readFileSync(page, 'utf8');
  const [before = '', rest = ''] = text.split(start);
  const [, after = ''] = rest.split(end);
  writeFileSync(page, `${before}${start}\n\n${resultsAsMarkdown(result, file)}\n\n${end}${after}`);
  for (const [name, svg] of Object.entries(plotsOf(result.summaries))) writeFileSync(join(root, 'docs', name), svg);
}
