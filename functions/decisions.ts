// Decisions over HTTP: one user under If-Match, or many by ids.
import * as contract from '../shared/contracts/users.ts';
import { decideUser, decideUsers } from '../shared/use-cases/decide-users.ts';
import { withIdempotency } from '../shared/use-cases/idempotency.ts';
import { inCompany } from './companies.ts';
import { refuseField } from './problem.ts';
import { type Route, route } from './route.ts';
import { oneUser } from './users.ts';
import { etagOf, viewUser } from './view.ts';

export const decisionRoutes: readonly Route[] = [
  route({
    name: 'decideUser',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/users/{userId}/decision',
    action: 'decide',
    tag: 'Decisions',
    summary: 'Approves, denies or reopens one user, if nobody decided since the ETag was read.',
    params: oneUser,
    body: contract.decision,
    needsIfMatch: true,
    answersETag: true,
    success: { status: 200, schema: contract.user },
    errors: ['already-decided', 'user-removed', 'precondition-required'],
    handle: async ({ ports, principal, params, body, ifMatch }) => {
      if (!/^\d{1,15}$/.test(ifMatch)) throw refuseField('If-Match', 'Send the ETag of the user.');
      const expectedRevision = Number(ifMatch);
      const decided = await decideUser(ports, { ...params, ...body, by: principal.name, expectedRevision });
      return { status: 200, body: viewUser(decided), headers: { ETag: etagOf(decided) } };
    },
  }),
  route({
    name: 'decideUsers',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/decisions',
    action: 'decide',
    tag: 'Decisions',
    summary: 'Decides up to 1,000 users by id; says for each what became of it.',
    params: inCompany,
    body: contract.bulkDecision,
    takesIdempotencyKey: true,
    success: { status: 200, schema: contract.bulkResult },
    errors: ['idempotency-mismatch'],
    handle: async ({ ports, principal, params, body, idempotencyKey }) => {
      const keyed = { companyId: params.companyId, key: idempotencyKey, request: body };
      const items = await withIdempotency(ports, keyed, async () => await decideUsers(ports, { ...params, ...body, by: principal.name }));
      const tally = (outcome: string) => items.filter((item) => item.outcome === outcome).length;
      const totals = { decided: tally('decided'), unchanged: tally('unchanged'), refused: tally('refused'), notFound: tally('notFound') };
      return { status: 200, body: { ...totals, items } };
    },
  }),
];
