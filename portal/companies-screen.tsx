// All companies somebody may see, by MSP; an MSP admin adds new ones here.
import { useEffect, useState } from 'preact/hooks';
import type { Company, Me } from './api.ts';
import { CompanyDialog } from './company-dialog.tsx';
import { pathOf } from './routing.ts';

interface Group {
  readonly mspId: string | null;
  readonly name: string;
  readonly companies: readonly Company[];
}

/** The companies of each MSP, then those somebody administers without their MSP. */
function groupsOf({ msps, companies }: Me): readonly Group[] {
  const byName = companies.toSorted((one, other) => one.name.localeCompare(other.name));
  const own = msps.map(({ mspId, name }) => ({ mspId, name, companies: byName.filter((company) => company.mspId === mspId) }));
  const others = byName.filter((company) => !msps.some(({ mspId }) => mspId === company.mspId));
  return others.length === 0
    ? own
    : [...own, { mspId: null, name: msps.length === 0 ? 'Your companies' : 'Other companies', companies: others }];
}

const showsSearchFrom = 8;

function CompanyList({ companies }: { readonly companies: readonly Company[] }) {
  return (
    <ul class="companies">
      {companies.map(({ companyId, name, expectedDomain }) => (
        <li key={companyId}>
          <a class="card" href={pathOf(companyId)}>
            <strong>{name}</strong>
            <span class="muted">{expectedDomain ?? 'No domain expected'}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

export function CompaniesScreen({ me, onChanged }: { readonly me: Me; readonly onChanged: () => Promise<void> }) {
  const [search, setSearch] = useState('');
  const [addingTo, setAddingTo] = useState<string | null>(null);
  useEffect(() => {
    document.title = 'Companies · Muster';
  }, []);
  const sought = search.trim().toLowerCase();
  const matches = ({ name, expectedDomain }: Company) => `${name} ${expectedDomain ?? ''}`.toLowerCase().includes(sought);
  const groups = groupsOf(me);
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>Companies</h1>
        {me.companies.length < showsSearchFrom ? null : (
          <input
            type="search"
            aria-label="Search companies"
            placeholder="Search"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        )}
      </div>
      {groups.length === 0 ? (
        <div class="empty">
          <h2>No company yet</h2>
          <p>
            {me.isOperator
              ? 'As operator you create MSPs and their first admins through the API; their companies are theirs to see.'
              : 'Ask the admin of your MSP or company to add you as an admin.'}
          </p>
        </div>
      ) : null}
      {groups.map(({ mspId, name, companies }) => {
        const shown = companies.filter(matches);
        return (
          <section key={mspId} class="group" aria-label={name}>
            <div class="card-head">
              <h2>{name}</h2>
              {mspId === null ? null : (
                <button type="button" onClick={() => setAddingTo(mspId)}>
                  Add company
                </button>
              )}
            </div>
            {companies.length === 0 ? <p class="muted">No company yet. Add the first one to connect its Microsoft 365 tenant.</p> : null}
            {companies.length > 0 && shown.length === 0 ? <p class="muted">No company matches “{search.trim()}”.</p> : null}
            <CompanyList companies={shown} />
          </section>
        );
      })}
      {addingTo === null ? null : <CompanyDialog mspId={addingTo} onAdded={onChanged} onClose={() => setAddingTo(null)} />}
    </>
  );
}
