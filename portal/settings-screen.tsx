// The settings of a company: schedule, pause, time zone, mail, removal hold; and who administers it.
import type { TargetedSubmitEvent } from 'preact';
import { AdminsCard } from './admins-card.tsx';
import type { Settings } from './api.ts';
import { api } from './browser.ts';
import { useCompany } from './company-context.ts';
import { everyMinutes } from './format.ts';
import { useNotices } from './notices.tsx';
import { Card, Field, Reading, valuesOf } from './parts.tsx';
import { problemOf } from './request.ts';
import { useAction, useResource } from './resource.ts';
import { settingsChangeOf } from './settings-change.ts';
import { TimeZoneInput } from './time-zone-input.tsx';
import { mailFrequencyWords } from './words.ts';

const schedules = [5, 15, 30, 60, 120, 240, 720, 1440] as const;

function Schedule({ minutes }: { readonly minutes: number }) {
  const choices = [...new Set([...schedules, minutes])].toSorted((one, other) => one - other);
  return (
    <Field label="Schedule" hint="Each round brings in what changed since the last one.">
      {(ids) => (
        <select {...ids} name="syncEveryMinutes">
          {choices.map((choice) => (
            <option key={choice} value={choice} selected={choice === minutes}>
              {everyMinutes(choice)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function NumberField(props: {
  readonly label: string;
  readonly hint: string;
  readonly name: keyof Settings;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: 'any';
}) {
  return (
    <Field label={props.label} hint={props.hint}>
      {(ids) => (
        <input
          {...ids}
          name={props.name}
          type="number"
          inputMode="decimal"
          required
          min={props.min}
          max={props.max}
          step={props.step ?? 1}
          defaultValue={props.value}
        />
      )}
    </Field>
  );
}

function SettingsFields({ settings }: { readonly settings: Settings }) {
  return (
    <div class="fields">
      <Schedule minutes={settings.syncEveryMinutes} />
      <TimeZoneInput value={settings.timeZone} />
      <Field label="Mail about new people" hint="Sent only when somebody new is pending for approval.">
        {(ids) => (
          <select {...ids} name="newUsersMail">
            {Object.entries(mailFrequencyWords).map(([value, text]) => (
              <option key={value} value={value} selected={value === settings.newUsersMail}>
                {text}
              </option>
            ))}
          </select>
        )}
      </Field>
      <NumberField
        label="Full round at least every … days"
        hint="A full round reads everybody and proves that nobody was missed."
        name="fullRoundEveryDays"
        value={settings.fullRoundEveryDays}
        min={1}
        max={30}
      />
      <NumberField
        label="Removal hold: percent"
        hint="Removals wait for an admin when more than this share …"
        name="removalHoldPercent"
        value={settings.removalHoldPercent}
        min={0}
        max={100}
        step="any"
      />
      <NumberField
        label="Removal hold: people"
        hint="… and more than this number would vanish at once."
        name="removalHoldCount"
        value={settings.removalHoldCount}
        min={0}
        max={100_000}
      />
      <NumberField
        label="Courses are due soon within … days"
        hint="From so many days before its due day on, a course counts as due soon."
        name="dueSoonDays"
        value={settings.dueSoonDays}
        min={0}
        max={60}
      />
      <NumberField
        label="Invitations of managers work for … days"
        hint="Then the link is dead, and a new invitation can be sent."
        name="invitationDays"
        value={settings.invitationDays}
        min={1}
        max={90}
      />
      <label class="check">
        <input type="checkbox" name="wholeTree" value="on" defaultChecked={settings.wholeTree} /> Managers see everybody below them, not
        only their own reports
      </label>
      <label class="check">
        <input type="checkbox" name="loadInParts" value="on" defaultChecked={settings.loadInParts} /> Read a large tenant in parts the first
        time, which is several times faster
      </label>
      <label class="check">
        <input type="checkbox" name="syncPaused" value="on" defaultChecked={settings.syncPaused} /> Pause the schedule; Sync Now still works
      </label>
    </div>
  );
}

function SettingsCard() {
  const { company, reloadProgress } = useCompany();
  const { companyId } = company;
  const notices = useNotices();
  const held = useResource(companyId, async () => await api.settings(companyId));
  const { busy, run } = useAction();
  if (held.value === null) {
    return (
      <Card title="Settings">
        <Reading failed={held.failed} onRetry={() => void held.reload()} />
      </Card>
    );
  }
  const { settings, etag } = held.value;
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const change = settingsChangeOf(settings, valuesOf(event.currentTarget));
    if (change === null) {
      notices.tell('Nothing was changed.');
      return;
    }
    run(async () => {
      try {
        await api.changeSettings(companyId, change, etag);
        notices.clear();
        notices.tell('Settings saved.');
        void reloadProgress();
      } catch (error) {
        notices.fail(error);
        if (problemOf(error).code !== 'conflict') return;
      }
      await held.reload();
    });
  };
  return (
    <Card title="Settings">
      {/* Fresh settings fill a fresh form. */}
      <form key={etag} onSubmit={submit}>
        <SettingsFields settings={settings} />
        <div class="actions">
          <button class="main" disabled={busy}>
            Save settings
          </button>
        </div>
      </form>
    </Card>
  );
}

export function SettingsScreen() {
  return (
    <div class="stack">
      <SettingsCard />
      <AdminsCard />
    </div>
  );
}
