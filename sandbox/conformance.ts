// `npm run conformance`: tries the real services that are configured, step by step, and says for each failure what to do next.
// It reads, and removes what it wrote. It prints counts and codes, never a secret, a token, a name or an address.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { entraAreas } from './conformance-entra.ts';
import { graphArea } from './conformance-graph.ts';
import { mailArea } from './conformance-mail.ts';
import { queueArea } from './conformance-queue.ts';
import { type GivenSettings, readGivenSettings } from './conformance-settings.ts';
import { type Area, failed, type Outcome, passed, runAreas, type StepReport } from './conformance-steps.ts';
import { storageArea } from './conformance-storage.ts';

const usage = `npm run conformance -- [--tenant <guid>] [--mail <address>] [--settings <folder>] [--json]
  --tenant    the customer tenant to read, where an administrator has consented
  --mail      who gets one test mail; without it none is sent
  --settings  the folder of local.settings.json; this project's unless given
  --json      the result as one JSON document`;

interface Options {
  readonly tenant: string | null;
  readonly mail: string | null;
  readonly folder: string;
  readonly json: boolean;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws Error for an option that is unknown or has no usable value. */
function readOptions(words: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { tenant: text, mail: text, settings: text, json: { type: 'boolean' } } });
  const { tenant, mail, settings } = values;
  if (tenant !== undefined && !guid.test(tenant)) throw new Error('--tenant takes the id of a tenant, a GUID.');
  if (mail !== undefined && !/^[^@\s]+@[^@\s]+$/.test(mail)) throw new Error('--mail takes a mail address.');
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  return {
    tenant: tenant?.toLowerCase() ?? null,
    mail: mail ?? null,
    folder: settings === undefined ? root : resolve(settings),
    json: values.json ?? false,
  };
}

/** The settings, or why they cannot be used. */
function readSettings(folder: string): GivenSettings | Error {
  try {
    return readGivenSettings(folder, process.env);
  } catch (error) {
    return error instanceof Error ? error : new Error('The settings cannot be read.');
  }
}

function settingsArea(given: GivenSettings | Error): Area {
  const run = async (): Promise<Outcome> => {
    if (given instanceof Error) return failed(given.message, 'Correct local.settings.json or the environment; nothing else was tried.');
    const forApp = given.missingForApp.length === 0 ? '' : ` To start, the app also needs ${given.missingForApp.join(', ')}.`;
    return passed(`They have the right form.${forApp}`);
  };
  return {
    name: 'Settings',
    hindrance: null,
    explain: () => ({ sentence: 'The settings cannot be read.', next: 'Look at local.settings.json.' }),
    steps: [{ id: 'settings.read', title: 'the given settings', run }],
  };
}

function serviceAreas({ config, missing }: GivenSettings, { tenant, mail }: Options): readonly Area[] {
  const wanted = tenant === null ? 'Give the customer tenant to read: --tenant <guid>.' : null;
  return [
    storageArea(config, missing.storage),
    queueArea(config, missing.queue),
    ...entraAreas(config, missing.entra, { id: tenant ?? '', hindrance: wanted }),
    graphArea(config, missing.entra ?? wanted, tenant ?? ''),
    mailArea(config, missing.mail, mail),
  ];
}

const signs = { passed: '✓', failed: '✗', skipped: '–' } as const;

/** Prints reports as they come; an area's name stands once above its steps. */
function makePrinter(): (report: StepReport) => void {
  let shown = '';
  return ({ area, title, outcome }) => {
    if (area !== shown) process.stdout.write(`\n${area}\n`);
    shown = area;
    process.stdout.write(`  ${signs[outcome.state]} ${title}: ${outcome.sentence}\n`);
    if (outcome.state === 'failed') process.stdout.write(`      → ${outcome.next}\n`);
  };
}

function summarize(reports: readonly StepReport[]): Readonly<Record<'passed' | 'failed' | 'skipped', number>> {
  const count = (state: StepReport['outcome']['state']) => reports.filter(({ outcome }) => outcome.state === state).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** What to set when nothing is configured that could be tried; null when something is. */
function nothingConfigured(given: GivenSettings | Error): string | null {
  if (given instanceof Error || Object.values(given.missing).includes(null)) return null;
  const lacking = Object.values(given.missing).map((sentence) => `  - ${sentence}\n`);
  const where = 'in "Values" of local.settings.json (copy local.settings.sample.json) or in the environment';
  return `No real service is configured. Set what you have, ${where}; any one of these is enough to begin:\n${lacking.join('')}`;
}

/** Exit codes: 0 nothing failed, 1 something failed, 2 nothing could be tried. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const given = readSettings(options.folder);
  const whatToSet = nothingConfigured(given);
  if (whatToSet !== null) {
    process.stderr.write(whatToSet);
    return 2;
  }
  if (!options.json) process.stdout.write('Trying what is configured, step by step. Whatever is written is removed again.\n');
  const areas = [settingsArea(given), ...(given instanceof Error ? [] : serviceAreas(given, options))];
  const reports = await runAreas(areas, options.json ? () => undefined : makePrinter());
  const counts = summarize(reports);
  if (options.json) {
    const steps = reports.map(({ outcome, ...step }) => ({ ...step, ...outcome }));
    process.stdout.write(`${JSON.stringify({ ...counts, steps }, null, 2)}\n`);
  } else {
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
  return counts.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'Unknown fault.'}\n\n${usage}\n`);
  process.exitCode = 2;
}
// A connection that was given up may still be open; it must not hold the command.
setTimeout(() => process.exit(), 1_000).unref();
