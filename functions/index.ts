// The table of contents of the deployed app: settings → ports → one line per capability.
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { composePorts, prepareStorage } from '../shared/compose.ts';
import { readConfig } from '../shared/config.ts';
import type { Ports, ResetRequest } from '../shared/ports/ports.ts';
import { closeAllBillingDays } from '../shared/use-cases/billing.ts';
import { abandonDecisionJob, packDecidedLists, workOnDecisionJob } from '../shared/use-cases/decision-job-steps.ts';
import type { JobInput, JobPorts, JobStep } from '../shared/use-cases/decision-job-steps.ts';
import { sendResetLink } from '../shared/use-cases/manager-password.ts';
import { recoverEffects } from '../shared/use-cases/effects.ts';
import { dropExpired } from '../shared/use-cases/housekeeping.ts';
import { type ProbeInput, probeAccess } from '../shared/use-cases/probe-access.ts';
import { type MailMessage, sendMailOrPutBack } from '../shared/use-cases/send-mail.ts';
import { abandonRound, runRound } from '../shared/use-cases/run-round.ts';
import type { RoundInput } from '../shared/use-cases/round-context.ts';
import { dropOld } from '../shared/use-cases/retention.ts';
import { reviewManagers } from '../shared/use-cases/review-managers.ts';
import { decideReminders, postponeReminders, type ReminderInput } from '../shared/use-cases/weekly-reminders.ts';
import { requestSync } from '../shared/use-cases/sync-request.ts';
import { confirm, consented, handleStep, signedIn } from './connect.ts';
import { decideMatching } from './decide-matching.ts';
import { documentationPage, openApiDocument } from './documentation.ts';
import { purgeEnded, reviveDecisionJobs, runFleet, starterOf } from './durable.ts';
import { handleApi, toResponse } from './http.ts';
import { takeDeliveryReport } from './mail-reports.ts';
import { finishMicrosoftSignIn, startMicrosoftSignIn } from './manager-microsoft.ts';
import { connectCompany, syncCompany } from './orchestrations.ts';
import { portalPage } from './portal.ts';
import type { Reply } from './route.ts';
import { teamStatusPage, unsubscribePage } from './reminder-links.ts';
import { remindCompany, remindManagers } from './remind-weekly.ts';
import { routes } from './routes.ts';
import { signOut, startAdminSignIn } from './sessions.ts';

const config = readConfig(process.env);
const ports: Ports = composePorts(config);
const durableClient = df.input.durableClient();

app.hook.appStart(async () => await prepareStorage(config));

for (const route of routes) {
  app.http(route.name, {
    methods: [route.method],
    route: route.path,
    authLevel: 'anonymous',
    extraInputs: [durableClient],
    handler: async (request, context) => await handleApi(route, ports, starterOf(context, ports), request, context.invocationId),
  });
}

type PageHandler = (request: HttpRequest, context: InvocationContext) => Promise<Reply>;
const pageRoute = (name: string, method: 'GET' | 'POST', route: string, handle: PageHandler) => {
  app.http(name, {
    methods: [method],
    route,
    authLevel: 'anonymous',
    extraInputs: [durableClient],
    handler: async (request, context): Promise<HttpResponseInit> =>
      toResponse(await handleStep(request, ports, context.invocationId, async () => await handle(request, context))),
  });
};

pageRoute('connectConsented', 'GET', 'connect/consented', async (request) => await consented(request, ports));
pageRoute('connectSignedIn', 'GET', 'connect/signed-in', async (request) => await signedIn(request, ports));
pageRoute(
  'connectConfirm',
  'POST',
  'connect/confirm',
  async (request, context) => await confirm(request, ports, starterOf(context, ports)),
);
pageRoute('startSignIn', 'GET', 'sign-in', async (request) => await startAdminSignIn(request, ports));
pageRoute('finishSignIn', 'GET', 'signed-in', async (request) => await finishMicrosoftSignIn(request, ports));
pageRoute('startManagerSignIn', 'GET', 'account/sign-in/microsoft', async (request) => await startMicrosoftSignIn(request, ports));
pageRoute('signOut', 'POST', 'sign-out', async (request) => await signOut(request, ports));
pageRoute('openApi', 'GET', 'api/v1/openapi.json', async () => openApiDocument());
pageRoute('documentation', 'GET', 'docs', async () => documentationPage());
pageRoute('unsubscribePage', 'GET', 'api/v1/reminders/unsubscribe', async () => unsubscribePage());
pageRoute('teamStatusPage', 'GET', 'team-status', async () => teamStatusPage());
pageRoute('health', 'GET', 'healthz', async () => ({ status: 200, body: { status: 'ok' } }));
pageRoute('portal', 'GET', '{*path}', async (request) => await portalPage(request));

