// The second factor of managers over HTTP: the step of a sign-in that asks for it, looking after the own one, and an admin's way out.
import * as contract from '../shared/contracts/second-factor.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { confirmOwnFactor, offerOwnFactor, removeOwnFactor, resetFactor, viewFactor } from '../shared/use-cases/second-factor.ts';
import { confirmAtSignIn, enterCode, offerAtSignIn } from '../shared/use-cases/second-factor-sign-in.ts';
import { managerIn } from './account.ts';
import { enterPortal, renewSession } from './entering.ts';
import { type Route, route } from './route.ts';
import { oneUser } from './users.ts';

const tag = 'User Portal';

export const secondFactorRoutes: readonly Route[] = [
  route({
    name: 'enterCode',
    method: 'POST',
    path: 'api/v1/account/sign-in/code',
    action: 'anyone',
    tag,
    summary: 'Finishes a sign-in with a code of the authenticator app or a recovery code; the session is a cookie.',
    body: contract.enteredCode,
    success: { status: 204 },
    errors: ['sign-in-expired', 'wrong-code', 'too-many-attempts'],
    handle: async (call) => {
      const { ports, body, managerStep: step, address } = call;
      const { session } = await enterCode(ports, { step, code: body.code, address });
      return { status: 204, cookies: await enterPortal(ports, call, session) };
    },
  }),
  route({
    name: 'offerFactorAtSignIn',
    method: 'POST',
    path: 'api/v1/account/sign-in/second-factor',
    action: 'anyone',
    tag,
    summary: 'Shows the secret of a new second factor to a manager who has to set one up before the first session.',
    success: { status: 200, schema: contract.offer },
    errors: ['sign-in-expired'],
    handle: async ({ ports, managerStep }) => ({ status: 200, body: await offerAtSignIn(ports, managerStep) }),
  }),
  route({
    name: 'confirmFactorAtSignIn',
    method: 'POST',
    path: 'api/v1/account/sign-in/second-factor/confirmation',
    action: 'anyone',
    tag,
    summary: 'Confirms the new second factor with its first code and finishes the sign-in; the session is a cookie.',
    body: contract.enteredCode,
    success: { status: 200, schema: contract.confirmed },
    errors: ['sign-in-expired', 'no-second-factor', 'wrong-code', 'too-many-attempts'],
    handle: async (call) => {
      const { ports, body, managerStep: step, address } = call;
      const { session, recoveryCodes } = await confirmAtSignIn(ports, { step, code: body.code, address });
      return { status: 200, body: { recoveryCodes }, cookies: await enterPortal(ports, call, session) };
    },
  }),
  route({
    name: 'readSecondFactor',
    method: 'GET',
    path: 'api/v1/account/second-factor',
    action: 'manager',
    tag,
    summary: 'The own second factor: whether there is one, and how many recovery codes are left.',
    success: { status: 200, schema: contract.secondFactor },
    handle: async (call) => ({ status: 200, body: viewFactor(call.ports, managerIn(call)) }),
  }),
  route({
    name: 'offerSecondFactor',
    method: 'POST',
    path: 'api/v1/account/second-factor/offer',
    action: 'manager',
    tag,
    summary: 'Shows the secret of a first second factor or of one that replaces it, after the password and a code of the present one.',
    body: contract.proof,
    success: { status: 200, schema: contract.offer },
    errors: ['wrong-sign-in', 'wrong-code', 'too-many-attempts'],
    handle: async (call) => {
      const { ports, body, address } = call;
      return { status: 200, body: await offerOwnFactor(ports, managerIn(call), { ...body, address }) };
    },
  }),
  route({
    name: 'confirmSecondFactor',
    method: 'POST',
    path: 'api/v1/account/second-factor/confirmation',
    action: 'manager',
    tag,
    summary: 'Confirms the second factor that was offered with its first code. All other sessions end.',
    body: contract.enteredCode,
    success: { status: 200, schema: contract.confirmed },
    errors: ['no-second-factor', 'wrong-code', 'too-many-attempts'],
    handle: async (call) => {
      const { ports, body, address } = call;
      const { session, recoveryCodes } = await confirmOwnFactor(ports, managerIn(call), { code: body.code, address });
      return { status: 200, body: { recoveryCodes }, cookies: await renewSession(ports, call, session) };
    },
  }),
  route({
    name: 'removeSecondFactor',
    method: 'POST',
    path: 'api/v1/account/second-factor/removal',
    action: 'manager',
    tag,
    summary: 'Removes the own second factor, unless the company requires one. All other sessions end.',
    body: contract.proof,
    success: { status: 204 },
    errors: ['second-factor-required', 'no-second-factor', 'wrong-sign-in', 'wrong-code', 'too-many-attempts'],
    handle: async (call) => {
      const { ports, body, address } = call;
      const { session } = await removeOwnFactor(ports, managerIn(call), { ...body, address });
      return { status: 204, cookies: await renewSession(ports, call, session) };
    },
  }),
  route({
    name: 'resetSecondFactor',
    method: 'DELETE',
    path: 'api/v1/companies/{companyId}/managers/{userId}/second-factor',
    action: 'inviteManagers',
    tag: 'Manager Access',
    summary: 'Takes away the second factor of a manager who has lost it, and ends the sessions.',
    params: oneUser,
    success: { status: 204 },
    errors: ['no-second-factor'],
    handle: async ({ ports, params, principal, state }) => {
      if (state === null) throw new Refusal('not-found');
      await resetFactor(ports, { ...params, by: principal.name, state });
      return { status: 204 };
    },
  }),
];
