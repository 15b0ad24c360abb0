// Choosing a time zone by typing; the browser knows the names.
import { Field } from './parts.tsx';

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

export function TimeZoneInput({ value }: { readonly value: string }) {
  return (
    <Field label="Time zone" hint="Mail goes out and days end in the company’s time zone.">
      {(ids) => (
        <>
          <input {...ids} name="timeZone" list="time-zones" required maxLength={64} defaultValue={value} autocomplete="off" />
          <datalist id="time-zones">
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
