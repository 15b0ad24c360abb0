// The running decision about everybody who matches: how far it is, and the way to stop it. Every admin of the company sees it.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { DecisionJob } from './api.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { isPassing, isRunning, jobProgress, jobResult } from './decision-job.ts';
import { useNotices } from './notices.tsx';
import { problemOf } from './request.ts';
import { useAction } from './resource.ts';

const everyMs = 1000;

export interface JobView {
  readonly job: DecisionJob | null;
  /** Shows a job that was just started or changed. */
  readonly follow: (job: DecisionJob) => void;
}

/** Follows the company's newest job while it runs; `onEnded` hears of the end. Readers see no jobs. */
export function useDecisionJob(onEnded: () => void): JobView {
  const { company, mayChange } = useCompany();
  const notices = useNotices();
  const [job, setJob] = useState<DecisionJob | null>(null);
  const ended = useRef(onEnded);
  ended.current = onEnded;
  useEffect(() => {
    setJob(null);
    if (mayChange === true) {
      // One that was started meanwhile is newer than the answer.
      api.newestDecisionJob(company.companyId).then((newest) => setJob((known) => known ?? newest), notices.fail);
    }
  }, [company.companyId, mayChange]);
  const lookAgain = async (running: DecisionJob) => {
    try {
      const next = await api.decisionJob(company.companyId, running.jobId);
      setJob(next);
      if (isRunning(next)) return;
      notices.tell(jobResult(format, next));
      ended.current();
    } catch (error) {
      notices.fail(error);
      // Another object is another state, so it is asked for again.
      setJob(isPassing(problemOf(error)) ? { ...running } : null);
    }
  };
  useEffect(() => {
    if (!isRunning(job)) return;
    const timer = setTimeout(() => void lookAgain(job), everyMs);
    return () => clearTimeout(timer);
  }, [job]);
  return { job, follow: useCallback(setJob, []) };
}

export function JobStrip({ job, follow }: JobView) {
  const { companyId } = useCompany().company;
  const { busy, run } = useAction();
  if (!isRunning(job)) return null;
  const { jobId, matched, decided, unchanged, refused, cancelledBy } = job;
  return (
    <div class="running" role="group" aria-label="Decision under way">
      <p class="numbers" id="job-running">
        {jobProgress(format, job)}
      </p>
      {/* Another key makes another element: one that had no value cannot begin to have one. */}
      {matched === null || matched === 0 ? (
        <progress key="going" aria-labelledby="job-running" />
      ) : (
        <progress key="counting" aria-labelledby="job-running" value={decided + unchanged + refused} max={matched} />
      )}
      <div class="actions">
        <button
          type="button"
          disabled={busy || cancelledBy !== null}
          onClick={() => run(async () => follow(await api.cancelDecisionJob(companyId, jobId)))}
        >
          Stop
        </button>
      </div>
    </div>
  );
}
