// Decides everybody who matches a filter, as prose. Only ids cross the history; every step is an activity that can be repeated.
import type { OrchestrationContext, Task } from 'durable-functions';
import type { JobInput, JobStep } from '../shared/use-cases/decision-job-steps.ts';
import { retries, stepsPerHistory } from './orchestrations.ts';

/** Asked of every orchestration from the first day, so that a later change of order can keep old instances on their path. */
const version = 1;

export interface DecideMatchingInput extends JobInput {
  readonly version: number;
}

export const decideMatchingInput = ({ companyId, jobId }: JobInput): DecideMatchingInput => ({ companyId, jobId, version });
export const decideMatchingInstance = ({ companyId, jobId }: JobInput): string => `decide-${companyId}-${jobId}`;

/** Works until the job has ended, then packs the lists it made longer. */
export function* decideMatching(context: OrchestrationContext): Generator<Task, string, JobStep> {
  const input = context.df.getInput<DecideMatchingInput>();
  if (!input) throw new Error('decideMatching needs a company and a job.');
  const job: JobInput = { companyId: input.companyId, jobId: input.jobId };
  try {
    for (let steps = 0; steps < stepsPerHistory; steps += 1) {
      const step: JobStep = yield context.df.callActivityWithRetry('workOnDecisionJob', retries(), job);
      if (step.kind === 'more') continue;
      yield context.df.callActivityWithRetry('packDecidedLists', retries(), job);
      return step.kind;
    }
  } catch {
    // A step failed five times in a row: the job ends where it is and says so; what was decided stays decided.
    const step: JobStep = yield context.df.callActivityWithRetry('abandonDecisionJob', retries(), job);
    return step.kind;
  }
  context.df.continueAsNew(input);
  return 'continued';
}
