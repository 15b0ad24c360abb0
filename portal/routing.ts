// The addresses of the portal. Every address the server hands to the portal is one of these or unknown.
import type { UserStatus } from '../shared/domain/user-lists.ts';

const statuses: Readonly<Record<UserStatus, true>> = { pending: true, approved: true, denied: true, removed: true };

export type CompanySection = 'overview' | 'settings' | 'activity' | UserStatus;

export type Place =
  | { readonly kind: 'companies' }
  | { readonly kind: 'company'; readonly companyId: string; readonly section: CompanySection }
  | { readonly kind: 'unknown' };

export const isUserStatus = (section: string): section is UserStatus => Object.hasOwn(statuses, section);

const companyPath = /^\/companies\/([a-z0-9]{20})(?:\/([a-z]+))?\/?$/;

/** Reads the path of an address. */
export function placeOf(path: string): Place {
  if (path === '/') return { kind: 'companies' };
  const [, companyId, section] = companyPath.exec(path) ?? [];
  if (companyId === undefined) return { kind: 'unknown' };
  if (section === undefined) return { kind: 'company', companyId, section: 'overview' };
  if (section === 'settings' || section === 'activity' || isUserStatus(section)) return { kind: 'company', companyId, section };
  return { kind: 'unknown' };
}

/** The path of a company's page. */
export function pathOf(companyId: string, section: CompanySection = 'overview'): string {
  return `/companies/${companyId}${section === 'overview' ? '' : `/${section}`}`;
}

/** Where to sign in, and come back to this page. */
export function signInPath(path: string): string {
  return `/sign-in?${new URLSearchParams({ return: path }).toString()}`;
}
