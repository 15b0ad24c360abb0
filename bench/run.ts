// `npm run bench`: measures the whole product against floors and others in one interleaved run, and holds it to its targets.
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Console, makeConsole } from '../sandbox/console.ts';
import { buildApp } from '../scripts/build.mjs';
import type { Bench, Lap } from './bench.ts';
import { stopAll, stoppable, stopOnSignals } from './cleanup.ts';
import type { ResultDocument } from './document.ts';
import { describeMachine } from './machine.ts';
import { watchSteal } from './measure.ts';
import { type Options, readOptions } from './options.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { quickTargets } from './quick-targets.ts';
import { profileSettings } from './profile.ts';
import { writeReport } from './report.ts';
import { type Sample, summarise } from './samples.ts';
import { listQueries } from './scenarios/list-pages.ts';
import { showSample, showVerdicts } from './screen.ts';
import { fullTargets, judge } from './targets.ts';
import {
  forget,
  hashOf,
  isDisturbed,
  keep,
  type LapRecord,
  type LapTime,
  nothingYet,
  takeUp,
  withRecord,
  worthAnotherTry,
} from './unfinished.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const usersPerPage = 200;
const unfinishedFile = join(root, '.muster', 'bench', 'unfinished.json');

interface LapRun {
  readonly lap: Lap;
  readonly repeat: number;
  /** Of all repeats of this lap. */
  readonly repeats: number;
}

/** Every lap once, then every lap again; those that are run once come last, since nothing is interleaved with them. */
function orderOf(laps: readonly Lap[], repeats: number): readonly LapRun[] {
  const timesOf = (lap: Lap) => Math.min(lap.repeats, repeats);
  const several = Array.from({ length: repeats }, (_, repeat) =>
    laps.filter((lap) => timesOf(lap) > 1 && repeat < timesOf(lap)).map((lap) => ({ lap, repeat, repeats: timesOf(lap) })),
  );
  const single = laps.filter((lap) => timesOf(lap) === 1).map((lap) => ({ lap, repeat: 0, repeats: 1 }));
  return [...several.flat(), ...single];
}

const busySentence = ({ stolen = 0 }: LapTime) =>
  `${Math.round(100 * stolen)} % of the CPU time went to other machines on this host: read the ratios of this lap with care.`;
const nameOf = ({ lap, repeat, repeats }: LapRun) => `${lap.title}, ${repeat + 1} of ${repeats}`;
const timeOf = ({ name, minutes, stolen }: LapRecord): LapTime => ({ name, minutes, ...(stolen === undefined ? {} : { stolen }) });
const minutesSince = (start: number) => (performance.now() - start) / 60_000;

async function runBench(options: Options, screen: Console): Promise<ResultDocument> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-app-'));
  stoppable(async () => await rm(folder, { recursive: true, force: true }));
  const appFile = join(folder, 'main.cjs');
  await buildApp(appFile);
  const app = hashOf(appFile);
  let soFar = options.resume ? takeUp(unfinishedFile, app) : nothingYet(app, new Date());
  // A lap counts when it has come to its end.
  let samples: Sample[] = [];
  const missing = new Map(soFar.missing);
  const bench: Bench = {
    app: { appFile, settings: options.profile === undefined ? {} : profileSettings(resolve(options.profile)) },
    record: (repeat, place, figures, how) => {
      samples.push({ ...place, repeat, figures });
      if (how !== 'silent') showSample(screen, place, figures);
    },
    cannotMeasure: (what, why) => {
      if (!missing.has(what)) screen.progress(`  ${what}: not available, because ${why}`, true);
      missing.set(what, why);
    },
    tell: (text) => screen.progress(`  ${text}`, true),
    progress: (text) => screen.progress(`  … ${text}`),
  };
  const plan = options.quick ? quickPlan(options.repeats) : fullPlan(options.repeats);
  const laps = plan.filter(({ scenario }) => options.only.length === 0 || options.only.includes(scenario));
  const measure = async ({ lap, repeat }: LapRun, name: string): Promise<LapRecord> => {
    screen.line(`\n${name}`);
    const start = performance.now();
    const stolen = watchSteal();
    samples = [];
    await lap.run(bench, repeat);
    const share = stolen();
    const record: LapRecord = { name, minutes: minutesSince(start), ...(share === undefined ? {} : { stolen: share }), samples };
    if (isDisturbed(record)) screen.line(`  ${busySentence(record)}`);
    return record;
  };
  const order = orderOf(laps, options.repeats).map((lapRun) => ({ lapRun, name: nameOf(lapRun) }));
  const keepRecord = (record: LapRecord) => {
    soFar = { ...soFar, done: withRecord(soFar.done, record), missing: [...missing] };
    if (options.kind === 'full') keep(unfinishedFile, soFar);
  };
  for (const { lapRun, name } of order) {
    if (!soFar.done.some((done) => done.name === name)) keepRecord(await measure(lapRun, name));
  }
  // Neighbours come and go: what they disturbed is measured once more, the worst first.
  const lapRuns = new Map(order.map(({ lapRun, name }) => [name, lapRun]));
  const start = performance.now();
  for (const { name } of options.kind === 'full' ? worthAnotherTry(soFar.done) : []) {
    const lapRun = lapRuns.get(name);
    if (lapRun !== undefined && minutesSince(start) < options.againMinutes) keepRecord(await measure(lapRun, name));
  }
  const allSamples = soFar.done.flatMap((lap) => lap.samples);
  const summaries = summarise(allSamples);
  const targets = options.quick ? quickTargets(listQueries) : fullTargets(listQueries);
  const verdicts = judge(targets, summaries).filter(({ outcome }) => options.only.length === 0 || outcome !== 'not measured');
  return {
    startedAt: soFar.startedAt,
    minutes: soFar.done.reduce((sum, { minutes }) => sum + minutes, 0),
    laps: soFar.done.map(timeOf),
    breaks: soFar.breaks,
    kind: options.kind,
    machine: describeMachine(),
    settings: { repeats: options.repeats, usersPerPage, scenarios: laps.map(({ title }) => title) },
    notMeasured: [...missing].map(([what, why]) => ({ what, why })),
    samples: allSamples,
    summaries,
    verdicts,
  };
}

/** A full run becomes part of the project; anything less is kept where nothing is committed. */
function publish(result: ResultDocument): string {
  const folder = result.kind === 'full' ? join(root, 'bench', 'results') : join(root, '.muster', 'bench');
  mkdirSync(folder, { recursive: true });
  const name = `${result.startedAt.slice(0, 16).replace(':', '')}-${result.kind}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(result, null, 2)}\n`);
  if (result.kind === 'full') writeReport(result, name);
  return join(folder, name);
}

stopOnSignals();
try {
  const options = readOptions();
  // With --json stdout is one document and nothing else; people may still watch on stderr.
  const screen = makeConsole(options.json ? process.stderr : process.stdout);
  const result = await runBench(options, screen);
  const file = publish(result);
  if (result.kind === 'full') forget(unfinishedFile);
  screen.line();
  showVerdicts(screen, result.verdicts);
  const failed = result.verdicts.filter(({ outcome }) => outcome === 'FAIL').length;
  screen.line(`\n${result.minutes.toFixed(1)} minutes; ${file}`);
  if (failed > 0) screen.line(`${failed} of ${result.verdicts.length} targets were missed, so this ends with exit code 1.`);
  if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  process.exitCode = failed > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`muster: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
