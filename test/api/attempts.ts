// The steps of joining a tenant one by one, so that tests can take each of them wrongly, as a browser or as a program.
import { expect } from 'vitest';
import { errorCodes, type ErrorCode } from '../../shared/domain/errors.ts';
import { accountOf } from '../../sandbox/people.ts';
import type { Visit, Visitor } from '../../sandbox/visitor.ts';
import type { TenantProfile } from '../../sandbox/world/tenants.ts';
import type { Stage, StageCompany } from '../scenarios/stage.ts';

/** How a browser and how a program ask for the same thing. */
export const kinds = ['text/html', 'application/json'] as const;
export type Kind = (typeof kinds)[number];

export const queryOf = (values: Readonly<Record<string, string>>) => new URLSearchParams(values).toString();
export const stateOf = (address: URL | string) => new URL(address).searchParams.get('state') ?? '';
export const tokenOn = (page: Visit) => /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
export const adaId = (tenant: TenantProfile) => accountOf(tenant, 'ada').objectId;

export async function fetchAs(browser: Visitor, kind: Kind, url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('accept', kind);
  return await browser.call(url, { method: 'GET', ...init, headers });
}

/** Chooses an account at Entra; returns the address of our own that Entra sends the browser to. */
export async function chooseAccount(browser: Visitor, signIn: string, account: string): Promise<string> {
  const response = await browser.call(`${signIn}&sandbox_account=${account}`, { method: 'GET' });
  return response.headers.get('location') ?? '';
}

/** Expects a page that says what went wrong and what to do, or a problem document. */
export async function expectRefusal(response: Response, kind: Kind, code: ErrorCode): Promise<void> {
  const { status, title } = errorCodes[code];
  const text = await response.text();
  expect(response.status, text).toBe(status);
  if (kind === 'text/html') {
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).toContain('Integrate M365');
    expect(text).toContain(title.replaceAll('"', '&quot;').replaceAll("'", '&#39;'));
    expect(text).not.toContain('<form');
  } else {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({ code, status });
  }
}

const ownPage = { 'sec-fetch-site': 'same-origin' };

/** The steps on one stage. */
export function attemptsOn(stage: Stage) {
  const { url } = stage.sandbox;
  let made = 0;
  const consented = (values: Readonly<Record<string, string>>) => `${url}/connect/consented?${queryOf(values)}`;
  /** The address Entra sends the browser back to after consent, for a new attempt. */
  const startAndConsent = async (company: StageCompany, browser: Visitor, tenant: TenantProfile) => {
    const state = stateOf(await stage.startIntegration(company, browser));
    return consented({ admin_consent: 'True', tenant: tenant.tenantId, state });
  };
  /** Opens an attempt and goes through consent; returns the way back from it, and the address that sends the browser to the sign-in. */
  const goToSignIn = async (company: StageCompany, browser: Visitor, tenant = company.tenant) => {
    const callback = await startAndConsent(company, browser, tenant);
    const response = await fetchAs(browser, 'text/html', callback);
    expect(response.status).toBe(302);
    return { callback, signIn: response.headers.get('location') ?? '' };
  };
  return {
    consented,
    startAndConsent,
    goToSignIn,
    integrationOf: async ({ companyId }: StageCompany) => await stage.msp.integration(companyId),
    newCompany: async () => await stage.createCompany({ name: `Company ${(made += 1)}`, users: 5 }),
    adaOf: (tenant: TenantProfile) => stage.browserOf(accountOf(tenant, 'ada')),
    goToConfirmation: async (company: StageCompany, browser: Visitor, tenant = company.tenant): Promise<Visit> => {
      const { signIn } = await goToSignIn(company, browser, tenant);
      return await browser.open(await chooseAccount(browser, signIn, adaId(tenant)));
    },
    confirm: async (browser: Visitor, kind: Kind, token: string, headers: Readonly<Record<string, string>> = ownPage) =>
      await fetchAs(browser, kind, `${url}/connect/confirm`, {
        method: 'POST',
        body: queryOf({ token }),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
  };
}

export type Attempts = ReturnType<typeof attemptsOn>;
