// Passwords of managers over HTTP: forgotten, replaced, changed, and the end of every session.
import * as contract from '../shared/contracts/manager-access.ts';
import { changePassword, requestPasswordReset, resetPassword, signOutEverywhere } from '../shared/use-cases/manager-password.ts';
import { managerIn } from './account.ts';
import { managerCookie } from './cookies.ts';
import { leavePortal } from './entering.ts';
import { type Route, route } from './route.ts';

export const passwordRoutes: readonly Route[] = [
  route({
    name: 'requestPasswordReset',
    method: 'POST',
    path: 'api/v1/account/password-reset',
    action: 'anyone',
    tag: 'User Portal',
    summary: 'Sends a link for a new password, if there is such an account; the answer is the same in any case.',
    body: contract.passwordResetRequest,
    success: { status: 204 },
    errors: ['too-many-attempts'],
    handle: async ({ ports, body, address }) => {
      await requestPasswordReset(ports, { ...body, address });
      return { status: 204 };
    },
  }),
  route({
    name: 'resetPassword',
    method: 'POST',
    path: 'api/v1/account/password',
    action: 'anyone',
    tag: 'User Portal',
    summary: 'Sets a new password with the token of the link, which works once, and ends every session.',
    body: contract.passwordReset,
    success: { status: 200, schema: contract.accepted },
    errors: ['link-expired', 'password-refused'],
    handle: async ({ ports, body }) => ({ status: 200, body: await resetPassword(ports, body) }),
  }),
  route({
    name: 'changePassword',
    method: 'PUT',
    path: 'api/v1/account/password',
    action: 'manager',
    tag: 'User Portal',
    summary: 'Changes the own password; every other session ends.',
    body: contract.passwordChange,
    success: { status: 204 },
    errors: ['wrong-sign-in', 'password-refused', 'too-many-attempts'],
    handle: async (call) => {
      const { session } = await changePassword(call.ports, managerIn(call), { ...call.body, address: call.address });
      return { status: 204, cookies: [managerCookie.set(session)] };
    },
  }),
  route({
    name: 'signOutManagerEverywhere',
    method: 'POST',
    path: 'api/v1/account/sign-out-everywhere',
    action: 'manager',
    tag: 'User Portal',
    summary: 'Ends every session of whoever is signed in, on whatever device.',
    success: { status: 204 },
    handle: async (call) => {
      await signOutEverywhere(call.ports, managerIn(call));
      return { status: 204, cookies: await leavePortal(call.ports, call) };
    },
  }),
];
