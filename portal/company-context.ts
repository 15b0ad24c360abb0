// What every part of a company's pages shares, so that it is read once.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Company, Counts, Integration, SyncProgress } from './api.ts';

export interface CompanyView {
  readonly company: Company;
  readonly integration: Integration | null;
  readonly counts: Counts | null;
  readonly progress: SyncProgress | null;
  /** False for a company reader, who sees but changes nothing; `null` until it is known. */
  readonly mayChange: boolean | null;
  readonly reloadIntegration: () => Promise<void>;
  readonly reloadCounts: () => Promise<void>;
  readonly reloadProgress: () => Promise<void>;
}

export const CompanyContext = createContext<CompanyView | null>(null);

/** For parts shown inside a company's screen only. */
export function useCompany(): CompanyView {
  const view = useContext(CompanyContext);
  if (view === null) throw new Error('This part belongs inside the screen of a company.');
  return view;
}
