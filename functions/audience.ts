// What other systems may rely on: the audience of campaigns, the billing counts, and the audit log.
import * as contract from '../shared/contracts/users.ts';
import { addDays, localDay } from '../shared/domain/local-time.ts';
import { listAudit } from '../shared/storage/audit.ts';
import { activeNow, listBilledDays } from '../shared/use-cases/billing.ts';
import { openUsers, userIdOf } from '../shared/use-cases/company-users.ts';
import { listActive } from '../shared/use-cases/list-active.ts';
import { openPage, sealPage } from '../shared/use-cases/page-token.ts';
import { inCompany } from './companies.ts';
import { type Route, route } from './route.ts';
import { viewMember } from './view.ts';

export const audienceRoutes: readonly Route[] = [
  route({
    name: 'readAudience',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/audience',
    action: 'readAudience',
    tag: 'Audience',
    summary: 'Active users only: whom campaigns, reminders and training may address. Pending and denied people are never in it.',
    params: inCompany,
    query: contract.pageQuery,
    success: { status: 200, schema: contract.audiencePage },
    errors: ['invalid-page'],
    handle: async ({ ports, params, query }) => {
      const binding = { purpose: 'audience', binding: params };
      const page = await listActive(ports, params.companyId, { limit: query.limit, cursor: openPage(ports, binding, query.page) });
      const body = { members: page.users.map(viewMember), nextPage: sealPage(ports, binding, page.cursor) };
      return { status: 200, body };
    },
  }),
  route({
    name: 'readBilling',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/billing',
    action: 'readBilling',
    tag: 'Audience',
    summary: 'Active users now, and the count each day ended with in the company’s time zone.',
    params: inCompany,
    query: contract.billingQuery,
    success: { status: 200, schema: contract.billing },
    handle: async ({ ports, params, query }) => {
      const to = query.to ?? addDays(localDay(ports.clock.now(), 'UTC'), 1);
      const from = query.from ?? new Date(Date.parse(`${to}T00:00:00Z`) - 30 * 86_400_000).toISOString().slice(0, 10);
      const [activeUsers, days] = await Promise.all([
        activeNow(ports, params.companyId),
        listBilledDays(ports, params.companyId, from, to),
      ]);
      return { status: 200, body: { activeUsers, days } };
    },
  }),
  route({
    name: 'readAudit',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/audit',
    action: 'readAudit',
    tag: 'Audit',
    summary: 'Who decided what, when and why, newest first.',
    params: inCompany,
    query: contract.pageQuery,
    success: { status: 200, schema: contract.auditPage },
    errors: ['invalid-page'],
    handle: async ({ ports, params, query }) => {
      const binding = { purpose: 'audit', binding: params };
      const opened = await openUsers(ports, params.companyId);
      const tenantId = opened?.scope.tenantId ?? '';
      const page = await listAudit(ports.tables, params.companyId, { after: openPage(ports, binding, query.page), limit: query.limit });
      const entries = page.entries.map(({ auditId, at, by, action, summary, reason, objectIds, jobId }) => ({
        auditId,
        at,
        by,
        action,
        summary,
        reason,
        userIds: objectIds.map((objectId) => userIdOf({ tenantId, objectId })),
        jobId: jobId ?? null,
      }));
      return { status: 200, body: { entries, nextPage: sealPage(ports, binding, page.next) } };
    },
  }),
];
