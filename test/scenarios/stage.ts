// The stage of the scenario tests: one whole sandbox, an operator, an MSP, and companies with tenants of their own, made as they are needed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntraSettings } from '../../sandbox/entra/options.ts';
import type { GraphSettings } from '../../sandbox/graph/settings.ts';
import type { ReceivedMail } from '../../sandbox/email/mailbox.ts';
import { type Api, makeApi } from '../../sandbox/api.ts';
import { accountOf, asAdmin, browserOf } from '../../sandbox/people.ts';
import { freePorts } from '../../sandbox/ports.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { Visit, Visitor } from '../../sandbox/visitor.ts';
import type { Deeds } from '../../sandbox/world/deeds.ts';
import type { Directory } from '../../sandbox/world/directory.ts';
import { seedDirectory } from '../../sandbox/world/seed.ts';
import { homeTenant, mspTenant, type SignInAccount, type TenantProfile } from '../../sandbox/world/tenants.ts';
import { checkExchange } from '../api/exchange.ts';
import { bundleApp } from '../bundle.ts';
import { makeTenant } from './tenant.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A company on the stage, with the tenant that belongs to it. */
export interface StageCompany {
  readonly companyId: string;
  readonly name: string;
  readonly tenant: TenantProfile;
  readonly directory: Directory;
  /** What happens in the tenant. */
  readonly deeds: Deeds;
  /** The API as the company's own admin, Ada. */
  readonly admin: Api;
  /** Where Ada's mail arrives. */
  readonly adminMail: string;
}

export interface NewStageCompany {
  readonly name: string;
  /** Users of the tenant; 30 has everything: people, rooms, guests, a re-created account. */
  readonly users?: number;
  readonly timeZone?: string;
  /** Differs from the tenant's own domain where the MSP expects something else. */
  readonly expectedDomain?: string;
}

export interface Stage {
  readonly sandbox: Sandbox;
  readonly operator: Api;
  /** The API as the MSP's admin, Mira. */
  readonly msp: Api;
  readonly mspId: string;
  /** A tenant that exists and is joined to nothing. */
  readonly openTenant: (name: string, users: number) => TenantProfile;
  readonly apiOf: (tenant: TenantProfile, account: SignInAccount) => Promise<Api>;
  readonly browserOf: (account: SignInAccount) => Visitor;
  /** A company that is not connected yet, and its tenant. */
  readonly createCompany: (wish: NewStageCompany) => Promise<StageCompany>;
  /** Mira chooses "Integrate M365"; returns the consent page to open in this browser. */
  readonly startIntegration: (company: Pick<StageCompany, 'companyId'>, browser: Visitor) => Promise<URL>;
  /** The whole of "Integrate M365", with consent by Ada in a browser of her own unless told otherwise; returns the last page. */
  readonly integrate: (company: Pick<StageCompany, 'companyId' | 'tenant'>, browser?: Visitor) => Promise<Visit>;
  /** A company whose first sync is complete and whose mails have arrived. */
  readonly connectCompany: (wish: NewStageCompany) => Promise<StageCompany>;
  /** Disconnects the companies connected so far, so that they no longer take part when time passes, but for one to keep. */
  readonly disconnectAll: (kept?: StageCompany) => Promise<void>;
  /** Sync Now, with as much time as the round needs when something is in its way; returns the record of that round. */
  readonly syncNow: (company: StageCompany, full?: boolean) => Promise<Run>;
  /** Moves the clock and lets everything happen that is due by then. */
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Passes time in steps (of a minute unless told otherwise) until something is so. @throws Error when it is not so within the given time. */
  readonly passUntil: (isDone: () => Promise<boolean>, within: number, step?: number) => Promise<void>;
  /** Changes settings the way an admin's page does: read, change, send back under If-Match. */
  readonly changeSettings: (company: StageCompany, change: Parameters<Api['changeSettings']>[1]) => Promise<void>;
  readonly mailsTo: (address: string) => readonly ReceivedMail[];
  readonly stop: () => Promise<void>;
}

export type Run = Awaited<ReturnType<Api['runs']>>[number];

