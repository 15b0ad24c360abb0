// Asks before everybody who matches is decided: names the number, takes a reason, and starts the job.
import { useRef } from 'preact/hooks';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { DecisionJob, NewDecisionJob } from './api.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { counted } from './format.ts';
import { ReasonDialog } from './reason-dialog.tsx';

interface Props {
  readonly command: DecisionCommand;
  readonly filter: NewDecisionJob['filter'];
  /** How many the admin was told. */
  readonly expectedCount: number;
  readonly onStarted: (job: DecisionJob) => void;
  readonly onClose: () => void;
}

export function JobDialog({ command, filter, expectedCount, onStarted, onClose }: Props) {
  const { companyId } = useCompany().company;
  const key = useRef(crypto.randomUUID());
  return (
    <ReasonDialog
      command={command}
      people={`all ${counted(format, expectedCount, 'user')} who match`}
      decide={async (reason) => onStarted(await api.startDecisionJob(companyId, { command, filter, expectedCount, reason }, key.current))}
      onClose={onClose}
    >
      {() => <p class="muted">It goes on when you leave this page. Whoever arrives later is not decided.</p>}
    </ReasonDialog>
  );
}
