// Manager Access over HTTP: who is invited to the User Portal, and what became of it.
import type * as z from 'zod';
import * as contract from '../shared/contracts/manager-access.ts';
import { pageQuery } from '../shared/contracts/users.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { explainInvitation } from '../shared/domain/manager-account.ts';
import { displayNameOf } from '../shared/domain/person-text.ts';
import { userIdOf } from '../shared/use-cases/company-users.ts';
import { type InvitationItem, type InvitationRequest, inviteManagers } from '../shared/use-cases/manager-access.ts';
import {
  commandAccount,
  hasExpired,
  listManagerAccess,
  type ManagerAccess,
  type OneManagerAccess,
  readManagerAccess,
} from '../shared/use-cases/manager-accounts.ts';
import { inviteMatching } from '../shared/use-cases/invite-matching.ts';
import { openPage, sealPage } from '../shared/use-cases/page-token.ts';
import { inCompany } from './companies.ts';
import { type Call, type Route, route } from './route.ts';
import { oneUser } from './users.ts';

function requestOf({ company, state, principal }: Call<unknown, unknown, unknown>, resend: boolean): InvitationRequest {
  if (company === null || state === null) throw new Refusal('not-found');
  const { companyId, name: companyName } = company;
  return { companyId, companyName, by: principal.name, kind: resend ? 'resend' : 'invite', state };
}

function viewAccess(
  { user, account, addressProblem }: ManagerAccess,
  now: Date,
): z.input<typeof contract.managerAccessPage>['items'][number] {
  const { state, stateSince, endedBecause, invitation, activeSince, reminders } = account;
  return {
    userId: userIdOf(user),
    displayName: displayNameOf(user.fields),
    mail: user.fields.mail ?? null,
    state,
    stateSince,
    endedBecause,
    invitedAt: invitation?.sentAt ?? null,
    invitedBy: invitation?.by ?? null,
    invitationExpiresAt: invitation?.expiresAt ?? null,
    invitationExpired: hasExpired({ user, account }, now),
    activeSince,
    reminders,
    addressProblem,
  };
}

function viewOne(access: OneManagerAccess, now: Date): z.input<typeof contract.oneManagerAccess> {
  const { reports, refusal } = access;
  const invitationRefusedBecause = refusal === null ? null : explainInvitation(refusal);
  return { ...viewAccess(access, now), reports, invitationRefused: refusal, invitationRefusedBecause };
}

function tallyOf(items: readonly InvitationItem[]) {
  const tally = (outcome: InvitationItem['outcome']) => items.filter((item) => item.outcome === outcome).length;
  return { sent: tally('sent'), skipped: tally('skipped'), refused: tally('refused'), items };
}

export const managerAccessRoutes: readonly Route[] = [
  route({
    name: 'listManagerAccess',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/manager-access',
    action: 'inviteManagers',
    tag: 'Manager Access',
    summary: 'Everybody who was invited, with what became of it: also those whose access ended, and why.',
    params: inCompany,
    query: pageQuery,
    success: { status: 200, schema: contract.managerAccessPage },
    errors: ['invalid-page'],
    handle: async (call) => {
      const { ports, params, query } = call;
      const binding = { purpose: 'managerAccess', binding: params };
      const { companyId, state } = requestOf(call, false);
      const cursor = openPage(ports, binding, query.page);
      const page = await listManagerAccess(ports, { companyId, state, limit: query.limit, cursor });
      const items = page.items.map((item) => viewAccess(item, ports.clock.now()));
      return { status: 200, body: { items, nextPage: sealPage(ports, binding, page.cursor) } };
    },
  }),
  route({
    name: 'readManagerAccess',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/managers/{userId}/access',
    action: 'inviteManagers',
    tag: 'Manager Access',
    summary: 'The access of one person, and whether an invitation would go out now: to which address, or why not.',
    params: oneUser,
    success: { status: 200, schema: contract.oneManagerAccess },
    handle: async (call) => {
      const { companyId, state } = requestOf(call, false);
      const access = await readManagerAccess(call.ports, { companyId, state, userId: call.params.userId });
      return { status: 200, body: viewOne(access, call.ports.clock.now()) };
    },
  }),
  route({
    name: 'commandManagerAccess',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/managers/{userId}/access',
    action: 'inviteManagers',
    tag: 'Manager Access',
    summary: 'Takes an open invitation back, disables an account and ends its sessions, or enables it again.',
    params: oneUser,
    body: contract.accountCommand,
    success: { status: 200, schema: contract.oneManagerAccess },
    errors: ['conflict'],
    handle: async (call) => {
      const { companyId, state, by } = requestOf(call, false);
      const access = await commandAccount(call.ports, { companyId, state, by, userId: call.params.userId, ...call.body });
      return { status: 200, body: viewOne(access, call.ports.clock.now()) };
    },
  }),
  route({
    name: 'inviteMatchingManagers',
    method: 'POST',
    path: 'api/v1/companies/{companyId}/manager-invitations/matching',
    action: 'inviteManagers',
    tag: 'Manager Access',
    summary: 'Invites all managers that match a filter, some at a time: send it again with `nextPage` until there is none.',
    params: inCompany,
    body: contract.matchingInvitation,
    success: { status: 200, schema: contract.matchingInvitationResult },
    errors: ['invalid-page'],
    handle: async (call) => {
      const { ports, params, body } = call;
      const { department = null, search = null, resend, page } = body;
      const binding = { purpose: 'matchingInvitation', binding: { ...params, department, search } };
      const filter = { department, search, cursor: openPage(ports, binding, page) };
      const { items, cursor } = await inviteMatching(ports, requestOf(call, resend), filter);
      return { status: 200, body: { ...tallyOf(items), nextPage: sealPage(ports, binding, cursor) } };
    },
  }),
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
      return { status: 200, body: tallyOf(items) };
    },
  }),
];
