// Users, decisions, counts, audience and billing, as the API speaks of them.
import * as z from 'zod';
import { auditActions } from '../domain/audit.ts';
import { decisionCommands } from '../domain/decision.ts';
import { listOrders, userStatuses } from '../domain/user-lists.ts';
import { accountKinds, decisions, presences } from '../domain/user.ts';
import { count, id, instant, line, pageToken, searchText, userId } from './common.ts';

export const user = z
  .object({
    userId,
    objectId: z.string(),
    displayName: z.string().meta({ description: 'Never empty: falls back to the mail address, the user name, or "(no name)".' }),
    mail: z.string().nullable(),
    userPrincipalName: z.string().nullable(),
    givenName: z.string().nullable(),
    surname: z.string().nullable(),
    jobTitle: z.string().nullable(),
    department: z.string().nullable(),
    officeLocation: z.string().nullable(),
    mobilePhone: z.string().nullable(),
    preferredLanguage: z.string().nullable(),
    accountEnabled: z.boolean().nullable(),
    managerId: z.string().nullable(),
    decision: z.enum(decisions),
    presence: z.enum(presences),
    kind: z.enum(accountKinds),
    kindReasons: z.array(z.string()),
    suggestion: z.enum(['approve', 'deny', 'look']),
    decidedAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    decisionReason: z.string().nullable(),
    arrivedAt: instant,
    removedAt: instant.nullable(),
    recreatedFrom: userId
      .nullable()
      .meta({ description: 'An earlier user of this company that had the same mail: this one is a new object.' }),
    etag: z.string().meta({ description: 'Send it as If-Match when deciding.' }),
  })
  .meta({ id: 'User' });

export const userQuery = z.strictObject({
  status: z.enum(userStatuses).default('pending'),
  sort: z.enum(listOrders).default('name'),
  kind: z.enum(accountKinds).optional(),
  department: searchText(200).optional(),
  manager: userId.optional(),
  search: searchText(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  page: pageToken.optional(),
});

/** The whole list: the same filters, without pages. */
export const exportQuery = userQuery.omit({ limit: true, page: true });

export const userPage = z
  .object({
    users: z.array(user),
    nextPage: z.string().nullable().meta({ description: 'A page may be shorter than asked for and still have a next one.' }),
  })
  .meta({ id: 'UserPage' });

const reason = line(500).nullable().default(null);
export const decision = z.strictObject({ command: z.enum(decisionCommands), reason }).meta({ id: 'Decision' });
export const bulkDecision = z
  .strictObject({ command: z.enum(decisionCommands), userIds: z.array(userId).min(1).max(1000), reason })
  .meta({ id: 'BulkDecision' });
export const bulkResult = z
  .object({
    decided: count,
    unchanged: count,
    refused: count,
    notFound: count,
    items: z.array(
      z.object({ userId: z.string(), outcome: z.enum(['decided', 'unchanged', 'refused', 'notFound']), detail: z.string().nullable() }),
    ),
  })
  .meta({ id: 'BulkResult' });

const byKind = z.record(z.enum(accountKinds), count);
export const counts = z
  .object({
    pending: count,
    approved: count,
    denied: count,
    removed: count,
    active: count,
    held: count,
    found: count,
    byKind,
    pendingByKind: byKind,
  })
  .meta({ id: 'Counts' });

export const history = z
  .object({
    lines: z.array(
      z.object({
        at: instant,
        what: z.string(),
        by: z.string(),
        why: z.string().nullable(),
        jobId: id.nullable().meta({ description: 'The decision job that decided, if one did.' }),
      }),
    ),
  })
  .meta({ id: 'UserHistory' });

export const audienceMember = z
  .object({
    userId,
    objectId: z.string(),
    displayName: z.string(),
    givenName: z.string().nullable(),
    surname: z.string().nullable(),
    mail: z.string().nullable(),
    department: z.string().nullable(),
    jobTitle: z.string().nullable(),
    preferredLanguage: z.string().nullable(),
    managerId: z.string().nullable(),
  })
  .meta({ id: 'AudienceMember' });
export const audiencePage = z.object({ members: z.array(audienceMember), nextPage: z.string().nullable() }).meta({ id: 'AudiencePage' });
export const pageQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50), page: pageToken.optional() });

export const managersPage = z
  .object({
    managers: z.array(z.object({ userId, displayName: z.string(), mail: z.string().nullable(), reports: count })),
    nextPage: z.string().nullable(),
  })
  .meta({ id: 'ManagersPage' });

const day = z.iso.date();
export const billingQuery = z.strictObject({ from: day.optional(), to: day.optional() });
export const billing = z
  .object({ activeUsers: count, days: z.array(z.object({ day, activeUsers: count, takenAt: instant, late: z.boolean() })) })
  .meta({ id: 'Billing' });

export const auditPage = z
  .object({
    entries: z.array(
      z.object({
        auditId: z.string(),
        at: instant,
        by: z.string(),
        action: z.enum(auditActions),
        summary: z.string(),
        reason: z.string().nullable(),
        userIds: z.array(z.string()),
        jobId: id.nullable().meta({ description: 'A decision job; its users are its exact set.' }),
      }),
    ),
    nextPage: z.string().nullable(),
  })
  .meta({ id: 'AuditPage' });
