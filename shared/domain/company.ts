// MSPs, their companies, and the settings of one company.

export interface Msp {
  readonly mspId: string;
  readonly name: string;
  readonly createdAt: string;
}

export interface Company {
  readonly companyId: string;
  readonly mspId: string;
  readonly name: string;
  /** A domain the MSP expects the tenant to have; a differing one is pointed out before joining. */
  readonly expectedDomain: string | null;
  readonly createdAt: string;
}

export const noticeFrequencies = ['hourly', 'daily'] as const;
export type NoticeFrequency = (typeof noticeFrequencies)[number];

/** How managers sign in to the User Portal: with mail address and password, or with their Microsoft account. */
export const managerSignIns = ['password', 'microsoft'] as const;
export type ManagerSignIn = (typeof managerSignIns)[number];

/** Languages of mails, as BCP 47 tags. */
export const languages = ['en', 'de', 'es'] as const;
export type Language = (typeof languages)[number];

export interface Settings {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly syncEveryMinutes: number;
  readonly syncPaused: boolean;
  /** A full round at least this often proves that nobody was missed. */
  readonly fullRoundEveryDays: number;
  /** The first round of a large tenant reads its list in parts, side by side; without, it follows the delta chain. */
  readonly loadInParts: boolean;
  readonly newUsersMail: NoticeFrequency;
  /** Removal hold: both the share and the count must be exceeded within the window (shared/domain/removal-hold.ts). */
  readonly removalHoldPercent: number;
  readonly removalHoldCount: number;
  /** From how many days before its due day on a course is due soon. */
  readonly dueSoonDays: number;
  /** How long the link in an invitation to the User Portal works. */
  readonly invitationDays: number;
  /** Managers see everybody below them and not their own reports alone. */
  readonly wholeTree: boolean;
  /** Managers Approval: whoever is approved and leads a team is invited to the User Portal by itself. */
  readonly managersApproval: boolean;
  readonly managerSignIn: ManagerSignIn;
  /** Managers need a second factor; who has none sets one up at the next sign-in. */
  readonly secondFactorRequired: boolean;
  /** Most reminders of courses that one member of a team gets a day, whoever asks for them. */
  readonly teamRemindersPerDay: number;
  readonly weeklyReminders: boolean;
  /** Monday is 1, Sunday is 7. */
  readonly weeklyReminderDay: number;
  /** 0 to 23, in the company's time zone. */
  readonly weeklyReminderHour: number;
  /** The weekly reminder has a link to this week's status of the team that needs no account. */
  readonly statusLinks: boolean;
  /** Of mails to managers and members of teams. */
  readonly language: Language;
  /** A picture above mails to managers and members of teams; absolute https. */
  readonly logoUrl: string | null;
}

export const defaultSettings: Settings = {
  timeZone: 'UTC',
  syncEveryMinutes: 60,
  syncPaused: false,
  fullRoundEveryDays: 7,
  loadInParts: true,
  newUsersMail: 'hourly',
  removalHoldPercent: 10,
  removalHoldCount: 5,
  dueSoonDays: 7,
  invitationDays: 14,
  wholeTree: false,
  managersApproval: false,
  managerSignIn: 'password',
  secondFactorRequired: false,
  teamRemindersPerDay: 1,
  weeklyReminders: false,
  weeklyReminderDay: 1,
  weeklyReminderHour: 8,
  statusLinks: false,
  language: 'en',
  logoUrl: null,
};

/** True for a time zone the platform knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
