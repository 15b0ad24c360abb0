// How many people stand where, and what kinds of accounts were found.
import type { UserStatus } from '../shared/domain/user-lists.ts';
import type { AccountKind } from '../shared/domain/user.ts';
import { format } from './browser.ts';
import { useCompany } from './company-context.ts';
import { noFilters, writeFilters } from './list-query.ts';
import { Card, Reading } from './parts.tsx';
import { pathOf } from './routing.ts';
import { kindWords, sectionWords } from './words.ts';

const statuses: readonly UserStatus[] = ['pending', 'approved', 'denied', 'removed'];

export function CountsCard() {
  const { company, counts } = useCompany();
  if (counts === null) {
    return (
      <Card title="People">
        <Reading />
      </Card>
    );
  }
  const kinds = (Object.keys(kindWords) as AccountKind[]).filter((kind) => counts.byKind[kind] > 0);
  return (
    <Card title="People">
      <ul class="tiles">
        {statuses.map((status) => (
          <li key={status}>
            <a class={status === 'pending' && counts.pending > 0 ? 'tile attention' : 'tile'} href={pathOf(company.companyId, status)}>
              <span class="big-number">{format.number(counts[status])}</span>
              {sectionWords[status]}
            </a>
          </li>
        ))}
      </ul>
      <p class="muted">
        {format.number(counts.active)} active and billed
        {counts.held === 0 ? '' : ` · ${format.number(counts.held)} in the removal hold`}
      </p>
      {kinds.length === 0 ? null : (
        <table class="small">
          <caption>By kind</caption>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col" class="number">
                On the list
              </th>
              <th scope="col" class="number">
                Pending
              </th>
            </tr>
          </thead>
          <tbody>
            {kinds.map((kind) => (
              <tr key={kind}>
                <th scope="row">
                  <a href={`${pathOf(company.companyId, 'pending')}${writeFilters({ ...noFilters, kind })}`}>{kindWords[kind]}</a>
                </th>
                <td class="number">{format.number(counts.byKind[kind])}</td>
                <td class="number">{format.number(counts.pendingByKind[kind])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
