// Managers on the stage: the mails they get, the links in them, and the User Portal as their browser sees it.
import type * as z from 'zod';
import type { UserView } from '../../sandbox/api.ts';
import type { ReceivedMail } from '../../sandbox/email/mailbox.ts';
import type * as team from '../../shared/contracts/own-team.ts';
import { type Answer, send } from '../api/send.ts';
import { minute, type Stage, type StageCompany } from './stage.ts';

export const goodPassword = 'stout heron ladder mosaic';

/** Somebody with direct reports in the directory. */
export interface Leader {
  readonly user: UserView;
  readonly mail: string;
  readonly team: readonly UserView[];
}

/** Everybody but the admin who looks like a person and leads others, those with most reports first. */
export async function leadersOf({ admin, adminMail, companyId }: StageCompany): Promise<readonly Leader[]> {
  const people = await admin.allUsers(companyId, { status: 'pending' });
  const leaders = people.flatMap((user): readonly Leader[] => {
    const reports = people.filter(({ managerId, userId }) => managerId === user.userId && userId !== user.userId);
    const isLeader = user.kind === 'person' && user.mail !== null && user.mail !== adminMail && reports.length > 0;
    return isLeader && user.mail !== null ? [{ user, mail: user.mail, team: reports }] : [];
  });
  return leaders.toSorted((left, right) => right.team.length - left.team.length);
}

/** The token behind `#` in the link of a mail. @throws Error when there is none */
export function tokenIn({ plainText }: ReceivedMail): string {
  const token = /#token=([^\s"<]+)/.exec(plainText)?.[1];
  if (token === undefined) throw new Error(`There is no link with a token:\n${plainText}`);
  return token;
}

/** The newest mail to somebody whose subject fits. @throws Error when there is none */
export function newestMail(stage: Stage, address: string, subject: RegExp): ReceivedMail {
  const found = stage.mailsTo(address).findLast((mail) => subject.test(mail.subject));
  if (!found) throw new Error(`No mail ${subject} came to ${address}.`);
  return found;
}

export interface PortalCall {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser in the User Portal: it keeps its session, and forgets it when told to. */
export function openPortal({ sandbox }: Stage, { companyId }: Pick<StageCompany, 'companyId'>) {
  let cookie: string | null = null;
  const call = async (method: string, path: string, { body, headers = {} }: PortalCall = {}): Promise<Answer> => {
    const sent = { ...headers, 'sec-fetch-site': 'same-origin', ...(cookie === null ? {} : { cookie }) };
    const answer = await send(sandbox, { method, path: `/api/v1/account${path}`, headers: sent, ...(body === undefined ? {} : { body }) });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      if (pair.startsWith('__Host-muster-manager=')) cookie = pair.endsWith('=') ? null : pair;
    }
    return answer;
  };
  return {
    call,
    accept: async (token: string, password = goodPassword) => await call('POST', '/invitation', { body: { token, password } }),
    signIn: async (mail: string, password = goodPassword, from = '198.51.100.7') =>
      await call('POST', '/sign-in', { body: { companyId, mail, password }, headers: { 'x-forwarded-for': from } }),
    team: async (query = '') => (await call('GET', `/team${query}`)).body as z.output<typeof team.team>,
    member: async (userId: string) => await call('GET', `/team/${userId}`),
    remind: async (userIds?: readonly string[]) =>
      (await call('POST', '/team-reminders', { body: userIds === undefined ? {} : { userIds } })).body as z.output<
        typeof team.reminderResult
      >,
  };
}

export type Portal = ReturnType<typeof openPortal>;

/** Approves a manager and the team, invites the manager, who accepts by the mail's link and signs in. */
export async function managerInPortal(stage: Stage, company: StageCompany, { user, mail, team: members }: Leader): Promise<Portal> {
  const { admin, companyId } = company;
  await admin.decideMany(companyId, 'approve', [user.userId, ...members.map(({ userId }) => userId)]);
  await admin.call(`/companies/${companyId}/managers/${user.userId}/invitation`, { method: 'POST', body: { mail } });
  await stage.pass(minute);
  const portal = openPortal(stage, company);
  await portal.accept(tokenIn(newestMail(stage, mail, /see how your team/)));
  await portal.signIn(mail);
  return portal;
}
