// Who is a manager: approved, present, with at least one present report other than himself; the team is exactly the directory's.
import { mayLead, reportsTo } from '../domain/manager-account.ts';
import type { IndexEntry } from '../domain/packed-line.ts';
import { positionOf } from '../domain/packed-position.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { readUsers } from '../storage/shard-writer.ts';
import { type CompanyUsers, openUsers } from './company-users.ts';

export interface Manager {
  readonly user: User;
  /** Present reports other than himself, whatever was decided about them. */
  readonly reports: number;
}

export interface ManagerPage {
  readonly managers: readonly Manager[];
  /** Where to go on; `null` at the end. A page may be shorter than asked for and still have a next one. */
  readonly cursor: string | null;
}

export interface ManagerQuery {
  readonly limit: number;
  readonly cursor: string | null;
}

/** The lines of one manager on the list of teams; never empty. */
interface Team {
  readonly managerId: string;
  readonly lines: readonly IndexEntry[];
}

const linesPerRead = 4_000;
/** Lines per page before an unfinished page is handed out with a cursor: with few approved managers most of a list is passed over. */
const mostLines = 10_000;

function teamsOf(lines: readonly IndexEntry[]): readonly Team[] {
  const teams: { readonly managerId: string; readonly lines: IndexEntry[] }[] = [];
  for (const line of lines) {
    const last = teams.at(-1);
    if (last?.managerId === line.key) last.lines.push(line);
    else teams.push({ managerId: line.key, lines: [line] });
  }
  return teams;
}

const startOf = (team: Team | undefined) => {
  const [first] = team?.lines ?? [];
  return first === undefined ? null : positionOf(first);
};

interface LedTeam {
  readonly team: Team;
  readonly manager: User;
}

/** The teams whose manager is approved and present. Looked at before any report is, since at first hardly anybody is approved. */
async function ledTeams({ users, scope }: CompanyUsers, teams: readonly Team[]): Promise<readonly LedTeam[]> {
  const present = await readUsers(
    users,
    scope,
    teams.map((team) => team.managerId),
  );
  return teams.flatMap((team) => {
    const manager = present.get(team.managerId)?.user;
    return manager !== undefined && mayLead(manager) ? [{ team, manager }] : [];
  });
}

/** Lines are hints: the reports' own rows say whose team they are in. */
async function countReports({ users, scope }: CompanyUsers, teams: readonly LedTeam[]): Promise<readonly Manager[]> {
  const present = await readUsers(
    users,
    scope,
    teams.flatMap(({ team }) => team.lines.map((line) => line.id)),
  );
  return teams.flatMap(({ team, manager }) => {
    const reports = team.lines.filter(({ id, key }) => {
      const report = present.get(id)?.user;
      return report?.presence === 'present' && reportsTo(report, key);
    }).length;
    return reports > 0 ? [{ user: manager, reports }] : [];
  });
}

/** A page of managers in the order of their ids. A page ends between two teams, so that no team is counted in halves. */
export async function listManagers(
  ports: Pick<Ports, 'tables' | 'index'>,
  companyId: string,
  { limit, cursor }: ManagerQuery,
): Promise<ManagerPage> {
  const opened = await openUsers(ports, companyId);
  if (!opened) return { managers: [], cursor: null };
  const index = ports.index(opened.scope, 'team');
  const managers: Manager[] = [];
  let position = cursor;
  let unfinished: readonly IndexEntry[] = [];
  for (let linesRead = 0; ; ) {
    const page = await index.read({ limit: linesPerRead, ...(position === null ? {} : { cursor: position }) });
    const teams = teamsOf([...unfinished, ...page.entries]);
    // The last team may go on on the next page.
    const open = page.next === null ? undefined : teams.at(-1);
    const led = [...(await ledTeams(opened, open ? teams.slice(0, -1) : teams))];
    while (led.length > 0) {
      managers.push(...(await countReports(opened, led.splice(0, limit - managers.length))));
      if (managers.length === limit) return { managers, cursor: startOf(led[0]?.team ?? open) ?? page.next };
    }
    linesRead += page.entries.length;
    if (page.next === null) return { managers, cursor: null };
    // A team so large that it fills the page alone is read on: the page could not go on behind it.
    if (linesRead >= mostLines && teams.length > 1) return { managers, cursor: startOf(open) ?? page.next };
    position = page.next;
    unfinished = open?.lines ?? [];
  }
}
