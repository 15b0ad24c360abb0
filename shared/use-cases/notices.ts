// Mails to a company's admins about its integration and the people who wait for them.
import type { Announcement } from '../domain/announcement.ts';
import type { Grant } from '../domain/access.ts';
import { summarise } from '../domain/counts.ts';
import type { IntegrationProblem } from '../domain/integration.ts';
import type { MailContent } from '../domain/mail-content.ts';
import type { MailLane, OutgoingMail } from '../domain/message.ts';
import type { Ports } from '../ports/ports.ts';
import { invertedInstant } from '../domain/packed-position.ts';
import { readCompany, readGrants, readIntegration } from '../storage/companies.ts';
import type { Effect } from '../storage/outbox.ts';
import type { Users } from '../storage/users.ts';

/** Where people go from a mail. */
export const portalUrls = (publicUrl: string, companyId: string) => ({
  company: `${publicUrl}/companies/${companyId}`,
  pending: `${publicUrl}/companies/${companyId}/pending`,
});

const withMail = (grants: readonly Grant[], role: Grant['role']) =>
  grants.flatMap(({ role: held, mail, name }) => (held === role && mail !== null ? [{ address: mail, name }] : []));

/** The company's own admins; its MSP's when it has none with an address. */
async function adminsOf({ tables }: Pick<Ports, 'tables'>, companyId: string, mspId: string): Promise<OutgoingMail['to']> {
  const own = withMail(await readGrants(tables, { kind: 'company', id: companyId }), 'companyAdmin');
  return own.length > 0 ? own : withMail(await readGrants(tables, { kind: 'msp', id: mspId }), 'mspAdmin');
}

/**
 * One mail a person, so that nobody sees who else gets it.
 * @param readerId as in `OutgoingMail`
 */
export function mailsTo(
  ports: Pick<Ports, 'ids' | 'clock'>,
  companyId: string,
  to: OutgoingMail['to'],
  content: MailContent,
  lane: MailLane = 'notice',
  readerId?: string,
): readonly Effect[] {
  const createdAt = ports.clock.now().toISOString();
  return to.map((recipient) => ({
    kind: 'mail',
    mail: {
      mailId: `${invertedInstant(createdAt)}-${ports.ids.newId()}`,
      operationId: ports.ids.newUuid(),
      companyId,
      lane,
      to: [recipient],
      content,
      createdAt,
      ...(readerId === undefined ? {} : { readerId }),
    },
  }));
}

export interface WaitingPeople {
  readonly companyId: string;
  readonly users: Users;
  readonly announcement: Announcement;
  readonly newCount: number;
}

/** The mails of an announcement, as effects to store with the state that causes them. */
export async function announcementMails(
  ports: Pick<Ports, 'tables' | 'ids' | 'clock' | 'operation'>,
  waiting: WaitingPeople,
): Promise<readonly Effect[]> {
  const { companyId, users, announcement, newCount } = waiting;
  const [company, integration, totals] = await Promise.all([
    readCompany(ports.tables, companyId),
    readIntegration(ports.tables, companyId),
    users.totals(),
  ]);
  if (!company) return [];
  const { pending, pendingByKind } = summarise(totals);
  if (announcement === 'newUsersFound' && pending === 0) return [];
  const urls = portalUrls(ports.operation.publicUrl, companyId);
  const content: MailContent =
    announcement === 'integrationConnected'
      ? {
          kind: announcement,
          companyName: company.name,
          tenantName: integration.tenantName ?? 'your Microsoft 365 tenant',
          pendingCount: pending,
          people: pendingByKind.person,
          listUrl: urls.pending,
          portalUrl: urls.company,
        }
      : {
          kind: announcement,
          companyName: company.name,
          newCount: Math.min(newCount, pending),
          pendingCount: pending,
          listUrl: urls.pending,
        };
  return mailsTo(ports, companyId, await adminsOf(ports, companyId, company.mspId), content);
}

/** Mails to the operator belong to no company. */
const operatorPartition = 'operator';

/**
 * Our own fault hits every company at once, and the operator is to be told once, not once a company: the mail's id is made of the fault
 * and the day, so that all companies speak of the same mail.
 */
function operatorMail(ports: Pick<Ports, 'ids' | 'clock'>, address: string, problem: IntegrationProblem, content: MailContent): Effect {
  const createdAt = ports.clock.now().toISOString();
  const fault = (problem.code ?? 'unknown').replaceAll(/[^A-Za-z0-9]/g, '');
  return {
    kind: 'mail',
    mail: {
      mailId: `access-lost-${fault}-${createdAt.slice(0, 10)}`,
      operationId: ports.ids.newUuid(),
      companyId: operatorPartition,
      lane: 'notice',
      to: [{ address, name: 'Operator' }],
      content,
      createdAt,
    },
  };
}

/** One mail to whoever has to act: the company's admins, or the operator when the fault is ours. */
export async function accessLostMails(
  ports: Pick<Ports, 'tables' | 'ids' | 'clock' | 'operation'>,
  companyId: string,
  problem: IntegrationProblem,
): Promise<readonly Effect[]> {
  const company = await readCompany(ports.tables, companyId);
  if (!company) return [];
  const content: MailContent = {
    kind: 'accessLost',
    companyName: company.name,
    owner: problem.owner,
    reasonSentence: problem.sentence,
    nextStep: problem.nextStep,
    settingsUrl: portalUrls(ports.operation.publicUrl, companyId).company,
  };
  if (problem.owner !== 'ours') return mailsTo(ports, companyId, await adminsOf(ports, companyId, company.mspId), content);
  const address = ports.operation.operatorMail;
  return address === null ? [] : [operatorMail(ports, address, problem, content)];
}
