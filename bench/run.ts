// `npm run bench`: measures the whole product against floors and others in one interleaved run, and holds it to its targets.
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Console, makeConsole } from '../sandbox/console.ts';
import { buildApp } from '../scripts/build.mjs';
import { type Bench, type Lap, type ScenarioName, scenarioNames } from './bench.ts';
import { stopAll, stoppable, stopOnSignals } from './cleanup.ts';
import type { ResultDocument } from './document.ts';
import { describeMachine } from './machine.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { quickTargets } from './quick-targets.ts';
import { profileSettings } from './profile.ts';
import { writeReport } from './report.ts';
import { type Sample, summarise } from './samples.ts';
import { listQueries } from './scenarios/list-pages.ts';
import { showSample, showVerdicts } from './screen.ts';
import { fullTargets, judge } from './targets.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const usersPerPage = 200;

interface Options {
  readonly kind: ResultDocument['kind'];
  readonly quick: boolean;
  readonly only: readonly ScenarioName[];
  readonly repeats: number;
  readonly json: boolean;
  /** Where each host leaves a CPU profile when it ends; none is taken when absent. */
  readonly profile: string | undefined;
}

const isScenario = (name: string): name is ScenarioName => (scenarioNames as readonly string[]).includes(name);

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      repeat: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const repeats = Number(values.repeat);
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > 20)
    throw new Error(`--repeat takes a whole number from 1 to 20, not "${values.repeat}".`);
  const asked = values.only?.split(',') ?? [];
  const unknown = asked.filter((name) => !isScenario(name));
  if (unknown.length > 0) throw new Error(`--only knows ${scenarioNames.join(', ')}, not ${unknown.join(', ')}.`);
  // Profiling costs time itself.
  const whole = asked.length === 0 && repeats >= 3 && values.profile === undefined;
  const kind = whole ? (values.quick ? 'quick' : 'full') : 'part';
  return { kind, quick: values.quick, only: asked.filter(isScenario), repeats, json: values.json, profile: values.profile };
}

/** Every lap once, then every lap again. */
async function runLaps(laps: readonly Lap[], repeats: number, bench: Bench, screen: Console): Promise<void> {
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const lap of laps.filter((each) => repeat < each.repeats)) {
      screen.line(`\n${lap.title}, ${repeat + 1} of ${Math.min(lap.repeats, repeats)}`);
      await lap.run(bench, repeat);
    }
  }
}

async function runBench(options: Options, screen: Console): Promise<ResultDocument> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-app-'));
  stoppable(async () => await rm(folder, { recursive: true, force: true }));
  const appFile = join(folder, 'main.cjs');
  await buildApp(appFile);
  const startedAt = new Date();
  const samples: Sample[] = [];
  const missing = new Map<string, string>();
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
  await runLaps(laps, options.repeats, bench, screen);
  const summaries = summarise(samples);
  const targets = options.quick ? quickTargets(listQueries) : fullTargets(listQueries);
  const verdicts = judge(targets, summaries).filter(({ outcome }) => options.only.length === 0 || outcome !== 'not measured');
  return {
    startedAt: startedAt.toISOString(),
    minutes: (Date.now() - startedAt.getTime()) / 60_000,
    kind: options.kind,
    machine: describeMachine(),
    settings: { repeats: options.repeats, usersPerPage, scenarios: laps.map(({ title }) => title) },
    notMeasured: [...missing].map(([what, why]) => ({ what, why })),
    samples,
    summaries,
    verdicts,
  };
}

/** A full run becomes part of the project; anything less is kept where nothing is committed. */
function keep(result: ResultDocument): string {
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
  const file = keep(result);
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
