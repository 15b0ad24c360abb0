// Opens the users of one company: the only way a use case gets at people, always scoped to the company.
import { Refusal } from '../domain/errors.ts';
import { isLinked } from '../domain/integration.ts';
import type { Ports } from '../ports/ports.ts';
import { type CompanyState, readCompanyState } from '../storage/company-state.ts';
import { makeUsers, type Users, type UserScope } from '../storage/users.ts';

export interface CompanyUsers {
  readonly scope: UserScope;
  readonly users: Users;
}

/**
 * `undefined` before the first sync has begun: there is nobody yet.
 * @param read the company's state, when it has just been read
 */
export async function openUsers(
  { tables }: Pick<Ports, 'tables'>,
  companyId: string,
  read: CompanyState | null = null,
): Promise<CompanyUsers | undefined> {
  const { integration, sync: state } = read ?? (await readCompanyState(tables, companyId));
  if (integration.tenantId === null || state.shards === 0) return undefined;
  const scope: UserScope = { companyId, tenantId: integration.tenantId, generation: state.generation, shards: state.shards };
  return { scope, users: makeUsers(tables.users, scope) };
}

/** What managers are let into: nothing while the company is disconnected, when nobody would notice that somebody leads a team no more. */
export async function openLinkedUsers(
  ports: Pick<Ports, 'tables'>,
  companyId: string,
  read: CompanyState,
): Promise<CompanyUsers | undefined> {
  return isLinked(read.integration) ? await openUsers(ports, companyId, read) : undefined;
}

/** A user's id in URLs: tenant id and object id. */
export const userIdOf = ({ tenantId, objectId }: { readonly tenantId: string; readonly objectId: string }) => `${tenantId}_${objectId}`;

const userIdPattern = /^([0-9a-f-]{36})_([A-Za-z0-9-]{1,64})$/;

/** The object id of a user id of this company; `undefined` for anything else, also for another tenant's. */
export function objectIdOf(scope: Pick<UserScope, 'tenantId'>, userId: string): string | undefined {
  const match = userIdPattern.exec(userId);
  return match?.[1] === scope.tenantId ? match[2] : undefined;
}

/** Opens the company's users or refuses as not found. */
export async function requireUsers(
  ports: Pick<Ports, 'tables'>,
  companyId: string,
  read: CompanyState | null = null,
): Promise<CompanyUsers> {
  const opened = await openUsers(ports, companyId, read);
  if (!opened) throw new Refusal('not-found', { detail: 'This company has no users yet; its first sync has not begun.' });
  return opened;
}
