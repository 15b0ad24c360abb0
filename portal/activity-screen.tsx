// What was decided and what was mailed: the audit log and the mails to this company's admins.
import type { AuditPage, MailList } from './api.ts';
import { api, format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { counted } from './format.ts';
import { MoreButton, usePages } from './paging.tsx';
import { Card, Chip, Reading, Scroll, When } from './parts.tsx';
import { useResource } from './resource.ts';
import { deliveryWords, mailKindText, mailStateWords } from './words.ts';

function MailRow({ mail }: { readonly mail: MailList['mails'][number] }) {
  const { text, tone } = mail.delivery === null ? mailStateWords[mail.state] : deliveryWords[mail.delivery.outcome];
  const problem = mail.delivery === null || mail.delivery.outcome === 'delivered' ? mail.problem : mail.delivery.words;
  return (
    <tr>
      <th scope="row">
        {mailKindText(mail.kind)}
        {problem === null ? null : <div class="problem">{problem}</div>}
        {mail.delivery === null || mail.delivery.detail === null ? null : <div class="muted">“{mail.delivery.detail}”</div>}
      </th>
      <td>{mail.to.join(', ')}</td>
      <td>
        <Chip tone={tone}>{text}</Chip>
        {mail.notBefore === null || mail.state !== 'queued' ? null : (
          <div class="muted">
            not before <When at={mail.notBefore} />
          </div>
        )}
      </td>
      <td>
        <When at={mail.finishedAt ?? mail.createdAt} />
      </td>
    </tr>
  );
}

function MailsCard() {
  const { companyId } = useCompany().company;
  const mails = useResource(companyId, async () => await api.mails(companyId));
  return (
    <Card title="Mails sent">
      {mails.value === null ? <Reading failed={mails.failed} onRetry={() => void mails.reload()} /> : null}
      {mails.value?.length === 0 ? (
        <p class="muted">No mail yet. The first one comes after the first round and says how many people are waiting.</p>
      ) : null}
      {mails.value === null || mails.value.length === 0 ? null : (
        <Scroll label="Mails sent">
          <table>
            <thead>
              <tr>
                <th scope="col">Mail</th>
                <th scope="col">To</th>
                <th scope="col">State</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {mails.value.map((mail) => (
                <MailRow key={mail.mailId} mail={mail} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  );
}

type Entry = AuditPage['entries'][number];

function EntryRow({ entry }: { readonly entry: Entry }) {
  return (
    <tr>
      <td>
        <When at={entry.at} />
      </td>
      <th scope="row">
        {entry.summary}
        {entry.reason === null ? null : <div class="muted">“{entry.reason}”</div>}
        {entry.userIds.length > 1 ? <div class="muted">{counted(format, entry.userIds.length, 'user')}</div> : null}
      </th>
      <td>{entry.by}</td>
    </tr>
  );
}

function AuditCard() {
  const { companyId } = useCompany().company;
  const pages = usePages<Entry>(companyId, async (query) => {
    const { entries, nextPage } = await api.audit(companyId, query);
    return { rows: entries, nextPage };
  });
  return (
    <Card title="Audit">
      {pages.rows === null ? <Reading /> : null}
      {pages.rows?.length === 0 ? <p class="muted">Nothing yet. Every decision of an admin or of Muster is written down here.</p> : null}
      {pages.rows === null || pages.rows.length === 0 ? null : (
        <Scroll label="Audit">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What and why</th>
                <th scope="col">Who</th>
              </tr>
            </thead>
            <tbody>
              {pages.rows.map((entry) => (
                <EntryRow key={entry.auditId} entry={entry} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <MoreButton pages={pages} />
    </Card>
  );
}

export function ActivityScreen() {
  return (
    <div class="stack">
      <AuditCard />
      <MailsCard />
    </div>
  );
}
