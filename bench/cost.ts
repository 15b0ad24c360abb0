// `node bench/cost.ts`: what a fleet needs and costs a month, from inputs that can all be changed; docs/scaling.md shows its output.
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type CostInputs, groups, type Inputs, inputsFrom } from './cost-inputs.ts';

const daysPerMonth = 30.4;
const secondsPerMonth = daysPerMonth * 86_400;
const instanceGigabytes = 2;

/** What the fleet needs: amounts a month, rates a second, and shares of the documented limits. */
export interface Need {
  readonly what: string;
  readonly amount: number;
  readonly unit: string;
}

export interface CostLine {
  readonly what: string;
  readonly formula: string;
  readonly dollars: number;
}

function volumesOf(inputs: CostInputs) {
  const { companies, usersPerCompany, monthsKept } = inputs;
  const rounds = companies * inputs.roundsPerDay * daysPerMonth;
  const fullRounds = companies * inputs.fullRoundsPerMonth;
  const changes = companies * inputs.changesPerCompanyPerDay * daysPerMonth;
  const pages = companies * inputs.pagesPerCompanyPerMonth;
  const decisions = companies * inputs.decisionsPerCompanyPerMonth;
  const mails = companies * inputs.mailsPerCompanyPerMonth;
  const tableCalls =
    rounds * inputs.callsPerRound +
    fullRounds * inputs.callsPerFullRound +
    changes * inputs.callsPerChange +
    pages * inputs.callsPerPage +
    decisions * inputs.callsPerDecision +
    mails * inputs.callsPerMail;
  const recordsPerMonth = decisions * inputs.auditBytesPerDecision + mails * inputs.sendRecordBytes;
  return {
    rounds,
    fullRounds,
    pages,
    decisions,
    mails,
    tableCalls,
    durableCalls: rounds * inputs.durableCallsPerRound + inputs.durableIdleCallsPerMonth,
    rows: companies * (usersPerCompany + inputs.otherRowsPerCompany),
    userGigabytes: (companies * usersPerCompany * (inputs.userBytes + inputs.listBytesPerUser)) / 1e9,
    recordGigabytes: (recordsPerMonth * monthsKept + rounds * inputs.runRecordBytes * inputs.runMonthsKept) / 1e9,
    durableGigabytes: (rounds * inputs.durableBytesPerRound * inputs.durableMonthsKept) / 1e9,
    graphCalls: rounds * inputs.graphCallsPerRound + fullRounds * inputs.graphCallsPerFullRound,
    executions: rounds * inputs.executionsPerRound + pages + decisions + mails,
    activeInstances: (rounds * inputs.secondsPerRound) / secondsPerMonth / inputs.roundsAtOncePerInstance,
  };
}

/** Amounts a month and rates in the busiest minute. */
export function needsOf(inputs: CostInputs): readonly Need[] {
  const volumes = volumesOf(inputs);
  const busiest = (amount: number) => (amount / secondsPerMonth) * inputs.busiestFactor;
  return [
    { what: 'Rounds', amount: volumes.rounds, unit: 'a month' },
    { what: 'Rounds, busiest minute', amount: busiest(volumes.rounds), unit: 'a second' },
    { what: 'Rows in tables', amount: volumes.rows, unit: 'rows' },
    { what: 'Users and lists', amount: volumes.userGigabytes, unit: 'GB' },
    { what: 'Run records, audit log, send records', amount: volumes.recordGigabytes, unit: 'GB' },
    { what: 'Durable history', amount: volumes.durableGigabytes, unit: 'GB' },
    { what: 'Calls of tables', amount: volumes.tableCalls, unit: 'a month' },
    { what: 'Calls of tables, busiest minute', amount: busiest(volumes.tableCalls), unit: 'a second' },
    { what: 'Calls of the Durable store', amount: volumes.durableCalls, unit: 'a month' },
    { what: 'Calls of the Durable store, busiest minute', amount: busiest(volumes.durableCalls), unit: 'a second' },
    { what: 'Graph requests, busiest minute', amount: busiest(volumes.graphCalls), unit: 'a second' },
    { what: 'Mails, busiest hour', amount: busiest(volumes.mails) * 3600, unit: 'an hour' },
    { what: 'Activities at work, on average', amount: volumes.activeInstances * inputs.roundsAtOncePerInstance, unit: 'at once' },
  ];
}

