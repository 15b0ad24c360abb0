// Invites everybody who leads a team and matches a filter, a page of managers at a time.
import { facetsOf } from '../domain/user-lists.ts';
import type { Ports } from '../ports/ports.ts';
import { userIdOf } from './company-users.ts';
import { listManagers } from './list-managers.ts';
import { filterOf } from './list-users.ts';
import { type InvitationItem, type InvitationRequest, inviteManagers } from './manager-access.ts';

/** Managers looked at by one request: it answers within seconds also where mails are stored slowly. */
const managersAtOnce = 200;

export interface ManagerFilter {
  readonly department: string | null;
  /** Looked for in names and addresses. */
  readonly search: string | null;
  readonly cursor: string | null;
}

/** @throws Refusal `not-found` before the company's first sync */
export async function inviteMatching(
  ports: Ports,
  request: InvitationRequest,
  { department, search, cursor }: ManagerFilter,
): Promise<{ readonly items: readonly InvitationItem[]; readonly cursor: string | null }> {
  const page = await listManagers(ports, request.companyId, { limit: managersAtOnce, cursor });
  const match = filterOf({ kind: null, department, managerId: null, search });
  const fitting = page.managers.filter(({ user }) => match === undefined || match(facetsOf(user, 'approved-name')));
  const invitees = fitting.map(({ user }) => ({ userId: userIdOf(user), mail: null }));
  return { items: await inviteManagers(ports, request, invitees), cursor: page.cursor };
}
