// The settings form: which settings differ from what was read, as the API takes them.
import type { Settings, SettingsChange } from './api.ts';

/** The values of the form's fields by name, as a browser sends them: an unticked box is not there. */
export type FormValues = Readonly<Partial<Record<keyof Settings, string>>>;

function typed({
  timeZone = '',
  syncEveryMinutes,
  syncPaused,
  fullRoundEveryDays,
  loadInParts,
  newUsersMail,
  removalHoldPercent,
  removalHoldCount,
  dueSoonDays,
  invitationDays,
  wholeTree,
}: FormValues): Partial<Settings> {
  return {
    timeZone: timeZone.trim(),
    syncEveryMinutes: Number(syncEveryMinutes),
    syncPaused: syncPaused !== undefined,
    fullRoundEveryDays: Number(fullRoundEveryDays),
    loadInParts: loadInParts !== undefined,
    newUsersMail: newUsersMail === 'daily' ? 'daily' : 'hourly',
    removalHoldPercent: Number(removalHoldPercent),
    removalHoldCount: Number(removalHoldCount),
    dueSoonDays: Number(dueSoonDays),
    invitationDays: Number(invitationDays),
    wholeTree: wholeTree !== undefined,
  };
}

/** Only what was changed; `null` when nothing was. */
export function settingsChangeOf(before: Settings, values: FormValues): SettingsChange | null {
  const after = typed(values);
  const names = Object.keys(after) as (keyof Settings)[];
  const changed = names.filter((name) => after[name] !== before[name]);
  return changed.length === 0 ? null : Object.fromEntries(changed.map((name) => [name, after[name]]));
}
