// Managers sign in with Microsoft: away to the company's own tenant, and back by the redirect address that admins use too.
import type { HttpRequest } from '@azure/functions';
import * as contract from '../shared/contracts/manager-microsoft.ts';
import { errorCodes, Refusal } from '../shared/domain/errors.ts';
import { html } from '../shared/domain/html.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { finishManagerSignIn, managerSignInOf, startManagerSignIn } from '../shared/use-cases/manager-microsoft.ts';
import { isAttemptOf } from '../shared/use-cases/microsoft-attempts.ts';
import { inCompany } from './companies.ts';
import { managerCookie, managerDeviceCookie, managerStepCookie, readCookie, signInCookie } from './cookies.ts';
import { enterPortal } from './entering.ts';
import { page } from './page.ts';
import { type Reply, type Route, route } from './route.ts';
import { finishAdminSignIn } from './sessions.ts';

/** Where a manager is when signed in. */
const userPortal = '/account';

/** People get a page in the words of the User Portal; programs get the problem. */
async function forPeople(request: HttpRequest, work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal) || !(request.headers.get('accept') ?? '').includes('text/html')) throw error;
    const { status, title } = errorCodes[error.code];
    return page({
      status,
      title: 'Not signed in',
      content: html`<p>${error.details.detail ?? title}</p><p>Ask the admins of your company.</p>`,
    });
  }
}

/** `GET /account/sign-in/microsoft?company=…`: sends the browser to Microsoft. */
export async function startMicrosoftSignIn(request: HttpRequest, ports: Ports): Promise<Reply> {
  return await forPeople(request, async () => {
    const { url, browserSecret } = await startManagerSignIn(ports, request.query.get('company') ?? '');
    return { status: 302, headers: { Location: url }, cookies: [signInCookie.set(browserSecret)] };
  });
}

async function finishForManager(request: HttpRequest, ports: Ports): Promise<Reply> {
  const cookies = request.headers.get('cookie');
  const { session } = await finishManagerSignIn(ports, {
    state: request.query.get('state'),
    code: request.query.get('code'),
    browserSecret: readCookie(cookies, signInCookie.name),
  });
  const browser = {
    managerSession: readCookie(cookies, managerCookie.name),
    managerStep: readCookie(cookies, managerStepCookie.name),
    managerDevice: readCookie(cookies, managerDeviceCookie.name),
  };
  return {
    status: 303,
    headers: { Location: userPortal },
    cookies: [signInCookie.clear(), ...(await enterPortal(ports, browser, session))],
  };
}

/** `GET /signed-in`: Microsoft sent the browser back. Whose sign-in it was is known from the attempt. */
export async function finishMicrosoftSignIn(request: HttpRequest, ports: Ports): Promise<Reply> {
  const isManager = await isAttemptOf(ports, 'manager', request.query.get('state'));
  if (!isManager) return await finishAdminSignIn(request, ports);
  return await forPeople(request, async () => await finishForManager(request, ports));
}

export const managerMicrosoftRoutes: readonly Route[] = [
  route({
    name: 'readManagerSignIn',
    method: 'GET',
    path: 'api/v1/account/sign-in/{companyId}',
    action: 'anyone',
    tag: 'User Portal',
    summary: 'How managers of a company sign in. With Microsoft it goes on at `/account/sign-in/microsoft?company={companyId}`.',
    params: inCompany,
    success: { status: 200, schema: contract.managerSignIn },
    handle: async ({ ports, params }) => ({ status: 200, body: { managerSignIn: await managerSignInOf(ports, params.companyId) } }),
  }),
];
