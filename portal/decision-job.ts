// Deciding everybody who matches, in words and numbers: how many that is, what to ask the API for, and how far a job is.
import type { UserStatus } from '../shared/domain/user-lists.ts';
import type { Counts, DecisionJob, NewDecisionJob } from './api.ts';
import { counted, type Format } from './format.ts';
import { type ListFilters, userQuery } from './list-query.ts';
import type { Problem } from './request.ts';
import { commandWords } from './words.ts';

/** How many match, where the counts can tell; `null` where only reading the list can. */
export function countOf(status: UserStatus, filters: ListFilters, counts: Counts | null): number | null {
  const { kind, department, search } = filters;
  if (counts === null || department.trim() !== '' || search.trim() !== '') return null;
  if (kind === null) return counts[status];
  return status === 'pending' ? counts.pendingByKind[kind] : null;
}

/** The filter of a list, as a job takes it. */
export function jobFilter(status: NewDecisionJob['filter']['status'], filters: ListFilters): NewDecisionJob['filter'] {
  const { limit: _limit, sort: _sort, ...filter } = userQuery(status, filters, null);
  return { ...filter, status };
}

/** Whether asking again may help: not when the API has said no, as it does to an admin who lost the role. */
export const isPassing = ({ status }: Problem): boolean => status === 0 || status === 429 || status >= 500;

export const isRunning = (job: DecisionJob | null): job is DecisionJob => job?.endedAt === null;

/** "Approve: 4,200 of 10,000 users · about 12 s left". */
export function jobProgress(format: Format, job: DecisionJob): string {
  const { act } = commandWords[job.command];
  if (job.matched === null) return `${act}: finding who matches ${job.filterText}`;
  const done = job.decided + job.unchanged + job.refused;
  const left = job.secondsLeft === null ? '' : ` · about ${format.duration(job.secondsLeft * 1000)} left`;
  return `${act}: ${format.number(done)} of ${counted(format, job.matched, 'user')}${job.cancelledBy === null ? left : ' · stopping'}`;
}

/** What became of a job that has ended. */
export function jobResult(format: Format, job: DecisionJob): string {
  return [
    `${commandWords[job.command].done} ${format.number(job.decided)} of ${counted(format, job.matched ?? 0, 'user')}.`,
    job.unchanged === 0 ? '' : `${format.number(job.unchanged)} had that decision already.`,
    job.refused === 0 ? '' : `${format.number(job.refused)} were decided or changed meanwhile and stay as they are.`,
    job.state === 'cancelled' ? `Cancelled by ${job.cancelledBy ?? 'an admin'}.` : '',
    job.problem === null ? '' : `Stopped early: ${job.problem}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