export interface StageOptions {
  readonly entra?: Partial<EntraSettings>;
  readonly graph?: Partial<GraphSettings>;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the stage. Without other wishes permissions work at once after consent. */
export async function openStage({ entra, graph, settings }: StageOptions = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-scenario-'));
  const lines: string[] = [];
  const stop = async (sandbox?: Sandbox) => {
    await sandbox?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await startSandbox({
      folder,
      ports: await freePorts(),
      tenants: [homeTenant, mspTenant],
      directories: [],
      appFile: await bundleApp(),
      keepTables: false,
      entra: { rolesDelayMs: 0, ...entra },
      ...(graph ? { graph } : {}),
      ...(settings ? { settings } : {}),
      onLine: (line) => lines.push(line),
    });
    return await setStage(sandbox, async () => await stop(sandbox));
  } catch (error) {
    await stop(sandbox);
    throw new Error(`The stage could not be set:\n${lines.slice(-20).join('\n')}`, { cause: error });
  }
}

/** Longer than any scenario lasts, however far it moves the clock. */
const tokenLifeSeconds = 10 * 366 * 86_400;

async function setStage(sandbox: Sandbox, stop: () => Promise<void>): Promise<Stage> {
  const apiOf = async (tenant: TenantProfile, { objectId }: SignInAccount) => {
    const token = await sandbox.entra.issueAccessToken({ tenantId: tenant.tenantId, objectId, expiresInSeconds: tokenLifeSeconds });
    return makeApi({ url: sandbox.url, token, observe: checkExchange });
  };
  const operator = await apiOf(homeTenant, accountOf(homeTenant, 'olivia'));
  const mira = accountOf(mspTenant, 'mira');
  const msp = await apiOf(mspTenant, mira);
  const { mspId } = await operator.createMsp({ name: 'Lighthouse', admins: [asAdmin(mspTenant, mira)] });

  const openTenant: Stage['openTenant'] = (name, users) => {
    const tenant = makeTenant(name, users);
    sandbox.entra.addTenant(tenant);
    sandbox.world.put(seedDirectory({ tenantId: tenant.tenantId, domain: tenant.domain, users, seed: name, accounts: tenant.accounts }));
    return tenant;
  };
  const createCompany: Stage['createCompany'] = async ({ name, users = 30, timeZone, expectedDomain }) => {
    const tenant = openTenant(name, users);
    const ada = accountOf(tenant, 'ada');
    const wish = { name, expectedDomain: expectedDomain ?? tenant.domain, admins: [asAdmin(tenant, ada)] };
    const { companyId } = await msp.createCompany(mspId, { ...wish, ...(timeZone === undefined ? {} : { timeZone }) });
    const directory = sandbox.world.directory(tenant.tenantId);
    if (!directory) throw new Error(`${name} has no directory.`);
    const admin = await apiOf(tenant, ada);
    return { companyId, name, tenant, directory, deeds: sandbox.world.deeds(tenant.tenantId), admin, adminMail: ada.userPrincipalName };
  };
  const startIntegration: Stage['startIntegration'] = async ({ companyId }, browser) => {
    const token = await sandbox.entra.issueAccessToken({ tenantId: mspTenant.tenantId, objectId: mira.objectId });
    const start = `${sandbox.url}/api/v1/companies/${companyId}/integration/start`;
    const response = await browser.call(start, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    const { consentUrl } = (await response.json()) as { consentUrl: string };
    return new URL(consentUrl);
  };
  const integrate: Stage['integrate'] = async (company, browser = browserOf(sandbox, accountOf(company.tenant, 'ada'))) => {
    const confirmation = await browser.open((await startIntegration(company, browser)).href);
    return confirmation.text.includes('/connect/confirm') ? await browser.submit(confirmation) : confirmation;
  };
  const pass = async (milliseconds: number) => {
    sandbox.clock.advance(milliseconds);
    await sandbox.settle();
  };
  const passUntil: Stage['passUntil'] = async (isDone, within, step = minute) => {
    await sandbox.settle();
    for (let passed = 0; !(await isDone()); passed += step) {
      if (passed >= within) throw new Error(`What was waited for did not happen within ${within / minute} minutes.`);
      await pass(step);
    }
  };
  const connected: StageCompany[] = [];
  const connectCompany: Stage['connectCompany'] = async (wish) => {
    const company = await createCompany(wish);
    connected.push(company);
    await integrate(company);
    await passUntil(async () => (await company.admin.sync(company.companyId)).lastRoundAt !== null, 20 * minute);
    return company;
  };
  return {
    sandbox,
    operator,
    msp,
    mspId,
    openTenant,
    apiOf,
    browserOf: (account) => browserOf(sandbox, account),
    createCompany,
    startIntegration,
    integrate,
    connectCompany,
    syncNow: async ({ companyId, admin }, full = false) => {
      const { runId } = await admin.syncNow(companyId, full);
      await passUntil(async () => (await admin.sync(companyId)).running === null, 2 * hour);
      const run = (await admin.runs(companyId)).find((each) => each.runId === runId);
      if (!run) throw new Error(`The round ${runId} left no record.`);
      return run;
    },
    disconnectAll: async (kept) => {
      for (const company of connected.splice(0)) {
        if (company !== kept) await company.admin.raw(`/companies/${company.companyId}/integration`, { method: 'DELETE' });
      }
    },
    pass,
    passUntil,
    changeSettings: async ({ admin, companyId }, change) => void (await admin.changeSettings(companyId, change)),
    mailsTo: (address) => sandbox.email.mails(address),
    stop,
  };
}
