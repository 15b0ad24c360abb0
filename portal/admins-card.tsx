// Who administers a company: listed, added and removed. The API keeps the last admin.
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { Admin } from './api.ts';
import { api } from './browser.ts';
import { useCompany } from './company-context.ts';
import { Trouble, useNotices } from './notices.tsx';
import { Card, Confirm, Dialog, Field, Reading, Scroll, valuesOf, When } from './parts.tsx';
import { useAction, useResource } from './resource.ts';
import { roleWords } from './words.ts';

const guidPattern = String.raw`\s*[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\s*`;

interface DialogProps {
  readonly onDone: (message: string) => Promise<void>;
  readonly onClose: () => void;
}

function AddAdminDialog({ onDone, onClose }: DialogProps) {
  const { company, integration } = useCompany();
  const { busy, problem, run } = useAction('dialog');
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { name = '', tenantId = '', objectId = '', mail, role } = valuesOf(event.currentTarget);
    run(async () => {
      const added = await api.addAdmin(company.companyId, {
        name: name.trim(),
        tenantId: tenantId.trim().toLowerCase(),
        objectId: objectId.trim().toLowerCase(),
        mail: mail?.trim() ?? null,
        role: role === 'companyReader' ? role : 'companyAdmin',
      });
      await onDone(`Added ${added.name}.`);
    });
  };
  return (
    <Dialog title="Add admin" busy={busy} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="Name">{(ids) => <input {...ids} name="name" required maxLength={120} autocomplete="off" />}</Field>
        <Field label="Mail" hint="Optional. Without it this admin gets no mail from Muster.">
          {(ids) => <input {...ids} name="mail" type="email" maxLength={254} autocomplete="off" />}
        </Field>
        <Field label="Tenant id" hint="Of the tenant this person signs in with.">
          {(ids) => (
            <input {...ids} name="tenantId" required pattern={guidPattern} defaultValue={integration?.tenantId ?? ''} autocomplete="off" />
          )}
        </Field>
        <Field label="Object id" hint="In the Microsoft Entra admin center: Users, the person, Object ID.">
          {(ids) => <input {...ids} name="objectId" required pattern={guidPattern} autocomplete="off" />}
        </Field>
        <Field label="Role" hint="A company reader sees the lists and changes nothing.">
          {(ids) => (
            <select {...ids} name="role">
              <option value="companyAdmin">{roleWords.companyAdmin}</option>
              <option value="companyReader">{roleWords.companyReader}</option>
            </select>
          )}
        </Field>
        <Trouble problem={problem} />
        <div class="actions end">
          <button type="button" onClick={onClose} disabled={busy}>
            Cancel
          </button>
          <button class="main" disabled={busy}>
            Add admin
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function RemoveAdminDialog({ admin, onDone, onClose }: DialogProps & { readonly admin: Admin }) {
  const { company } = useCompany();
  const action = useAction('dialog');
  const remove = () =>
    action.run(async () => {
      await api.removeAdmin(company.companyId, admin.adminId);
      await onDone(`Removed ${admin.name}.`);
    });
  return (
    <Confirm title={`Remove ${admin.name}?`} act="Remove" danger action={action} onConfirm={remove} onClose={onClose}>
      <p>It takes effect with their next click. What they decided stays.</p>
    </Confirm>
  );
}

export function AdminsCard() {
  const { company } = useCompany();
  const notices = useNotices();
  const admins = useResource(company.companyId, async () => await api.admins(company.companyId));
  const [open, setOpen] = useState<Admin | 'add' | null>(null);
  const onClose = () => setOpen(null);
  const onDone = async (message: string) => {
    await admins.reload();
    onClose();
    notices.tell(message);
  };
  const addButton = (
    <button type="button" onClick={() => setOpen('add')}>
      Add admin
    </button>
  );
  return (
    <Card title="Admins of this company" actions={addButton}>
      {admins.value === null ? <Reading failed={admins.failed} onRetry={() => void admins.reload()} /> : null}
      {admins.value?.length === 0 ? (
        <p class="muted">Nobody but the admins of the MSP. Add somebody of the company to let them approve their own people.</p>
      ) : null}
      {admins.value === null || admins.value.length === 0 ? null : (
        <Scroll label="Admins">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Role</th>
                <th scope="col">Added</th>
                <th scope="col">
                  <span class="unseen">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {admins.value.map((admin) => (
                <tr key={admin.adminId}>
                  <th scope="row">
                    {admin.name}
                    <div class="muted">{admin.mail ?? 'gets no mail'}</div>
                  </th>
                  <td>{roleWords[admin.role]}</td>
                  <td>
                    <When at={admin.addedAt} />
                    <div class="muted">by {admin.addedBy}</div>
                  </td>
                  <td class="number">
                    <button type="button" class="quiet-danger" aria-label={`Remove ${admin.name}`} onClick={() => setOpen(admin)}>
                      Remove
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {open === 'add' ? <AddAdminDialog onDone={onDone} onClose={onClose} /> : null}
      {open === null || open === 'add' ? null : <RemoveAdminDialog admin={open} onDone={onDone} onClose={onClose} />}
    </Card>
  );
}
