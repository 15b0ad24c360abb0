// The own team over HTTP: who is in it, their courses, a spreadsheet, and reminding them. Nothing here takes the id of a manager.
import { stringify } from 'csv-stringify/sync';
import * as z from 'zod';
import { userId } from '../shared/contracts/common.ts';
import * as contract from '../shared/contracts/own-team.ts';
import { countStatuses } from '../shared/domain/assignment.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { displayNameOf, matchesSearch, safeCsvCell, searchTextOf } from '../shared/domain/person-text.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { objectIdOf, userIdOf } from '../shared/use-cases/company-users.ts';
import type { SignedInManager } from '../shared/use-cases/manager-session.ts';
import { type OwnMember, readOwnTeam } from '../shared/use-cases/own-team.ts';
import { remindTeam } from '../shared/use-cases/remind-team.ts';
import { managerIn } from './account.ts';
import { type Route, route } from './route.ts';

function viewTeamMember({ user, depth, counts, remindedAt }: OwnMember): contract.TeamMemberView {
  const { mail = null, jobTitle = null, department = null } = user.fields;
  return { userId: userIdOf(user), displayName: displayNameOf(user.fields), mail, jobTitle, department, depth, counts, remindedAt };
}

/** Everybody who fits, by name. */
function fitting(members: readonly OwnMember[], { status, search }: z.output<typeof contract.teamQuery>): readonly OwnMember[] {
  const fits = ({ user, counts }: OwnMember) =>
    (status === undefined || counts[status] > 0) && (search === undefined || matchesSearch(searchTextOf(user.fields), search));
  return members.filter(fits).toSorted((left, right) => displayNameOf(left.user.fields).localeCompare(displayNameOf(right.user.fields)));
}

const columns = ['Name', 'Mail', 'Department', 'Overdue', 'Due soon', 'Open', 'Done', 'Last reminded'] as const;

async function teamCsv(ports: Ports, manager: SignedInManager, query: z.output<typeof contract.teamQuery>): Promise<string> {
  const rows = fitting((await readOwnTeam(ports, manager)).members, query).map(({ user, counts, remindedAt }) => {
    const { mail, department } = user.fields;
    const texts = [displayNameOf(user.fields), mail ?? '', department ?? ''].map(safeCsvCell);
    return [...texts, counts.overdue, counts.dueSoon, counts.open, counts.done, remindedAt ?? ''];
  });
  return stringify([[...columns], ...rows], { bom: true });
}

const team = 'api/v1/account/team';

export const ownTeamRoutes: readonly Route[] = [
  route({
    name: 'readOwnTeam',
    method: 'GET',
    path: team,
    action: 'manager',
    tag: 'User Portal',
    summary: 'The approved people of the own team, with what is overdue, due soon and done.',
    query: contract.teamQuery,
    success: { status: 200, schema: contract.team },
    handle: async (call) => {
      const found = await readOwnTeam(call.ports, managerIn(call));
      const counts = countStatuses(found.members.flatMap(({ assignments }) => assignments.map(({ status }) => status)));
      return { status: 200, body: { members: fitting(found.members, call.query).map(viewTeamMember), pending: found.pending, counts } };
    },
  }),
  route({
    name: 'exportOwnTeam',
    method: 'GET',
    path: 'api/v1/account/team.csv',
    action: 'manager',
    tag: 'User Portal',
    summary: 'The same list as a spreadsheet.',
    query: contract.teamQuery,
    success: { status: 200, contentType: 'text/csv' },
    handle: async (call) => ({
      status: 200,
      text: { contentType: 'text/csv; charset=utf-8', content: await teamCsv(call.ports, managerIn(call), call.query) },
      headers: { 'Content-Disposition': 'attachment; filename="team.csv"' },
    }),
  }),
  route({
    name: 'readTeamMember',
    method: 'GET',
    path: `${team}/{userId}`,
    action: 'manager',
    tag: 'User Portal',
    summary: 'The courses of one member of the own team.',
    params: z.strictObject({ userId }),
    success: { status: 200, schema: contract.memberAssignments },
    errors: ['not-found'],
    handle: async (call) => {
      const manager = managerIn(call);
      const objectId = objectIdOf(manager.opened.scope, call.params.userId);
      const member = (await readOwnTeam(call.ports, manager)).members.find(({ user }) => user.objectId === objectId);
      if (member === undefined) throw new Refusal('not-found');
      return { status: 200, body: { member: viewTeamMember(member), assignments: member.assignments } };
    },
  }),
  route({
    name: 'remindOwnTeam',
    method: 'POST',
    path: 'api/v1/account/team-reminders',
    action: 'manager',
    tag: 'User Portal',
    summary: 'Reminds some or all members of courses that are overdue or due soon; says who was skipped and why.',
    body: contract.reminder,
    success: { status: 200, schema: contract.reminderResult },
    handle: async (call) => {
      const items = await remindTeam(call.ports, managerIn(call), call.body.userIds ?? 'everybody');
      const sent = items.filter(({ outcome }) => outcome === 'sent').length;
      return { status: 200, body: { sent, skipped: items.length - sent, items } };
    },
  }),
];
