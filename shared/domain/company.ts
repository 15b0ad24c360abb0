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
};

/** True for a time zone the platform knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