/** The bill by line. */
export function costOf(inputs: CostInputs): readonly CostLine[] {
  const volumes = volumesOf(inputs);
  const active = Math.min(1, volumes.activeInstances * inputs.roundsAtOncePerInstance) * secondsPerMonth;
  const further = Math.max(0, volumes.activeInstances - 1) * secondsPerMonth;
  const requestSeconds = (volumes.pages + volumes.decisions) * inputs.secondsPerRequest + volumes.mails;
  const timerSeconds = (secondsPerMonth / 60) * inputs.secondsPerTimerMinute;
  const serviceBusMillions = (volumes.mails * inputs.serviceBusOperationsPerMail) / 1e6;
  const tableGigabytes = volumes.userGigabytes + volumes.recordGigabytes;
  const instances = 1 + Math.max(0, volumes.activeInstances - 1) + (requestSeconds + timerSeconds) / secondsPerMonth;
  const egressGigabytes = (volumes.pages * inputs.pageMegabytes) / 1000;
  return [
    { what: 'Tables: space', formula: 'GB × price', dollars: tableGigabytes * inputs.tableGigabyteMonth },
    { what: 'Tables: calls', formula: 'calls / 10,000 × price', dollars: (volumes.tableCalls / 1e4) * inputs.tableCalls10k },
    { what: 'Durable store: space', formula: 'GB × price', dollars: volumes.durableGigabytes * inputs.tableGigabyteMonth },
    { what: 'Durable store: calls', formula: 'calls / 10,000 × price', dollars: (volumes.durableCalls / 1e4) * inputs.durableCalls10k },
    {
      what: 'Functions: one always-ready instance for rounds',
      formula: '2 GB × (month waiting + seconds with a round)',
      dollars: instanceGigabytes * (secondsPerMonth * inputs.alwaysReadyGigabyteSecond + active * inputs.activeGigabyteSecond),
    },
    {
      what: 'Functions: on demand, for requests, mails, timers and further rounds',
      formula: '2 GB × seconds × price',
      dollars: instanceGigabytes * (further + requestSeconds + timerSeconds) * inputs.onDemandGigabyteSecond,
    },
    {
      what: 'Functions: executions',
      formula: 'executions / million × price',
      dollars: (volumes.executions / 1e6) * inputs.millionExecutions,
    },
    {
      what: 'Service Bus Standard',
      formula: 'base + operations above 13 million',
      dollars: inputs.serviceBusMonth + Math.max(0, serviceBusMillions - 13) * inputs.serviceBusMillion,
    },
    {
      what: 'Mail',
      formula: 'mails × (price + MB × price)',
      dollars: volumes.mails * (inputs.mail + inputs.mailMegabytes * inputs.mailMegabyte),
    },
    {
      what: 'Logs',
      formula: 'instances × hours × MB × price',
      dollars: (instances * (secondsPerMonth / 3600) * inputs.logMegabytesPerHour * inputs.logGigabyte) / 1000,
    },
    { what: 'Traffic to browsers', formula: 'pages × MB × price', dollars: egressGigabytes * inputs.egressGigabyte },
  ];
}

const shown = (amount: number) => amount.toLocaleString('en', { maximumFractionDigits: amount < 10 ? 2 : 0 });
const dollars = (amount: number) => `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const plain = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 6 });

function tableOf(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heading), `|${heading.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Inputs, needs and bill as Markdown tables. */
export function costReport(inputs: CostInputs): string {
  const value = (name: string) => plain((inputs as Readonly<Record<string, number>>)[name] ?? 0);
  const given = Object.entries(groups).map(([group, entries]) =>
    tableOf(
      [`input: ${group}`, 'value', 'meaning'],
      Object.entries<Inputs[string]>(entries).map(([name, [, meaning]]) => [`\`${name}\``, value(name), meaning]),
    ),
  );
  const lines = costOf(inputs);
  const sum = lines.reduce((total, line) => total + line.dollars, 0);
  const users = inputs.companies * inputs.usersPerCompany;
  const needs = tableOf(
    ['need', 'amount', ''],
    needsOf(inputs).map(({ what, amount, unit }) => [what, shown(amount), unit]),
  );
  const bill = tableOf(
    ['a month', 'formula', 'US$'],
    [
      ...lines.map((line) => [line.what, line.formula, dollars(line.dollars)]),
      ['**Sum**', `${dollars(sum / inputs.companies)} a company, ${dollars((sum / users) * 1000)} for 1,000 users`, `**${dollars(sum)}**`],
    ],
  );
  return [...given, needs, bill].join('\n\n');
}

const variants: readonly (readonly string[])[] = [
  [],
  ['companies=2000'],
  ['roundsPerDay=288'],
  ['changesPerCompanyPerDay=200'],
  ['usersPerCompany=10000', 'changesPerCompanyPerDay=200', 'callsPerFullRound=200', 'graphCallsPerFullRound=60'],
  ['companies=100000'],
];

/** The same sum for other fleets, to see what it follows. */
export function costVariants(): string {
  const rows = variants.map((words) => {
    const inputs = inputsFrom(words);
    const sum = costOf(inputs).reduce((total, line) => total + line.dollars, 0);
    const users = inputs.companies * inputs.usersPerCompany;
    return [words.length === 0 ? 'as above' : `\`${words.join(' ')}\``, dollars(sum), dollars((sum / users) * 1000)];
  });
  return tableOf(['`node bench/cost.ts` with', 'US$ a month', 'for 1,000 users'], rows);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const others = positionals.length === 0 ? `\n\n${costVariants()}` : '';
  process.stdout.write(`${costReport(inputsFrom(positionals))}${others}\n`);
}
