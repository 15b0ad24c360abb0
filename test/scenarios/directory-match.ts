// Compares a company's list with its tenant's directory, user by user and field by field.
import { expect } from 'vitest';
import type { UserView } from '../../sandbox/api.ts';
import type { Snapshot } from '../../sandbox/world/directory-object.ts';
import type { StageCompany } from './stage.ts';

const comparedFields = [
  'displayName',
  'mail',
  'userPrincipalName',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'officeLocation',
  'mobilePhone',
  'preferredLanguage',
  'accountEnabled',
] as const;

type Compared = Readonly<Record<(typeof comparedFields)[number] | 'userId' | 'managerId', unknown>>;

function shown(user: UserView, gone: ReadonlySet<string>): Compared {
  const fields = comparedFields.map((name) => [name, user[name]] as const);
  const managerId = user.managerId !== null && gone.has(user.managerId) ? null : user.managerId;
  return { ...Object.fromEntries(fields), userId: user.userId, managerId } as Compared;
}

function expected(tenantId: string, { fields, manager }: Snapshot, gone: ReadonlySet<string>): Compared {
  const stated = comparedFields.map((name) => [name, fields[name] ?? null] as const);
  const managerId = manager === null ? null : `${tenantId}_${manager.id}`;
  const present = managerId !== null && gone.has(managerId) ? null : managerId;
  return { ...Object.fromEntries(stated), userId: `${tenantId}_${fields.id}`, managerId: present } as Compared;
}

const byId = (left: { readonly userId: unknown }, right: { readonly userId: unknown }) =>
  String(left.userId) < String(right.userId) ? -1 : 1;

/** Everybody of a company whom the directory still has, whatever was decided. */
export async function everybodyOf({ admin, companyId }: Pick<StageCompany, 'admin' | 'companyId'>): Promise<readonly UserView[]> {
  const lists = await Promise.all(['pending', 'approved', 'denied'].map(async (status) => await admin.allUsers(companyId, { status })));
  return lists.flat();
}

/**
 * Expects that the lists hold exactly the live users of the directory, each once, with the directory's fields and managers. A manager who
 * was deleted counts as none: Graph's change feed goes on naming one whom its lists no longer show.
 */
export async function usersMatchDirectory(company: StageCompany): Promise<void> {
  const { directory, tenant } = company;
  const objects = Array.from({ length: directory.objectCount() }, (_, ordinal) => directory.snapshot(ordinal));
  const known = objects.filter((object) => object !== undefined);
  const gone = new Set(known.filter(({ state }) => state !== 'live').map(({ fields }) => `${tenant.tenantId}_${fields.id}`));
  const live = known.filter(({ state }) => state === 'live').map((object) => expected(tenant.tenantId, object, gone));
  const listed = (await everybodyOf(company)).map((user) => shown(user, gone));
  expect(listed.toSorted(byId)).toEqual(live.toSorted(byId));
}

/** The user of a company with this user principal name; fails when there is not exactly one. */
export async function userNamed(company: StageCompany, userPrincipalName: string): Promise<UserView> {
  const found = (await everybodyOf(company)).filter((user) => user.userPrincipalName === userPrincipalName);
  expect(found.map((user) => user.userPrincipalName)).toEqual([userPrincipalName]);
  return found[0] as UserView;
}
