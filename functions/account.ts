// The User Portal's API: from an invitation to a password, to a session, to the own team and nobody else's.
import * as contract from '../shared/contracts/manager-access.ts';
import * as factor from '../shared/contracts/second-factor.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { displayNameOf } from '../shared/domain/person-text.ts';
import { readCompany } from '../shared/storage/companies.ts';
import { signInManager, type SignedInManager } from '../shared/use-cases/manager-session.ts';
import { acceptInvitation } from '../shared/use-cases/open-account.ts';
import { beginStep, enterPortal, leavePortal } from './entering.ts';
import { type Call, type Route, route } from './route.ts';

/** The manager of a call to a route that only managers get to. */
export function managerIn({ manager }: Pick<Call<unknown, unknown, unknown>, 'manager'>): SignedInManager {
  if (manager === null) throw new Refusal('not-signed-in');
  return manager;
}

export const accountRoutes: readonly Route[] = [
  route({
    name: 'acceptInvitation',
    method: 'POST',
    path: 'api/v1/account/invitation',
    action: 'anyone',
    tag: 'User Portal',
    summary: 'Accepts an invitation with the token of its link, which works once, and sets the password.',
    body: contract.acceptance,
    success: { status: 200, schema: contract.accepted },
    errors: ['link-expired', 'password-refused', 'conflict'],
    handle: async ({ ports, body }) => ({ status: 200, body: await acceptInvitation(ports, body) }),
  }),
  route({
    name: 'signInManager',
    method: 'POST',
    path: 'api/v1/account/sign-in',
    action: 'anyone',
    tag: 'User Portal',
    summary: 'Signs a manager in; the session is a cookie. Says what must follow where the password is not enough.',
    body: contract.signIn,
    success: { status: 200, schema: factor.signedIn },
    errors: ['wrong-sign-in', 'too-many-attempts'],
    handle: async (call) => {
      const { ports, body, address } = call;
      const { session, next } = await signInManager(ports, { ...body, address });
      const cookies = next === null ? await enterPortal(ports, call, session) : await beginStep(ports, call, session);
      return { status: 200, body: { next }, cookies };
    },
  }),
  route({
    name: 'signOutManager',
    method: 'POST',
    path: 'api/v1/account/sign-out',
    action: 'anyone',
    tag: 'User Portal',
    summary: 'Ends the session, and a sign-in that waits for the second factor.',
    success: { status: 204 },
    handle: async (call) => ({ status: 204, cookies: await leavePortal(call.ports, call) }),
  }),
  route({
    name: 'readOwnAccount',
    method: 'GET',
    path: 'api/v1/account',
    action: 'manager',
    tag: 'User Portal',
    summary: 'Who is signed in.',
    success: { status: 200, schema: contract.ownAccount },
    handle: async (call) => {
      const { companyId, account, facts } = managerIn(call);
      const company = await readCompany(call.ports.tables, companyId);
      const { fields } = facts.user;
      const body = {
        companyName: company?.name ?? '',
        displayName: displayNameOf(fields),
        mail: fields.mail ?? null,
        activeSince: account.activeSince,
        reminders: account.reminders,
      };
      return { status: 200, body };
    },
  }),
];
