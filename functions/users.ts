// Users over HTTP: the pending list and its siblings, history, counts and managers.
import { stringify } from 'csv-stringify/sync';
import * as z from 'zod';
import * as contract from '../shared/contracts/users.ts';
import { id, userId } from '../shared/contracts/common.ts';
import { emptyCounts, summarise } from '../shared/domain/counts.ts';
import { Refusal } from '../shared/domain/errors.ts';
import { safeCsvCell } from '../shared/domain/person-text.ts';
import type { Ports } from '../shared/ports/ports.ts';
import { objectIdOf, openUsers, requireUsers, userIdOf } from '../shared/use-cases/company-users.ts';
import { listManagers } from '../shared/use-cases/list-managers.ts';
import { listUsers, type UserQuery } from '../shared/use-cases/list-users.ts';
import { openPage, sealPage } from '../shared/use-cases/page-token.ts';
import { inCompany } from './companies.ts';
import { type Call, type Route, route } from './route.ts';
import { etagOf, viewUser } from './view.ts';

export const oneUser = z.strictObject({ companyId: id, userId });
const users = 'api/v1/companies/{companyId}/users';

async function readUser({ ports, params, state }: Pick<Call<z.output<typeof oneUser>, unknown, unknown>, 'ports' | 'params' | 'state'>) {
  const opened = await requireUsers(ports, params.companyId, state);
  const objectId = objectIdOf(opened.scope, params.userId);
  const stored = objectId === undefined ? undefined : await opened.users.read(objectId);
  if (!stored) throw new Refusal('not-found');
  return stored;
}

/** A filter by a manager of another tenant matches nobody. */
export const managerFilter = (manager: string | undefined) => (manager === undefined ? null : (manager.split('_')[1] ?? ''));

/** A list query in the words of the use case. */
function queryOf(query: z.output<typeof contract.userQuery>, cursor: string | null): UserQuery {
  return {
    status: query.status,
    order: query.sort,
    limit: query.limit,
    cursor,
    kind: query.kind ?? null,
    department: query.department ?? null,
    managerId: managerFilter(query.manager),
    search: query.search ?? null,
  };
}

const csvColumns = [
  'displayName',
  'mail',
  'userPrincipalName',
  'kind',
  'decision',
  'presence',
  'department',
  'jobTitle',
  'decidedBy',
  'decidedAt',
  'userId',
] as const;
const csvLimit = 200;

/** Cells that a spreadsheet would calculate are disarmed; a byte order mark lets it read UTF-8. */
async function exportCsv(ports: Ports, companyId: string, query: z.output<typeof contract.exportQuery>): Promise<string> {
  const rows: string[][] = [];
  let cursor: string | null = null;
  do {
    const page = await listUsers(ports, companyId, queryOf({ ...query, limit: csvLimit }, cursor));
    rows.push(
      ...page.users.map((stored) => {
        const shown = viewUser(stored);
        return csvColumns.map((column) => safeCsvCell(shown[column] ?? ''));
      }),
    );
    cursor = page.cursor;
  } while (cursor !== null);
  return stringify([[...csvColumns], ...rows], { bom: true });
}

export const userRoutes: readonly Route[] = [
  route({
    name: 'listUsers',
    method: 'GET',
    path: users,
    action: 'readUsers',
    tag: 'Users',
    summary: 'Users of one status, by name or newest first; Pending for Approval unless told otherwise.',
    params: inCompany,
    query: contract.userQuery,
    success: { status: 200, schema: contract.userPage },
    errors: ['invalid-page'],
    handle: async ({ ports, params, query, state }) => {
      const { page: token, limit: _limit, ...filters } = query;
      const binding = { purpose: 'users', binding: { ...params, ...filters } };
      const page = await listUsers(ports, params.companyId, queryOf(query, openPage(ports, binding, token)), state);
      return { status: 200, body: { users: page.users.map(viewUser), nextPage: sealPage(ports, binding, page.cursor) } };
    },
  }),
  route({
    name: 'exportUsers',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/users.csv',
    action: 'readUsers',
    tag: 'Users',
    summary: 'The same list as a spreadsheet, all pages.',
    params: inCompany,
    query: contract.exportQuery,
    success: { status: 200, contentType: 'text/csv' },
    handle: async ({ ports, params, query }) => ({
      status: 200,
      text: { contentType: 'text/csv; charset=utf-8', content: await exportCsv(ports, params.companyId, query) },
      headers: { 'Content-Disposition': 'attachment; filename="users.csv"' },
    }),
  }),
  route({
    name: 'readUser',
    method: 'GET',
    path: `${users}/{userId}`,
    action: 'readUsers',
    tag: 'Users',
    summary: 'One user.',
    params: oneUser,
    answersETag: true,
    success: { status: 200, schema: contract.user },
    handle: async (call) => {
      const { user } = await readUser(call);
      return { status: 200, body: viewUser(user), headers: { ETag: etagOf(user) } };
    },
  }),
  route({
    name: 'readUserHistory',
    method: 'GET',
    path: `${users}/{userId}/history`,
    action: 'readUsers',
    tag: 'Users',
    summary: 'What happened to one user: decisions, changes, leaving and coming back.',
    params: oneUser,
    success: { status: 200, schema: contract.history },
    handle: async (call) => {
      const { history } = await readUser(call);
      return { status: 200, body: { lines: history.map((line) => ({ ...line, jobId: line.jobId ?? null })) } };
    },
  }),
  route({
    name: 'readCounts',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/counts',
    action: 'readUsers',
    tag: 'Users',
    summary: 'How many users by status and kind, without reading them.',
    params: inCompany,
    success: { status: 200, schema: contract.counts },
    handle: async ({ ports, params, state }) => {
      const opened = await openUsers(ports, params.companyId, state);
      return { status: 200, body: summarise(opened ? await opened.users.totals() : emptyCounts) };
    },
  }),
  route({
    name: 'listManagers',
    method: 'GET',
    path: 'api/v1/companies/{companyId}/managers',
    action: 'readUsers',
    tag: 'Users',
    summary: 'Approved people who have a team in the directory.',
    params: inCompany,
    query: contract.pageQuery,
    success: { status: 200, schema: contract.managersPage },
    errors: ['invalid-page'],
    handle: async ({ ports, params, query }) => {
      const binding = { purpose: 'managers', binding: params };
      const page = await listManagers(ports, params.companyId, { limit: query.limit, cursor: openPage(ports, binding, query.page) });
      const managers = page.managers.map(({ user, reports }) => {
        const { displayName, mail } = viewUser(user);
        return { userId: userIdOf(user), displayName, mail, reports };
      });
      return { status: 200, body: { managers, nextPage: sealPage(ports, binding, page.cursor) } };
    },
  }),
];
