// Deciding everybody who matches a filter: what is asked, where the job stands, whom it may decide, and what it says when it ends.
import { type DecisionCommand, decisionTransitions } from './decision.ts';
import { oneLine } from './one-line.ts';
import { makePlural } from './plural.ts';
import { statusOf } from './user-lists.ts';
import type { AccountKind, Decision, User } from './user.ts';

export const jobStates = ['collecting', 'deciding', 'done', 'cancelled', 'failed'] as const;
export type JobState = (typeof jobStates)[number];
type EndState = Extract<JobState, 'done' | 'cancelled' | 'failed'>;

/** What the lists offer to filter by; removed people are decided one by one, as their decisions differ. */
export interface JobFilter {
  readonly status: Decision;
  readonly kind: AccountKind | null;
  readonly department: string | null;
  /** Object id of the manager. */
  readonly managerId: string | null;
  readonly search: string | null;
}

/**
 * What became of one user of the set. `dropped`: came from an outdated line of a list and had not matched when the job began.
 * `notReached`: the job ended before.
 */
export const jobOutcomes = ['decided', 'unchanged', 'refused', 'dropped', 'notReached'] as const;
export type JobOutcome = (typeof jobOutcomes)[number];
export type JobTally = Readonly<Record<Exclude<JobOutcome, 'notReached'>, number>>;

export interface DecisionJob {
  /** Sorts newest first. */
  readonly jobId: string;
  readonly companyId: string;
  readonly tenantId: string;
  readonly command: DecisionCommand;
  readonly filter: JobFilter;
  /** For the words of the filter. */
  readonly managerName: string | null;
  readonly reason: string | null;
  /** How many the admin saw. */
  readonly expectedCount: number | null;
  /** Who asked; must be allowed to decide for as long as the job runs. */
  readonly by: { readonly tenantId: string; readonly objectId: string; readonly name: string };
  /** Fixed when the job begins, so that its audit entry is stored once. */
  readonly auditId: string;
  readonly state: JobState;
  readonly startedAt: string;
  readonly collectedAt: string | null;
  readonly endedAt: string | null;
  readonly cancelledBy: string | null;
  /** Why a failed job stopped, in a sentence. */
  readonly problem: string | null;
  /** Names the stored set; `null` while it is collected. */
  readonly setId: string | null;
  readonly collected: number;
  readonly slices: number;
  /** The slice to decide next; everything before it is stored. */
  readonly nextSlice: number;
  readonly tally: JobTally;
}

export const noTally: JobTally = { decided: 0, unchanged: 0, refused: 0, dropped: 0 };

/** Counts the outcomes of one slice on top. */
export function addOutcomes(tally: JobTally, outcomes: readonly JobOutcome[]): JobTally {
  const of = (wanted: JobOutcome) => outcomes.filter((outcome) => outcome === wanted).length;
  return {
    decided: tally.decided + of('decided'),
    unchanged: tally.unchanged + of('unchanged'),
    refused: tally.refused + of('refused'),
    dropped: tally.dropped + of('dropped'),
  };
}

export const hasEnded = ({ state }: Pick<DecisionJob, 'state'>): boolean => state !== 'collecting' && state !== 'deciding';
/** How many matched when the job began; shrinks a little where a line of the list proves to be outdated. */
export const matchedBy = ({ collected, tally }: Pick<DecisionJob, 'collected' | 'tally'>): number => collected - tally.dropped;

/** False for a command that would leave everybody with this status where they stand. */
export function canLead(command: DecisionCommand, status: Decision): boolean {
  return decisionTransitions[status][command] !== 'unchanged';
}

const sparePercent = 5;
const sparePeople = 10;

/** The most people a job may find when its admin saw `expected`: the narrower of 5 % and 10 people more. */
export function mostFor(expected: number): number {
  return expected + Math.min(sparePeople, Math.floor((expected * sparePercent) / 100));
}

/**
 * Whether the job may decide a user it has collected, as the user stands now. Whoever was decided or removed since the job began is
 * left as they are, even where the status is the same again; whoever arrived since was not there to be seen.
 */
export function standing(
  job: Pick<DecisionJob, 'command' | 'filter' | 'startedAt'>,
  user: User,
  fits: (user: User) => boolean,
): 'matches' | Exclude<JobOutcome, 'decided' | 'notReached'> {
  const changed = [user.decidedAt, user.removedAt].some((at) => at !== null && at >= job.startedAt);
  if (user.arrivedAt > job.startedAt) return 'dropped';
  if (statusOf(user) !== job.filter.status) {
    if (!changed) return 'dropped';
    return statusOf(user) === decisionTransitions[job.filter.status][job.command] ? 'unchanged' : 'refused';
  }
  return changed || !fits(user) ? 'refused' : 'matches';
}

/** Seconds until everybody is decided at the pace so far; `null` as long as there is none. */
export function secondsLeft(job: DecisionJob, now: Date): number | null {
  if (job.state !== 'deciding' || job.collectedAt === null) return null;
  const { decided, unchanged, refused, dropped } = job.tally;
  const handled = decided + unchanged + refused + dropped;
  const seconds = (now.getTime() - Date.parse(job.collectedAt)) / 1000;
  return handled === 0 || seconds <= 0 ? null : Math.ceil(((job.collected - handled) * seconds) / handled);
}

const pastTense: Readonly<Record<DecisionCommand, string>> = { approve: 'Approved', deny: 'Denied', reopen: 'Reopened' };
const plural = makePlural('en');
const users = (count: number) => plural(count, { one: 'user', other: 'users' });
const numbers = new Intl.NumberFormat('en');
/** `sharedMailbox` is "shared mailbox". */
const spaced = (kind: AccountKind) => kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** What somebody typed, or the directory says, as a part of our sentence: one line that cannot end its quotation or turn the text round. */
const quoted = (text: string) => `"${oneLine(text).replaceAll('"', "'")}"`;

/** The filter in words: `pending, kind person, department "Sales"`. */
export function filterWords({ filter, managerName }: Pick<DecisionJob, 'filter' | 'managerName'>): string {
  return [
    filter.status,
    filter.kind === null ? null : `kind ${spaced(filter.kind)}`,
    filter.department === null ? null : `department ${quoted(filter.department)}`,
    filter.managerId === null ? null : `manager ${quoted(managerName ?? filter.managerId)}`,
    filter.search === null ? null : `search ${quoted(filter.search)}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

const endings: Readonly<Record<EndState, (job: DecisionJob) => string>> = {
  done: () => '',
  cancelled: ({ cancelledBy }) => ` Cancelled by ${cancelledBy ?? 'an admin'} before the rest was decided.`,
  failed: ({ problem }) => ` Stopped early: ${problem ?? 'unknown cause.'}`,
};

/** What the audit log says of a job that ended: `Approved 9,873 of 10,000 users who matched: pending, kind person.` */
export function jobSummary(job: DecisionJob & { readonly state: EndState }): string {
  const matched = job.setId === null ? 'users' : `of ${users(matchedBy(job))}`;
  return `${pastTense[job.command]} ${numbers.format(job.tally.decided)} ${matched} who matched: ${filterWords(job)}.${endings[job.state](job)}`;
}
