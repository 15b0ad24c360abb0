// One request for every route that an allowed caller may send again and again without changing anything, and what it is answered.
import type { Route } from '../../functions/route.ts';
import { grantId } from '../../shared/domain/access.ts';
import { mspTenant } from '../../sandbox/world/tenants.ts';
import { accountOf } from '../../sandbox/people.ts';
import type { Cast } from './cast.ts';

interface Plan {
  /** What an allowed caller gets. */
  readonly answers: number;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bodies are wrong on purpose: whoever is allowed learns that, whoever is not learns nothing else than that. */
const refusedBody = { answers: 400, body: { nonsense: true } };

/** A route without an entry makes the authorisation test fail. */
export function requestPlans({ mspId, connected, fresh }: Cast, userId: string): Readonly<Record<string, Plan>> {
  const msp = { params: { mspId } };
  const company = { params: { companyId: connected.companyId } };
  const user = { params: { companyId: connected.companyId, userId } };
  // No such job: whoever is allowed learns that, and nothing is cancelled.
  const job = { params: { companyId: connected.companyId, jobId: 'aaaaaaaaaaaaaaaaaaaa' } };
  const ada = grantId({ tenantId: connected.tenant.tenantId, objectId: accountOf(connected.tenant, 'ada').objectId });
  const mira = grantId({ tenantId: mspTenant.tenantId, objectId: accountOf(mspTenant, 'mira').objectId });
  const ifMatch = { headers: { 'if-match': '"0"' } };
  return {
    whoAmI: { answers: 200 },
    createMsp: refusedBody,
    listMsps: { answers: 200 },
    readMsp: { answers: 200, ...msp },
    listMspAdmins: { answers: 200, ...msp },
    addMspAdmin: { ...refusedBody, ...msp },
    // The last admin cannot be removed, so the request can be repeated.
    removeMspAdmin: { answers: 409, params: { mspId, adminId: mira } },
    createCompany: { ...refusedBody, ...msp },
    listCompanies: { answers: 200, ...msp },
    readCompany: { answers: 200, ...company },
    listCompanyAdmins: { answers: 200, ...company },
    addCompanyAdmin: { ...refusedBody, ...company },
    removeCompanyAdmin: { answers: 409, params: { companyId: connected.companyId, adminId: ada } },
    readSettings: { answers: 200, ...company },
    changeSettings: { ...refusedBody, ...company, ...ifMatch },
    readIntegration: { answers: 200, ...company },
    startIntegration: { answers: 200, ...company },
    disconnectIntegration: { answers: 409, params: { companyId: fresh.companyId } },
    syncNow: { ...refusedBody, ...company },
    readSync: { answers: 200, ...company },
    listRuns: { answers: 200, ...company },
    listMails: { answers: 200, ...company },
    listUsers: { answers: 200, ...company },
    exportUsers: { answers: 200, ...company },
    readUser: { answers: 200, ...user },
    readUserHistory: { answers: 200, ...user },
    decideUser: { ...refusedBody, ...user, ...ifMatch },
    decideUsers: { ...refusedBody, ...company },
    startDecisionJob: { ...refusedBody, ...company },
    listDecisionJobs: { answers: 200, ...company },
    readDecisionJob: { answers: 404, ...job },
    cancelDecisionJob: { answers: 404, ...job },
    listDecisionJobUsers: { answers: 404, ...job },
    readCounts: { answers: 200, ...company },
    listManagers: { answers: 200, ...company },
    readAudience: { answers: 200, ...company },
    readBilling: { answers: 200, ...company },
    readAudit: { answers: 200, ...company },
    stateAssignment: { ...refusedBody, params: { companyId: connected.companyId, userId, courseId: 'course-1' } },
    stateAssignments: { ...refusedBody, ...company },
    readAssignments: { answers: 200, ...user },
    retryMailAddress: { ...refusedBody, ...user },
    inviteManager: { ...refusedBody, ...user },
    inviteManagers: { ...refusedBody, ...company },
    inviteMatchingManagers: { ...refusedBody, ...company },
    listManagerAccess: { answers: 200, ...company },
    readManagerAccess: { answers: 200, ...user },
    commandManagerAccess: { ...refusedBody, ...user },
    readReminderWeeks: { answers: 200, ...company },
    readManagerReminders: { answers: 200, ...user },
    changeManagerReminders: { ...refusedBody, ...user },
    changeOwnReminders: refusedBody,
    unsubscribe: { answers: 400 },
    readTeamStatus: refusedBody,
    acceptInvitation: refusedBody,
    requestPasswordReset: refusedBody,
    resetPassword: refusedBody,
    changePassword: { answers: 200 },
    signOutManagerEverywhere: { answers: 200 },
    signInManager: refusedBody,
    signOutManager: { answers: 204 },
    readManagerSignIn: { answers: 200, ...company },
    enterCode: refusedBody,
    offerFactorAtSignIn: { answers: 401 },
    confirmFactorAtSignIn: refusedBody,
    readSecondFactor: { answers: 200 },
    offerSecondFactor: refusedBody,
    confirmSecondFactor: refusedBody,
    removeSecondFactor: refusedBody,
    resetSecondFactor: { answers: 409, ...user },
    readOwnAccount: { answers: 200 },
    readOwnTeam: { answers: 200 },
    exportOwnTeam: { answers: 200 },
    remindOwnTeam: refusedBody,
    readTeamMember: { answers: 404, params: { userId } },
  };
}

/** The address of a route with its parameters filled in. */
export function pathOf(route: Pick<Route, 'path'>, params: Readonly<Record<string, string>> = {}): string {
  return `/${route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))}`;
}
