// When a company's admins are told about people who wait for them: once after the first round, later at most hourly or daily.
import type { NoticeFrequency } from './company.ts';
import type { SyncState } from './sync-round.ts';

export type Announcement = 'integrationConnected' | 'newUsersFound';

type Announced = Pick<SyncState, 'unannounced' | 'announcedAt' | 'connectionAnnounced'>;

const intervalMs: Readonly<Record<NoticeFrequency, number>> = { hourly: 3_600_000, daily: 86_400_000 };

/** When the next mail about new people may go, at the earliest. */
export function nextAnnouncementAt(state: Announced, frequency: NoticeFrequency): Date | null {
  if (state.unannounced === 0) return null;
  return state.announcedAt === null ? new Date(0) : new Date(Date.parse(state.announcedAt) + intervalMs[frequency]);
}

/** What to tell now, and the state afterwards. People found while it is too early are remembered and told of later. */
export function announce(
  state: Announced,
  { newPeople, frequency, now }: { readonly newPeople: number; readonly frequency: NoticeFrequency; readonly now: Date },
): { readonly mail: Announcement | null; readonly newCount: number; readonly state: Announced } {
  const at = now.toISOString();
  if (!state.connectionAnnounced) {
    return { mail: 'integrationConnected', newCount: newPeople, state: { unannounced: 0, announcedAt: at, connectionAnnounced: true } };
  }
  const { announcedAt, connectionAnnounced } = state;
  const waiting: Announced = { unannounced: state.unannounced + newPeople, announcedAt, connectionAnnounced };
  const due = nextAnnouncementAt(waiting, frequency);
  if (due === null || due > now) return { mail: null, newCount: 0, state: waiting };
  return { mail: 'newUsersFound', newCount: waiting.unannounced, state: { ...waiting, unannounced: 0, announcedAt: at } };
}
