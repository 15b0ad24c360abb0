// Manager Access over HTTP: who is invited to the User Portal, and what became of it.
import * as contract from '../shared/contracts/manager-access.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { type InvitationRequest, inviteManagers } from '../shared/use-cases/manager-access.ts';
import { inCompany } from './companies.ts';
import { type Call, type Route, route } from './route.ts';
import { oneUser } from './users.ts';

function requestOf({ company, state, principal }: Call<unknown, unknown, unknown>, resend: boolean): InvitationRequest {
  if (company === null || state === null) throw new Refusal('not-found');
  const { companyId, name: companyName } = company;
  return { companyId, companyName, by: principal.name, kind: resend ? 'resend' : 'invite', state };
}

export const managerAccessRoutes: readonly Route[] = [
  route({
    name: 'inviteManager',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/managers/{userId}/invitation',
    action: 'inviteManagers',
    tag: 'Manager Access',
    summary: 'Invites one manager to the User Portal; names the address, so that whoever confirms knows where the mail goes.',
    params: oneUser,
    body: contract.invitation,
    success: { status: 200, schema: contract.invitationItem },
    handle: async (call) => {
      const { userId } = call.params;
      const [item] = await inviteManagers(call.ports, requestOf(call, call.body.resend), [{ userId, mail: call.body.mail }]);
      if (item === undefined || item.reason === 'unknown') throw new Refusal('not-found');
      return { status: 200, body: item };
    },
  }),
  route({
    name: 'inviteManagers',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/manager-invitations',
    action: 'inviteManagers',
    tag: 'Manager Access',
    summary: 'Invites up to 1,000 managers by id; says for each whether the mail is on its way, and why not.',
    params: inCompany,
    body: contract.bulkInvitation,
    success: { status: 200, schema: contract.bulkInvitationResult },
    handle: async (call) => {
      const { userIds, resend } = call.body;
      const invitees = [...new Set(userIds)].map((userId) => ({ userId, mail: null }));
      const items = await inviteManagers(call.ports, requestOf(call, resend), invitees);
      const tally = (outcome: string) => items.filter((item) => item.outcome === outcome).length;
      return { status: 200, body: { sent: tally('sent'), skipped: tally('skipped'), refused: tally('refused'), items } };
    },
  }),
];