df.app.orchestration('syncCompany', syncCompany);
df.app.orchestration('connectCompany', connectCompany);
df.app.orchestration('decideMatching', decideMatching);
df.app.orchestration('remindCompany', remindCompany);

df.app.activity('runRound', { handler: async (input: RoundInput) => await runRound(ports, input) });
df.app.activity('abandonRound', { handler: async (input: RoundInput) => await abandonRound(ports, input) });
df.app.activity('probeAccess', { handler: async (input: ProbeInput) => await probeAccess(ports, input) });
df.app.activity('startFirstSync', {
  extraInputs: [durableClient],
  handler: async ({ companyId }: { companyId: string }, context) => {
    const start = await requestSync(ports, { companyId, reason: 'connected', requestedBy: 'Muster', wanted: 'delta' });
    if (start.kind === 'start') await starterOf(context, ports).startSync(companyId, start);
  },
});

const jobStep = (name: string, run: (ports: JobPorts, input: JobInput) => Promise<JobStep>) => {
  df.app.activity(name, { handler: async (input: JobInput) => await run(ports, input) });
};
jobStep('workOnDecisionJob', workOnDecisionJob);
jobStep('packDecidedLists', packDecidedLists);
jobStep('abandonDecisionJob', abandonDecisionJob);

df.app.activity('decideReminders', { handler: async (input: ReminderInput) => await decideReminders(ports, input) });
df.app.activity('postponeReminders', { handler: async (input: ReminderInput) => await postponeReminders(ports, input) });

app.timer('syncFleet', {
  schedule: '0 * * * * *',
  extraInputs: [durableClient],
  handler: async (_timer, context) => await runFleet(context, ports),
});
app.timer('reviveDecisionJobs', {
  schedule: '15 * * * * *',
  extraInputs: [durableClient],
  handler: async (_timer, context) => await reviveDecisionJobs(context, ports),
});
app.timer('remindManagers', {
  schedule: '50 * * * * *',
  extraInputs: [durableClient],
  handler: async (_timer, context) => await remindManagers(context, ports),
});
app.timer('recoverEffects', { schedule: '30 * * * * *', handler: async () => void (await recoverEffects(ports)) });
app.timer('reviewManagers', { schedule: '45 * * * * *', handler: async () => await reviewManagers(ports) });
app.timer('closeBillingDays', { schedule: '0 5 * * * *', handler: async () => await closeAllBillingDays(ports) });
app.timer('purgeEnded', {
  schedule: '0 45 * * * *',
  extraInputs: [durableClient],
  handler: async (_timer, context) => await purgeEnded(context, ports),
});
app.timer('dropOld', { schedule: '0 10 3 * * *', handler: async () => await dropOld(ports) });
app.timer('dropExpired', { schedule: '0 25 * * * *', handler: async () => await dropExpired(ports) });

app.serviceBusQueue('sendMail', {
  queueName: 'mail',
  connection: 'SERVICEBUS_CONNECTION',
  handler: async (message) => await sendMailOrPutBack(ports, message as MailMessage),
});
app.serviceBusQueue('sendResetLink', {
  queueName: 'password-resets',
  connection: 'SERVICEBUS_CONNECTION',
  handler: async (message) => await sendResetLink(ports, message as ResetRequest),
});
app.serviceBusQueue('recordDelivery', {
  queueName: 'mail-reports',
  connection: 'SERVICEBUS_CONNECTION',
  handler: async (message) => await takeDeliveryReport(ports, message),
});
