// Asks before many are decided at once: names the number, takes a reason, and goes on where it stopped when tried again.
import { useRef, useState } from 'preact/hooks';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import type { BulkResult } from './api.ts';
import { type Batch, makeBatches } from './bulk.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { counted } from './format.ts';
import { Confirm, Field } from './parts.tsx';
import { useAction } from './resource.ts';
import { commandWords } from './words.ts';

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
  const [reason, setReason] = useState('');
  const [started, setStarted] = useState(false);
  const action = useAction('dialog');
  const words = commandWords[command];
  const people = counted(format, userIds.length, 'user');
  const decide = () =>
    action.run(async () => {
      // The reason belongs to the request, and a repeated request must be the same.
      setStarted(true);
      let done = results;
      for (const { key, userIds: ids } of (batches.current ?? []).slice(done.length)) {
        done = [
          ...done,
          await api.decideMany(companyId, { command, userIds: ids, reason: reason.trim() === '' ? null : reason.trim() }, key),
        ];
        setResults(done);
      }
      onDone(done);
    });
  const decided = results.reduce((sum, { items }) => sum + items.length, 0);
  return (
    <Confirm
      title={`${words.act} ${people}?`}
      act={started && !action.busy ? 'Try again' : `${words.act} ${people}`}
      danger={command === 'deny'}
      action={action}
      onConfirm={decide}
      onClose={() => onClose(results)}
    >
      <p>{words.meaning}</p>
      <Field label="Reason" hint="Optional. Kept with the decision and in the audit log.">
        {(ids) => (
          <input {...ids} value={reason} maxLength={500} readOnly={started} onInput={(event) => setReason(event.currentTarget.value)} />
        )}
      </Field>
      {started && userIds.length > 1 ? <progress aria-label="Decided so far" value={decided} max={userIds.length} /> : null}
    </Confirm>
  );
}
