// Adding a company under an MSP.
import type { TargetedSubmitEvent } from 'preact';
import { api, goTo } from './browser.ts';
import { Trouble } from './notices.tsx';
import { Dialog, Field, valuesOf } from './parts.tsx';
import { useAction } from './resource.ts';
import { pathOf } from './routing.ts';
import { TimeZoneInput } from './time-zone-input.tsx';

interface Props {
  readonly mspId: string;
  readonly onAdded: () => Promise<void>;
  readonly onClose: () => void;
}

export function CompanyDialog({ mspId, onAdded, onClose }: Props) {
  const { busy, problem, run } = useAction('dialog');
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { name = '', expectedDomain, timeZone = 'UTC' } = valuesOf(event.currentTarget);
    run(async () => {
      const company = await api.addCompany(mspId, { name, expectedDomain: expectedDomain ?? null, timeZone });
      await onAdded();
      onClose();
      goTo(pathOf(company.companyId));
    });
  };
  return (
    <Dialog title="Add company" busy={busy} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="Name">{(ids) => <input {...ids} name="name" required maxLength={120} autocomplete="off" />}</Field>
        <Field label="Expected domain" hint="Optional. A tenant with another domain is pointed out before joining, such as contoso.com.">
          {(ids) => (
            <input {...ids} name="expectedDomain" pattern="\s*[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+\s*" maxLength={253} autocomplete="off" />
          )}
        </Field>
        <TimeZoneInput value={Intl.DateTimeFormat().resolvedOptions().timeZone} />
        <Trouble problem={problem} />
        <div class="actions end">
          <button type="button" onClick={onClose} disabled={busy}>
            Cancel
          </button>
          <button class="main" disabled={busy}>
            Add company
          </button>
        </div>
      </form>
    </Dialog>
  );
}
