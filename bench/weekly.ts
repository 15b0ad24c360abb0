// `node bench/weekly.ts [--managers 10000]`: what the weekly reminders of one company cost, and whether the cost follows the managers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type * as z from 'zod';
import { makeConsole, table } from '../sandbox/console.ts';
import { buildApp } from '../scripts/build.mjs';
import type { reminderWeeks } from '../shared/contracts/reminders.ts';
import { localDay, weekdayOf } from '../shared/domain/local-time.ts';
import { listWeeks } from '../shared/storage/reminders.ts';
import { stopAll, stoppable, stopOnSignals } from './cleanup.ts';
import { openMsp } from './companies.ts';
import { describeMachine } from './machine.ts';
import { watchSteal, whenOver } from './measure.ts';
import { type Product, startProduct } from './product.ts';
import { sumOf } from './scenarios/list-pages.ts';
import type { CallCounts } from './storage-relay.ts';
import { makeTenant } from './tenants.ts';
import { type Clients, openClients, prepareCompany, type WeeklyCompany } from './weekly-company.ts';
import { perManager, rowsOf, type Spent, type Waiting, type WeeklyReport, type WeekReport } from './weekly-report.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const longestMs = 60 * minuteMs;
/** A manager has eight reports; some people have no address, and other kinds of accounts lead nobody. */
const usersPerManager = 10;

const notMeasured = [
  'Accepting the invitations: the accounts were written straight into storage, because each acceptance costs an argon2id hash.',
  'Sending the mails that wait for the quota: their places in line are, what happens when their turn comes is not.',
  'History and queues of Durable Functions: the stand-in keeps them elsewhere, so they are not among the storage calls.',
  'The latency and the limits of Azure Table Storage: Azurite has neither.',
];

type Summary = z.output<typeof reminderWeeks>;
type Week = Summary['weeks'][number];
const summaryOf = async ({ admin }: Clients, { companyId }: WeeklyCompany) =>
  await admin.call<Summary>(`/companies/${companyId}/reminders`);

/** Ten thousand mails that look for their place take longer than a host is usually waited for. */
async function settle({ sandbox }: Product): Promise<void> {
  const start = performance.now();
  for (;;) {
    try {
      await sandbox.host.settle(4 * minuteMs);
      return;
    } catch (error) {
      if (performance.now() - start > longestMs) throw error;
      await pause(1_000);
    }
  }
}

const advanceTo = ({ sandbox }: Product, time: number) => sandbox.clock.advance(Math.max(0, time - sandbox.clock.now()));
/** The timer of the reminders runs at the fiftieth second of each minute. */
const timerMs = 50_000;

/** Mails first find the minute's quota spent and come back after two at most, until that of the hour is spent too. */
const minutesToLine = 6;

async function askSummary(clients: Clients, company: WeeklyCompany, dueAt: number): Promise<Waiting & { readonly week: Week | undefined }> {
  const asked = performance.now();
  const { weeks, mails } = await summaryOf(clients, company);
  const answerMs = performance.now() - asked;
  const estimatedEndHours = mails.estimatedEnd === null ? null : (Date.parse(mails.estimatedEnd) - dueAt) / hourMs;
  return { week: weeks[0], mails: mails.waiting, estimatedEndHours, answerMs };
}

/** Brings the clock to the company's next reminder and counts what that causes. */
async function measureWeek(product: Product, clients: Clients, company: WeeklyCompany): Promise<WeekReport> {
  const dueAt = Date.parse((await summaryOf(clients, company)).nextDueAt);
  // What else is due by then is done before.
  advanceTo(product, dueAt - hourMs / 2);
  await settle(product);
  product.relay?.take();
  product.relay?.takeRows();
  const costs = product.startCosts();
  const start = performance.now();
  advanceTo(product, dueAt + timerMs);
  // The row and not the API is asked again and again: that would take the event loop that is measured.
  const isFinished = async () =>
    (await listWeeks(product.tables, company.companyId, '')).some((week) => Date.parse(week.dueAt) === dueAt && week.finishedAt !== null);
  const finished = await whenOver(isFinished, longestMs, 'The week');
  const spent = (ms: number, former?: Spent): Spent => {
    const calls = sumCalls(former?.callsByTable ?? {}, product.relay?.take() ?? {});
    const rows = sumRows(former?.rowsByTable ?? {}, product.relay?.takeRows() ?? {});
    const rowsWritten = Object.values(rows).reduce((sum, count) => sum + count, 0);
    return { ms, storageCalls: sumOf(calls), rowsWritten, callsByTable: calls, rowsByTable: rows, costs: costs() };
  };
  const decided = spent(finished - start);
  const { week, ...whenDecided } = await askSummary(clients, company, dueAt);
  if (week?.finishedAt === null || week?.sent !== company.managers) throw new Error(`Not everybody was told: ${JSON.stringify(week)}`);
  product.relay?.take();
  for (let minute = 0; minute < minutesToLine; minute += 1) {
    await settle(product);
    product.sandbox.clock.advance(minuteMs);
  }
  await settle(product);
  const inLine = spent(performance.now() - start, decided);
  const { week: _, ...whenInLine } = await askSummary(clients, company, dueAt);
  const { managers, users } = company;
  return { managers, users, decided, inLine, mailsQueued: week.sent, whenDecided, whenInLine };
}

