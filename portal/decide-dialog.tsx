// Asks before many are decided at once: names the number, takes a reason, and goes on where it stopped when tried again.
import { useRef, useState } from 'preact/hooks';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { BulkResult } from './api.ts';
import { type Batch, makeBatches } from './bulk.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { counted } from './format.ts';
import { ReasonDialog } from './reason-dialog.tsx';

interface Props {
  readonly command: DecisionCommand;
  readonly userIds: readonly string[];
  readonly onDone: (results: readonly BulkResult[]) => void;
  /** `results` of what was decided before the dialog was left. */
  readonly onClose: (results: readonly BulkResult[]) => void;
}

export function DecideDialog({ command, userIds, onDone, onClose }: Props) {
  const { companyId } = useCompany().company;
  const batches = useRef<readonly Batch[]>(null);
  batches.current ??= makeBatches(userIds, () => crypto.randomUUID());
  const [results, setResults] = useState<readonly BulkResult[]>([]);
  const decide = async (reason: string | null) => {
    let done = results;
    for (const { key, userIds: ids } of (batches.current ?? []).slice(done.length)) {
      done = [...done, await api.decideMany(companyId, { command, userIds: ids, reason }, key)];
      setResults(done);
    }
    onDone(done);
  };
  const decided = results.reduce((sum, { items }) => sum + items.length, 0);
  return (
    <ReasonDialog command={command} people={counted(format, userIds.length, 'user')} decide={decide} onClose={() => onClose(results)}>
      {(started) => (started && userIds.length > 1 ? <progress aria-label="Decided so far" value={decided} max={userIds.length} /> : null)}
    </ReasonDialog>
  );
}
