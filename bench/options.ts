// What a run of the bench was asked for.
import { parseArgs } from 'node:util';
import { type ScenarioName, scenarioNames } from './bench.ts';
import type { ResultDocument } from './document.ts';

export interface Options {
  readonly kind: ResultDocument['kind'];
  readonly quick: boolean;
  readonly only: readonly ScenarioName[];
  readonly repeats: number;
  readonly json: boolean;
  /** Goes on with a full run that was interrupted. */
  readonly resume: boolean;
  /** For how long laps that neighbours of the machine disturbed are measured again at the end of a full run. */
  readonly againMinutes: number;
  /** Where each host leaves a CPU profile when it ends; none is taken when absent. */
  readonly profile: string | undefined;
}

const isScenario = (name: string): name is ScenarioName => (scenarioNames as readonly string[]).includes(name);

/** @throws Error with a sentence for whoever mistyped */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      repeat: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      again: { type: 'string', default: '30' },
      profile: { type: 'string' },
    },
  });
  const repeats = Number(values.repeat);
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > 20)
    throw new Error(`--repeat takes a whole number from 1 to 20, not "${values.repeat}".`);
  const againMinutes = Number(values.again);
  if (!(againMinutes >= 0 && againMinutes <= 600)) throw new Error(`--again takes 0 to 600 minutes, not "${values.again}".`);
  const asked = values.only?.split(',') ?? [];
  const unknown = asked.filter((name) => !isScenario(name));
  if (unknown.length > 0) throw new Error(`--only knows ${scenarioNames.join(', ')}, not ${unknown.join(', ')}.`);
  // Profiling costs time itself.
  const whole = asked.length === 0 && repeats >= 3 && values.profile === undefined;
  const kind = whole ? (values.quick ? 'quick' : 'full') : 'part';
  if (values.resume && kind !== 'full') throw new Error('Only a full run can be resumed.');
  const { quick, json, resume, profile } = values;
  return { kind, quick, only: asked.filter(isScenario), repeats, json, resume, againMinutes, profile };
}