function sumCalls(left: CallCounts, right: CallCounts): CallCounts {
  const count = (name: string, kind: 'points' | 'others') => (left[name]?.[kind] ?? 0) + (right[name]?.[kind] ?? 0);
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return Object.fromEntries(names.map((name) => [name, { points: count(name, 'points'), others: count(name, 'others') }]));
}

function sumRows(left: Spent['rowsByTable'], right: Spent['rowsByTable']): Spent['rowsByTable'] {
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return Object.fromEntries(names.map((name) => [name, (left[name] ?? 0) + (right[name] ?? 0)]));
}

/** Lets the mails of a company go out, fewer at a time than a minute takes, so that the next company finds no line. */
async function sendAll(product: Product, clients: Clients, company: WeeklyCompany): Promise<void> {
  for (let passed = 0; passed < 46 * hourMs; passed += 20 * minuteMs) {
    if ((await summaryOf(clients, company)).mails.waiting === 0) return;
    product.sandbox.clock.advance(20 * minuteMs);
    await settle(product);
  }
  throw new Error('The mails of a company were not sent before the next company is due.');
}

async function runWeeks(appFile: string, managers: number, tell: (text: string) => void): Promise<WeeklyReport> {
  const started = new Date();
  const few = Math.max(10, Math.round(managers / 10));
  // The first is not measured: an app that has just started compiles what it runs.
  const sizes = [few, few, managers];
  const tenants = sizes.map((size, number) => makeTenant(number, size * usersPerManager + 50));
  const product = await startProduct({ appFile, tenants, latencyMs: 0, countCalls: true });
  const stopProduct = stoppable(product.stop);
  try {
    const msp = await openMsp(product);
    const clients = await openClients(product);
    const companies: WeeklyCompany[] = [];
    for (const [index, tenant] of tenants.entries()) {
      // Two days between them, for the mails of the one before.
      const dueDay = localDay(new Date(product.sandbox.clock.now() + (1 + 2 * index) * dayMs), 'Europe/Berlin');
      const wish = { tenant, managers: sizes[index] ?? 0, weekday: weekdayOf(dueDay) };
      companies.push(await prepareCompany(product, clients, msp, wish));
      tell(`${tenant.users.toLocaleString('en')} people are approved, and ${wish.managers.toLocaleString('en')} managers have accounts.`);
    }
    await settle(product);
    // In a process of its own, whose peak memory is not that of the first syncs.
    await product.sandbox.host.kill();
    await settle(product);
    const stolen = watchSteal();
    const weeks: WeekReport[] = [];
    for (const company of companies) {
      const week = await measureWeek(product, clients, company);
      weeks.push(week);
      tell(`${week.managers.toLocaleString('en')} managers decided in ${(week.decided.ms / 1000).toFixed(1)} s.`);
      if (company !== companies.at(-1)) await sendAll(product, clients, company);
    }
    const [, small, large] = weeks;
    if (!small || !large) throw new Error('A week is missing.');
    const [one, other] = [perManager(large), perManager(small)];
    return {
      startedAt: started.toISOString(),
      minutes: (Date.now() - started.getTime()) / minuteMs,
      machine: describeMachine(),
      stolen: stolen() ?? null,
      mailQuota: '30 a minute, 100 an hour (the defaults)',
      notMeasured,
      weeks: [small, large],
      ratios: {
        ms: one.ms / other.ms,
        storageCalls: one.storageCalls / other.storageCalls,
        rowsWritten: one.rowsWritten / other.rowsWritten,
        cpuSeconds: one.cpuSeconds / other.cpuSeconds,
      },
    };
  } finally {
    await stopProduct();
  }
}

stopOnSignals();
try {
  const { values } = parseArgs({ options: { managers: { type: 'string', default: '10000' } } });
  const managers = Number(values.managers);
  if (!Number.isInteger(managers) || managers < 100 || managers > 30_000)
    throw new Error(`--managers takes a whole number from 100 to 30,000, not "${values.managers}".`);
  const screen = makeConsole(process.stdout);
  const folder = await mkdtemp(join(tmpdir(), 'muster-weekly-'));
  stoppable(async () => await rm(folder, { recursive: true, force: true }));
  const appFile = join(folder, 'main.cjs');
  await buildApp(appFile);
  const report = await runWeeks(appFile, managers, (text) => screen.line(text));
  const name = `${report.startedAt.slice(0, 16).replace(':', '')}-weekly.json`;
  await writeFile(new URL(`results/${name}`, import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
  screen.line();
  for (const row of table(rowsOf(report))) screen.line(row);
  screen.line('\nNot measured:');
  for (const sentence of report.notMeasured) screen.line(`  ${sentence}`);
  screen.line(`\n${report.minutes.toFixed(1)} minutes; bench/results/${name}`);
} catch (error) {
  process.stderr.write(`muster: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
