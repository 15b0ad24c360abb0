// MSPs, companies, their admins, settings and integration, as the API speaks of them.
import * as z from 'zod';
import { isTimeZone, languages, managerSignIns, noticeFrequencies } from '../domain/company.ts';
import { integrationStates } from '../domain/integration.ts';
import { guid, id, instant, line } from './common.ts';

const mail = z.email({ error: 'Must be a mail address.' }).max(254);
const domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'Must be a domain such as contoso.com.')
  .max(253);
export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'Must be an IANA time zone such as Europe/Berlin.')
  .meta({ description: 'An IANA time zone.', examples: ['Europe/Berlin', 'UTC'] });

const person = { tenantId: guid, objectId: guid, name: line(120), mail: mail.nullable().default(null) };

export const newMspAdmin = z.strictObject({ ...person }).meta({ id: 'NewMspAdmin' });
export const newCompanyAdmin = z
  .strictObject({ ...person, role: z.enum(['companyAdmin', 'companyReader']).default('companyAdmin') })
  .meta({ id: 'NewCompanyAdmin' });

export const admin = z
  .object({
    adminId: z.string(),
    tenantId: guid,
    objectId: guid,
    name: z.string(),
    mail: z.string().nullable(),
    role: z.enum(['mspAdmin', 'companyAdmin', 'companyReader']),
    addedAt: instant,
    addedBy: z.string(),
  })
  .meta({ id: 'Admin' });

export const newMsp = z.strictObject({ name: line(120), admins: z.array(newMspAdmin).min(1).max(20) }).meta({ id: 'NewMsp' });
export const msp = z.object({ mspId: id, name: z.string(), createdAt: instant }).meta({ id: 'Msp' });

export const newCompany = z
  .strictObject({
    name: line(120),
    expectedDomain: domain.nullable().default(null),
    timeZone: timeZone.default('UTC'),
    admins: z.array(newCompanyAdmin).max(20).default([]),
  })
  .meta({ id: 'NewCompany' });
export const company = z
  .object({ companyId: id, mspId: id, name: z.string(), expectedDomain: z.string().nullable(), createdAt: instant })
  .meta({ id: 'Company' });

const logoUrl = z.url({ protocol: /^https$/, error: 'Must be an absolute https address.' }).max(500);

export const settings = z
  .object({
    timeZone: z.string(),
    syncEveryMinutes: z.int(),
    syncPaused: z.boolean(),
    fullRoundEveryDays: z.int(),
    loadInParts: z.boolean().meta({ description: 'The first round of a large tenant reads its list in parts, side by side.' }),
    newUsersMail: z.enum(noticeFrequencies),
    removalHoldPercent: z.number(),
    removalHoldCount: z.int(),
    dueSoonDays: z.int().meta({ description: 'From how many days before its due day on a course is due soon.' }),
    invitationDays: z.int().meta({ description: 'How long the link in an invitation to the User Portal works.' }),
    wholeTree: z.boolean().meta({ description: 'Managers see everybody below them and not their own reports alone.' }),
    managersApproval: z.boolean().meta({ description: 'Whoever is approved and leads a team is invited to the User Portal by itself.' }),
    managerSignIn: z.enum(managerSignIns),
    secondFactorRequired: z.boolean().meta({ description: 'Managers who sign in with a password need a second factor.' }),
    teamRemindersPerDay: z.int().meta({ description: 'Most reminders of courses one member of a team gets a day; 0 allows none.' }),
    weeklyReminders: z.boolean().meta({ description: 'Managers get a weekly reminder, unless switched off for one of them.' }),
    weeklyReminderDay: z.int().meta({ description: 'Monday is 1, Sunday is 7.' }),
    weeklyReminderHour: z.int().meta({ description: 'In the company’s time zone.' }),
    statusLinks: z.boolean().meta({ description: 'The weekly reminder links to a status of the team that needs no account.' }),
    language: z.enum(languages).meta({ description: 'Of mails to managers and members of teams.' }),
    logoUrl: z.string().nullable(),
  })
  .meta({ id: 'Settings' });

export const settingsChange = z
  .strictObject({
    timeZone: timeZone.optional(),
    syncEveryMinutes: z.int().min(5).max(10_080).optional(),
    syncPaused: z.boolean().optional(),
    fullRoundEveryDays: z.int().min(1).max(30).optional(),
    loadInParts: z.boolean().optional(),
    newUsersMail: z.enum(noticeFrequencies).optional(),
    removalHoldPercent: z.number().min(0).max(100).optional(),
    removalHoldCount: z.int().min(0).max(100_000).optional(),
    dueSoonDays: z.int().min(0).max(60).optional(),
    invitationDays: z.int().min(1).max(90).optional(),
    wholeTree: z.boolean().optional(),
    managersApproval: z.boolean().optional(),
    managerSignIn: z.enum(managerSignIns).optional(),
    secondFactorRequired: z.boolean().optional(),
    teamRemindersPerDay: z.int().min(0).max(10).optional(),
    weeklyReminders: z.boolean().optional(),
    weeklyReminderDay: z.int().min(1).max(7).optional(),
    weeklyReminderHour: z.int().min(0).max(23).optional(),
    statusLinks: z.boolean().optional(),
    language: z.enum(languages).optional(),
    logoUrl: logoUrl.nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'Name at least one setting.')
  .meta({ id: 'SettingsChange' });

export const integration = z
  .object({
    state: z.enum(integrationStates),
    tenantId: z.string().nullable(),
    tenantName: z.string().nullable(),
    linkedAt: instant.nullable(),
    linkedBy: z.string().nullable(),
    checkedAt: instant.nullable(),
    problem: z
      .object({ owner: z.enum(['ours', 'theirs', 'gone']), code: z.string().nullable(), sentence: z.string(), nextStep: z.string() })
      .nullable(),
  })
  .meta({ id: 'Integration' });

export const consentStart = z
  .object({
    consentUrl: z.url().meta({ description: 'Open it in the browser that received the cookie of this answer.' }),
    expiresAt: instant,
  })
  .meta({ id: 'ConsentStart' });

export const me = z
  .object({
    kind: z.enum(['person', 'program']),
    tenantId: guid,
    objectId: guid,
    name: z.string(),
    isOperator: z.boolean(),
    msps: z.array(msp),
    companies: z.array(company),
  })
  .meta({ id: 'Me' });
