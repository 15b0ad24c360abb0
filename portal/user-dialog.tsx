// One person end to end: what the directory says, why we take the account for what it is, and everything that happened.
import type { User } from './api.ts';
import { api } from './browser.ts';
import { useCompany } from './company-context.ts';
import { Dialog, Reading, When } from './parts.tsx';
import { useResource } from './resource.ts';
import { kindWords } from './words.ts';

const fields = {
  mail: 'Mail',
  userPrincipalName: 'User name',
  jobTitle: 'Job title',
  department: 'Department',
  officeLocation: 'Office',
  mobilePhone: 'Mobile phone',
  preferredLanguage: 'Language',
  objectId: 'Object id',
} as const satisfies Partial<Record<keyof User, string>>;

const named = Object.entries(fields) as [keyof typeof fields, string][];

export function UserDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const { companyId } = useCompany().company;
  const history = useResource(user.userId, async () => await api.history(companyId, user.userId));
  return (
    <Dialog title={user.displayName} wide onClose={onClose}>
      <dl class="facts">
        {named
          .filter(([name]) => user[name] !== null)
          .map(([name, label]) => [<dt key={`${name} label`}>{label}</dt>, <dd key={name}>{user[name]}</dd>])}
      </dl>
      <h3>{kindWords[user.kind]}: why</h3>
      <ul>
        {user.kindReasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <h3>History</h3>
      {history.value === null ? <Reading failed={history.failed} /> : null}
      <ol class="history">
        {(history.value ?? []).map((line) => (
          <li key={`${line.at} ${line.what}`}>
            <strong>{line.what}</strong> by {line.by}
            {line.why === null ? '' : `: “${line.why}”`}
            <div class="muted">
              <When at={line.at} />
            </div>
          </li>
        ))}
      </ol>
      <div class="actions end">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
