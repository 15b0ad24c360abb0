// The frame of one company: its name, its sections, and what they share.
import { useEffect, useRef } from 'preact/hooks';
import { ActivityScreen } from './activity-screen.tsx';
import type { Company, Me } from './api.ts';
import { api, format } from './browser.ts';
import { CompanyContext, type CompanyView } from './company-context.ts';
import { useNotices } from './notices.tsx';
import { OverviewScreen } from './overview-screen.tsx';
import { Chip } from './parts.tsx';
import { ApiError } from './request.ts';
import { useResource } from './resource.ts';
import { type CompanySection, isUserStatus, pathOf } from './routing.ts';
import { SettingsScreen } from './settings-screen.tsx';
import { useProgress } from './sync-polling.ts';
import { UsersScreen } from './users-screen.tsx';
import { sectionWords, stateWords } from './words.ts';

interface Props {
  readonly me: Me;
  readonly company: Company;
  readonly section: CompanySection;
}

const checkingEveryMs = 2000;

/** Admins may see the list of admins, readers may not: the API's own answer tells them apart. */
async function readMayChange({ me, company }: Pick<Props, 'me' | 'company'>): Promise<boolean> {
  if (me.msps.some(({ mspId }) => mspId === company.mspId)) return true;
  try {
    await api.admins(company.companyId);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 403) return false;
    throw error;
  }
}

function useCompanyView(me: Me, company: Company): CompanyView {
  const { companyId } = company;
  const notices = useNotices();
  const integration = useResource(companyId, async () => await api.integration(companyId));
  const counts = useResource(companyId, async () => await api.counts(companyId));
  const mayChange = useResource(companyId, async () => await readMayChange({ me, company }));
  const { progress, reload: reloadProgress } = useProgress(companyId);

  const isRunning = progress === null ? null : progress.running !== null;
  const wasRunning = useRef<boolean | null>(null);
  useEffect(() => {
    if (isRunning === true && wasRunning.current === false) notices.tell('Sync started.');
    if (isRunning === false && wasRunning.current === true) {
      notices.tell('Sync finished.');
      void counts.reload();
      void integration.reload();
    }
    if (isRunning !== null) wasRunning.current = isRunning;
  }, [isRunning]);

  const state = integration.value?.state;
  useEffect(() => {
    if (state === 'connected') void reloadProgress();
    if (state !== 'checking') return;
    const timer = setInterval(() => void integration.reload(), checkingEveryMs);
    return () => clearInterval(timer);
  }, [state]);

  return {
    company,
    integration: integration.value,
    counts: counts.value,
    progress,
    mayChange: mayChange.value,
    reloadIntegration: integration.reload,
    reloadCounts: counts.reload,
    reloadProgress,
  };
}

function Sections({ view, section }: { readonly view: CompanyView; readonly section: CompanySection }) {
  const all = Object.keys(sectionWords) as CompanySection[];
  const sections = view.mayChange === false ? all.filter((each) => each !== 'settings' && each !== 'activity') : all;
  return (
    <nav class="tabs" aria-label="Company">
      {sections.map((each) => (
        <a key={each} href={pathOf(view.company.companyId, each)} {...(each === section ? { 'aria-current': 'page' as const } : {})}>
          {sectionWords[each]}
          {isUserStatus(each) && view.counts !== null ? <span class="count">{format.number(view.counts[each])}</span> : null}
        </a>
      ))}
    </nav>
  );
}

function Section({ section }: { readonly section: CompanySection }) {
  switch (section) {
    case 'overview':
      return <OverviewScreen />;
    case 'settings':
      return <SettingsScreen />;
    case 'activity':
      return <ActivityScreen />;
    case 'pending':
    case 'approved':
    case 'denied':
    case 'removed':
      return <UsersScreen key={section} status={section} />;
  }
}

export function CompanyScreen({ me, company, section }: Props) {
  const view = useCompanyView(me, company);
  useEffect(() => {
    document.title = `${sectionWords[section]} · ${company.name} · Muster`;
  }, [section, company.name]);
  const state = view.integration === null ? null : stateWords[view.integration.state];
  const running = view.progress?.running ?? null;
  return (
    <CompanyContext.Provider value={view}>
      <p class="crumb">
        <a href="/">Companies</a>
      </p>
      <div class="page-head">
        <h1 tabIndex={-1}>{company.name}</h1>
        {state === null ? null : <Chip tone={state.tone}>{state.text}</Chip>}
        {running === null || section === 'overview' ? null : (
          <a class="chip busy" href={pathOf(company.companyId)}>
            Sync running: {format.number(running.users)} users
          </a>
        )}
      </div>
      <Sections view={view} section={section} />
      <Section section={section} />
    </CompanyContext.Provider>
  );
}
