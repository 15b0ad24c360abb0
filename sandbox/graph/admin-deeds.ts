// The deeds of the admin page: what each needs, and how its text fields become a deed.
import type { Json } from '../world/directory-object.ts';
import { DeedRefused, type Deeds } from '../world/deeds.ts';
import { userProperties } from '../world/user-properties.ts';

/** Every deed with its form fields; those in brackets may stay empty. */
export const deedForms = {
  hire: ['displayName', 'alias', '[managerId]'],
  leave: ['id'],
  purge: ['id'],
  restore: ['id'],
  rename: ['id', '[displayName]', '[userPrincipalName]', '[mail]'],
  change: ['id', 'property', '[value]'],
  changeManager: ['id', '[managerId]'],
  enable: ['id'],
  disable: ['id'],
  rehire: ['id'],
} as const;

type DeedName = keyof typeof deedForms;

export function isDeedName(name: string): name is DeedName {
  return Object.hasOwn(deedForms, name);
}

/** Does a deed; the result names the user it created, if any. @throws DeedRefused when a field is missing or the deed is not possible. */
export function doDeed(name: DeedName, deeds: Deeds, input: Readonly<Record<string, string>>): { readonly id?: string } {
  const optional = (field: string) => (input[field] === undefined || input[field] === '' ? undefined : input[field]);
  const needed = (field: string): string => {
    const value = optional(field);
    if (value === undefined) throw new DeedRefused(`"${field}" is missing.`);
    return value;
  };
  const nothing = (deed: (id: string) => void) => () => {
    deed(needed('id'));
    return {};
  };
  const doings: Readonly<Record<DeedName, () => { readonly id?: string }>> = {
    hire: () => ({
      id: deeds.hire({ displayName: needed('displayName'), alias: needed('alias'), managerId: optional('managerId') ?? null }),
    }),
    leave: nothing(deeds.leave),
    purge: nothing(deeds.purge),
    restore: nothing(deeds.restore),
    rename: nothing((id) => {
      const names = ['displayName', 'userPrincipalName', 'mail'].flatMap((field) => {
        const value = optional(field);
        return value === undefined ? [] : [[field, value] as const];
      });
      deeds.rename(id, Object.fromEntries(names));
    }),
    change: nothing((id) => deeds.change(id, { [needed('property')]: typedValue(needed('property'), input['value'] ?? '') })),
    changeManager: nothing((id) => deeds.changeManager(id, optional('managerId') ?? null)),
    enable: nothing(deeds.enable),
    disable: nothing(deeds.disable),
    rehire: () => ({ id: deeds.rehire(needed('id')) }),
  };
  return doings[name]();
}

/** A text as the value of a property: nothing clears it, strings are taken as they are, anything else is JSON. */
function typedValue(name: string, text: string): Json {
  const property = userProperties.get(name);
  if (property?.kind !== 'property') throw new DeedRefused(`A user has no property "${name}".`);
  if (text === '' || text === 'null') return property.collection ? [] : null;
  if (property.type === 'Edm.String' || property.type === 'Edm.DateTimeOffset') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new DeedRefused(`The value of "${name}" (${property.type}) must be JSON.`);
  }
}
