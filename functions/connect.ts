// The pages an administrator passes while joining a tenant: back from consent, back from the sign-in, confirmed. Each of them is also
// there for programs, as JSON and problem+json.
import type { HttpRequest } from '@azure/functions';
import { html } from '../shared/domain/html.ts';
import { errorCodes, Refusal } from '../shared/domain/errors.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { acceptConsent, type Confirmation, confirmConnect, connectPaths, proveTenant } from '../shared/use-cases/connect.ts';
import { portalUrls } from '../shared/use-cases/notices.ts';
import { requireSameSite } from './caller.ts';
import { connectCookie, readCookie } from './cookies.ts';
import { page } from './page.ts';
import { replyToError } from './problem.ts';
import type { Reply, Starter } from './route.ts';

const wantsHtml = (request: HttpRequest) => (request.headers.get('accept') ?? '').includes('text/html');

const sessionOf = (request: HttpRequest) => readCookie(request.headers.get('cookie'), connectCookie.name);

function errorPage(error: Refusal): Reply {
  const { status, title } = errorCodes[error.code];
  const detail = error.details.detail ?? title;
  return page({
    status,
    title: 'Not connected',
    content: html`<p><strong>${title}</strong></p>${detail === title ? null : html`<p>${detail}</p>`}
      <p>Go back to the company and choose “Integrate M365” to try again.</p>`,
  });
}

/** Runs one step; whatever goes wrong becomes a page for people and a problem document for programs. */
export async function handleStep(request: HttpRequest, ports: Ports, traceId: string, step: () => Promise<Reply>): Promise<Reply> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Refusal && wantsHtml(request)) return errorPage(error);
    return replyToError(error, traceId, ports.log);
  }
}

/** `GET /connect/consented`: Entra sent the browser back from consent. */
export async function consented(request: HttpRequest, ports: Ports): Promise<Reply> {
  const { signInUrl } = await acceptConsent(ports, {
    state: request.query.get('state'),
    session: sessionOf(request),
    tenant: request.query.get('tenant'),
    error: request.query.get('error'),
  });
  return { status: 302, headers: { Location: signInUrl } };
}

function confirmationPage(confirmation: Confirmation): Reply {
  const { companyName, tenantName, tenantId, account, unexpectedDomain, confirmToken } = confirmation;
  const warning =
    unexpectedDomain === null
      ? null
      : html`<p class="warning">For ${companyName} the domain <strong>${unexpectedDomain}</strong> was expected, but the account that signed in belongs to
          <strong>${tenantName}</strong>. Join them only if you are sure this is the right company.</p>`;
  return page({
    status: 200,
    title: `Join ${tenantName} and ${companyName}?`,
    content: html`<dl><dt>Company</dt><dd>${companyName}</dd><dt>Microsoft 365 tenant</dt><dd>${tenantName}</dd>
        <dt>Tenant id</dt><dd><code>${tenantId}</code></dd><dt>Consent given by</dt><dd>${account}</dd></dl>${warning}
      <p>The people of this tenant will be read and wait for approval. Nobody becomes active before an admin says yes.</p>
      <form method="post" action="${connectPaths.confirm}"><input type="hidden" name="token" value="${confirmToken}"><button>Join them</button></form>`,
  });
}

/** `GET /connect/signed-in`: the browser is back from proving the tenant; a person must confirm what is about to be joined. */
export async function signedIn(request: HttpRequest, ports: Ports): Promise<Reply> {
  const confirmation = await proveTenant(ports, {
    state: request.query.get('state'),
    session: sessionOf(request),
    code: request.query.get('code'),
    error: request.query.get('error'),
  });
  return wantsHtml(request) ? confirmationPage(confirmation) : { status: 200, body: confirmation };
}

const largestForm = 4_000;

/** `POST /connect/confirm`: joins them, starts the permission probe, and sends the browser to the company. */
export async function confirm(request: HttpRequest, ports: Ports, starter: Starter): Promise<Reply> {
  requireSameSite(request, ports.operation.publicUrl);
  const form = new URLSearchParams((await request.text()).slice(0, largestForm));
  const linked = await confirmConnect(ports, { state: form.get('token'), session: sessionOf(request) });
  await starter.startProbe(linked.companyId, linked.probeInstanceId);
  const cookies = [connectCookie.clear()];
  if (!wantsHtml(request)) return { status: 200, body: { companyId: linked.companyId, tenantId: linked.tenantId }, cookies };
  return { status: 303, headers: { Location: portalUrls(ports.operation.publicUrl, linked.companyId).company }, cookies };
}
