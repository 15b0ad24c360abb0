// Rob as a manager, and his browser at the User Portal's API: calls with its cookies, each held against the OpenAPI document.
import type { UserView } from '../../sandbox/api.ts';
import type { ReceivedMail } from '../../sandbox/email/mailbox.ts';
import { accountOf } from '../../sandbox/people.ts';
import type { Visitor } from '../../sandbox/visitor.ts';
import { checkExchange } from '../api/exchange.ts';
import type { Stage, StageCompany } from './stage.ts';

interface PortalAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface PortalCaller {
  readonly get: (path: string) => Promise<PortalAnswer>;
  readonly post: (path: string, body?: unknown) => Promise<PortalAnswer>;
  /** What the browser was given so far and still has: the session, and the step of a sign-in that is half done. */
  readonly cookies: () => { readonly manager?: string; readonly step?: string };
}

/** @param browser keeps the cookies, also those of pages it visits */
export function makePortalCaller({ sandbox }: Pick<Stage, 'sandbox'>, browser: Visitor): PortalCaller {
  const jar = new Map<string, string>();
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<PortalAnswer> => {
    const full = `/api/v1/${path}`;
    const response = await browser.call(`${sandbox.url}${full}`, {
      method,
      headers: { 'sec-fetch-site': 'same-origin', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const answer: unknown = contentType.includes('json') && text !== '' ? JSON.parse(text) : text;
    checkExchange({ method, path: full, requestBody: body, status: response.status, contentType, body: answer, headers: response.headers });
    return { status: response.status, body: answer };
  };
  return {
    get: async (path) => await call('GET', path),
    post: async (path, body) => await call('POST', path, body),
    cookies: () => {
      const [manager, step] = [jar.get('__Host-muster-manager'), jar.get('__Host-muster-manager-step')];
      return { ...(manager === undefined ? {} : { manager }), ...(step === undefined ? {} : { step }) };
    },
  };
}

/** Somebody reports to Rob from now on, and Rob is approved. */
export async function letRobLead(stage: Stage, { admin, companyId, tenant, deeds }: StageCompany): Promise<UserView> {
  const own = tenant.accounts.map(({ objectId }) => objectId);
  const { objectId } = accountOf(tenant, 'rob');
  const report = (await admin.allUsers(companyId, { kind: 'person' })).find((person) => !own.includes(person.objectId));
  if (!report) throw new Error('There is nobody to lead.');
  deeds.changeManager(report.objectId, objectId);
  await admin.syncNow(companyId, true);
  const managerOf = async () => (await admin.user(companyId, report.userId)).managerId ?? '';
  await stage.passUntil(async () => (await managerOf()).endsWith(objectId), 3_600_000);
  const rob = (await admin.allUsers(companyId)).find((user) => user.objectId === objectId);
  if (!rob) throw new Error('Rob has not arrived.');
  await admin.decide(companyId, rob, 'approve');
  return rob;
}

/** The token of the link in a mail. */
export const tokenIn = (mail: ReceivedMail | undefined): string => /#token=([\w.-]+)/.exec(mail?.plainText ?? '')?.[1] ?? '';
