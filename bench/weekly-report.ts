// What the bench of the weekly reminders tells: what a week of one company cost, by manager, and its table for people.
import type { Machine } from './machine.ts';
import type { Figures } from './samples.ts';
import type { CallCounts } from './storage-relay.ts';

/** What was spent from the moment at which the week was due to another one. */
export interface Spent {
  readonly ms: number;
  readonly storageCalls: number;
  readonly rowsWritten: number;
  readonly callsByTable: CallCounts;
  readonly rowsByTable: Readonly<Record<string, number>>;
  /** `cpuSeconds` and `peakMb` of the app's process since it was started anew, `azuriteCpuSeconds`, `azuritePeakMb`. */
  readonly costs: Figures;
}

/** What the API says of the mails at a moment. */
export interface Waiting {
  readonly mails: number;
  /** Hours since the week was due. */
  readonly estimatedEndHours: number | null;
  /** How long the API took to tell it. */
  readonly answerMs: number;
}

export interface WeekReport {
  readonly managers: number;
  readonly users: number;
  /** Until the summary says that everybody was decided. */
  readonly decided: Spent;
  /** Until, besides, each mail was sent or had its place in the line for the hour's quota: six minutes of the clock later. */
  readonly inLine: Spent;
  /** Reminders decided to be sent, each a mail in the queue. */
  readonly mailsQueued: number;
  readonly whenDecided: Waiting;
  readonly whenInLine: Waiting;
}

export interface WeeklyReport {
  readonly startedAt: string;
  readonly minutes: number;
  readonly machine: Machine;
  /** Share of the CPU time that went to other machines on this host while the weeks ran. */
  readonly stolen: number | null;
  readonly mailQuota: string;
  readonly notMeasured: readonly string[];
  /** The smaller company first. */
  readonly weeks: readonly WeekReport[];
  /** What a manager costs in the larger company, divided by the same in the smaller one. */
  readonly ratios: Readonly<Record<'ms' | 'storageCalls' | 'rowsWritten' | 'cpuSeconds', number>>;
}

/** What one manager costs, by name. */
export const perManager = ({ managers, inLine, decided }: WeekReport): WeeklyReport['ratios'] => ({
  ms: decided.ms / managers,
  storageCalls: inLine.storageCalls / managers,
  rowsWritten: inLine.rowsWritten / managers,
  cpuSeconds: (inLine.costs['cpuSeconds'] ?? Number.NaN) / managers,
});

const rounded = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : Number(value.toPrecision(3)).toString();

export function rowsOf({ weeks: [small, large], ratios }: WeeklyReport): readonly (readonly string[])[] {
  if (!small || !large) return [];
  const line = (name: string, of: (week: WeekReport) => number | null | undefined, ratio?: number) => [
    name,
    rounded(of(small)),
    rounded(of(large)),
    ratio === undefined ? '' : rounded(ratio),
  ];
  return [
    ['', `${small.managers} managers`, `${large.managers} managers`, 'ratio'],
    line('decided after, s', ({ decided }) => decided.ms / 1000),
    line('  a manager, ms', (week) => perManager(week).ms, ratios.ms),
    line('mails in line after, s', ({ inLine }) => inLine.ms / 1000),
    line('storage calls a manager', (week) => perManager(week).storageCalls, ratios.storageCalls),
    line('  until decided', ({ decided, managers }) => decided.storageCalls / managers),
    line('rows written a manager', (week) => perManager(week).rowsWritten, ratios.rowsWritten),
    line('  until decided', ({ decided, managers }) => decided.rowsWritten / managers),
    line('CPU of the app a manager, ms', (week) => 1000 * perManager(week).cpuSeconds, ratios.cpuSeconds),
    line('peak memory of the app, MB', ({ inLine }) => inLine.costs['peakMb']),
    line('mails queued', ({ mailsQueued }) => mailsQueued),
    line('  waiting when in line', ({ whenInLine }) => whenInLine.mails),
    line('estimated end when decided, h after due', ({ whenDecided }) => whenDecided.estimatedEndHours),
    line('  when in line', ({ whenInLine }) => whenInLine.estimatedEndHours),
    line('the API told it in, ms', ({ whenInLine }) => whenInLine.answerMs),
  ];
}
