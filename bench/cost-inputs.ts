// What the cost model is fed with: a fleet, what the system was measured to do, and list prices. Every number can be changed.

/** Assumptions about a fleet and how it is used. */
const fleet = {
  companies: [10_000, 'companies'],
  usersPerCompany: [1_000, 'users in each, all kinds'],
  roundsPerDay: [24, 'rounds a company and day; the default schedule is hourly'],
  fullRoundsPerMonth: [4.3, 'full rounds a company and month; at least every 7 days'],
  changesPerCompanyPerDay: [20, 'users a company and day whose stored fields change, come or go'],
  pagesPerCompanyPerMonth: [200, 'list pages a company and month'],
  decisionsPerCompanyPerMonth: [50, 'single decisions a company and month'],
  mailsPerCompanyPerMonth: [20, 'mails a company and month'],
  monthsKept: [12, 'months for which audit entries and send records have been piling up; nothing deletes them'],
  runMonthsKept: [3, 'months for which records of rounds are kept'],
  durableMonthsKept: [0.25, 'months of Durable history: ended orchestrations are forgotten after 7 days'],
  busiestFactor: [5, 'rounds and mails of the busiest minute against the average one'],
} as const satisfies Inputs;

/** What the system does, measured or counted; docs/scaling.md says how. */
const system = {
  userBytes: [2_690, 'bytes of a user row, as Table Storage counts them'],
  listBytesPerUser: [1_690, 'bytes of list lines a user'],
  otherRowsPerCompany: [170, 'rows of a company besides users: lists, settings, counts'],
  runRecordBytes: [1_110, 'bytes of a run record'],
  auditBytesPerDecision: [700, 'bytes of an audit entry on one decision'],
  sendRecordBytes: [810, 'bytes of a send record'],
  durableBytesPerRound: [7_000, 'bytes of Durable history and instance a round (estimate: 8 history rows, 1 instance row)'],
  callsPerRound: [6, 'storage calls of a delta round without changes (test/use-cases/sync-cost.test.ts)'],
  callsPerFullRound: [31, 'storage calls of a full round of 1,000 users without changes'],
  callsPerChange: [2, 'storage calls a changed user: one read, one write'],
  callsPerPage: [54, 'storage calls of a list page of 50 users'],
  callsPerDecision: [14, 'storage calls of a single decision with its audit entry'],
  callsPerMail: [8, 'storage calls of a mail: effect, send record, quota'],
  durableCallsPerRound: [17, 'storage calls of Durable Functions a round of one activity (estimate from its design)'],
  durableIdleCallsPerMonth: [
    4_700_000,
    'calls a month of queue polling (5 queues, twice, every 10 s) and lease renewal (4 partitions, every 10 s)',
  ],
  executionsPerRound: [3, 'function executions a round: two of the orchestrator, one of the activity'],
  secondsPerRound: [0.5, 'seconds an activity runs without changes'],
  roundsAtOncePerInstance: [8, 'activities an instance runs at once (host.json)'],
  secondsPerRequest: [1, 'seconds billed an HTTP request when none overlap: the minimum of the plan'],
  secondsPerTimerMinute: [5, 'seconds a minute in which the timers run, in instances of their own'],
  graphCallsPerRound: [1, 'Graph requests of a delta round'],
  graphCallsPerFullRound: [9, 'Graph requests of a full round of 1,000 users'],
  mailMegabytes: [0.05, 'megabytes of a mail'],
  pageMegabytes: [0.06, 'megabytes of a list page of 50 users'],
  serviceBusOperationsPerMail: [4, 'Service Bus operations a mail: send, receive, complete, and again for one that waited'],
  logMegabytesPerHour: [36, 'megabytes of logs an instance and hour: sampled to 10 items of 1 KB a second'],
} as const satisfies Inputs;

/** List prices in US dollars. Which of them were found in Microsoft's documentation is said in docs/scaling.md. */
const prices = {
  tableGigabyteMonth: [0.045, 'GB and month in tables, locally redundant'],
  tableCalls10k: [0.000_36, '10,000 calls of tables'],
  durableCalls10k: [0.000_4, '10,000 calls of queues and tables of the Durable store'],
  onDemandGigabyteSecond: [0.000_026, 'GB-second on demand, Flex Consumption'],
  alwaysReadyGigabyteSecond: [0.000_004, 'GB-second an always-ready instance waits'],
  activeGigabyteSecond: [0.000_016, 'GB-second an always-ready instance works'],
  millionExecutions: [0.4, 'million executions'],
  serviceBusMonth: [9.81, 'Service Bus Standard, base charge a month with 13 million operations'],
  serviceBusMillion: [0.8, 'further million operations'],
  mail: [0.000_25, 'mail'],
  mailMegabyte: [0.000_12, 'megabyte of mail'],
  logGigabyte: [2.3, 'GB of logs taken in'],
  egressGigabyte: [0.087, 'GB sent to the internet'],
} as const satisfies Inputs;

export type Inputs = Readonly<Record<string, readonly [value: number, meaning: string]>>;
type Values<T> = { readonly [K in keyof T]: number };

/** Every input by name. */
export type CostInputs = Values<typeof fleet & typeof system & typeof prices>;

export const groups = { 'the fleet': fleet, 'the system': system, 'prices, US$ a': prices } as const;
const valuesOf = (inputs: Inputs) => Object.fromEntries(Object.entries(inputs).map(([name, [value]]) => [name, value]));

export const defaultInputs = { ...valuesOf(fleet), ...valuesOf(system), ...valuesOf(prices) } as CostInputs;

/** Reads `name=value` words over the default inputs. @throws Error naming a word that is no input. */
export function inputsFrom(words: readonly string[]): CostInputs {
  const changes = words.map((word) => {
    const [name = '', text = ''] = word.split('=');
    const value = Number(text);
    if (!(name in defaultInputs) || text === '' || !Number.isFinite(value))
      throw new Error(`"${word}" is not an input; write name=number.`);
    return [name, value] as const;
  });
  return { ...defaultInputs, ...Object.fromEntries(changes) };
}
