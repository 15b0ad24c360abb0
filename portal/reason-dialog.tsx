// Asks before many are decided: what it means, and for a reason. Used for selected users and for everybody who matches.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { DecisionCommand } from '../shared/domain/decision.ts';
import { Confirm, Field } from './parts.tsx';
import { useAction } from './resource.ts';
import { commandWords } from './words.ts';

interface Props {
  readonly command: DecisionCommand;
  /** Whom it is about: "12 users". */
  readonly people: string;
  /** `reason` is the same at every try. */
  readonly decide: (reason: string | null) => Promise<void>;
  readonly onClose: () => void;
  readonly children?: (started: boolean) => ComponentChildren;
}

export function ReasonDialog({ command, people, decide, onClose, children }: Props) {
  const [reason, setReason] = useState('');
  const [started, setStarted] = useState(false);
  const action = useAction('dialog');
  const words = commandWords[command];
  const confirm = () =>
    action.run(async () => {
      // The reason belongs to the request, and a repeated request must be the same.
      setStarted(true);
      await decide(reason.trim() === '' ? null : reason.trim());
    });
  return (
    <Confirm
      title={`${words.act} ${people}?`}
      act={started && !action.busy ? 'Try again' : `${words.act} ${people}`}
      danger={command === 'deny'}
      action={action}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{words.meaning}</p>
      <Field label="Reason" hint="Optional. Kept with the decision and in the audit log.">
        {(ids) => (
          <input {...ids} value={reason} maxLength={500} readOnly={started} onInput={(event) => setReason(event.currentTarget.value)} />
        )}
      </Field>
      {children?.(started)}
    </Confirm>
  );
}
