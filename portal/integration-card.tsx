// The integration: where it stands in plain words, Integrate M365, and disconnecting.
import { useState } from 'preact/hooks';
import { api } from './browser.ts';
import { useCompany } from './company-context.ts';
import { viewIntegration } from './integration-words.ts';
import { useNotices } from './notices.tsx';
import { Card, Confirm, Reading, When } from './parts.tsx';
import { useAction } from './resource.ts';
import { stateWords } from './words.ts';

function DisconnectDialog({ onClose }: { readonly onClose: () => void }) {
  const { company, integration, reloadIntegration, reloadProgress } = useCompany();
  const notices = useNotices();
  const action = useAction('dialog');
  const disconnect = () =>
    action.run(async () => {
      await api.disconnect(company.companyId);
      await Promise.all([reloadIntegration(), reloadProgress()]);
      onClose();
      notices.tell('Disconnected. Users and decisions are kept.');
    });
  return (
    <Confirm
      title={`Disconnect ${integration?.tenantName ?? 'the tenant'}?`}
      act="Disconnect"
      cancel="Stay connected"
      danger
      action={action}
      onConfirm={disconnect}
      onClose={onClose}
    >
      <p>Syncs stop. All users, decisions and their history are kept, nobody is removed.</p>
      <p>{company.name} can be connected again later, to this same tenant only.</p>
    </Confirm>
  );
}

export function IntegrationCard() {
  const { company, integration, mayChange } = useCompany();
  const [asking, setAsking] = useState(false);
  const { busy, run } = useAction();
  if (integration === null) {
    return (
      <Card title="Integration">
        <Reading />
      </Card>
    );
  }
  const view = viewIntegration(integration);
  const { tone } = stateWords[integration.state];
  const integrate = () => run(async () => location.assign(await api.startIntegration(company.companyId)));
  return (
    <Card title="Integration">
      <p class="headline">{view.headline}</p>
      <p>{view.sentence}</p>
      {view.nextStep === null ? null : (
        <p class={`next ${tone}`}>
          <strong>Next step:</strong> {view.nextStep}
        </p>
      )}
      {integration.linkedAt === null ? null : (
        <dl class="facts">
          <dt>Tenant</dt>
          <dd>
            {integration.tenantName} <code class="muted">{integration.tenantId}</code>
          </dd>
          <dt>Joined</dt>
          <dd>
            <When at={integration.linkedAt} /> by {integration.linkedBy ?? 'somebody'}
          </dd>
          <dt>Checked</dt>
          <dd>
            <When at={integration.checkedAt} />
          </dd>
        </dl>
      )}
      {mayChange === true && (view.canIntegrate || view.canDisconnect) ? (
        <div class="actions">
          {view.canIntegrate ? (
            <button type="button" class="main big" disabled={busy} onClick={integrate}>
              Integrate M365
            </button>
          ) : null}
          {view.canDisconnect ? (
            <button type="button" class="quiet-danger" onClick={() => setAsking(true)}>
              Disconnect
            </button>
          ) : null}
        </div>
      ) : null}
      {asking ? <DisconnectDialog onClose={() => setAsking(false)} /> : null}
    </Card>
  );
}
