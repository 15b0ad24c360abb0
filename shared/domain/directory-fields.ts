// Which Graph properties Muster asks for and keeps, how an entry changes what is stored, and how to tell cheaply that nothing changed.
import type { DirectoryField, DirectoryFields } from './user.ts';

/**
 * How each property arrives: `text` a string, `flag` a boolean, `texts` a list of strings, `licences` a list of objects with a `skuId`.
 * Every one may also be `null` or absent. Total by type: a field added to `DirectoryFields` does not compile until it is listed here.
 */
export const fieldShapes = {
  displayName: 'text',
  givenName: 'text',
  surname: 'text',
  mail: 'text',
  userPrincipalName: 'text',
  jobTitle: 'text',
  department: 'text',
  companyName: 'text',
  officeLocation: 'text',
  city: 'text',
  country: 'text',
  mobilePhone: 'text',
  businessPhones: 'texts',
  preferredLanguage: 'text',
  employeeId: 'text',
  employeeType: 'text',
  accountEnabled: 'flag',
  userType: 'text',
  creationType: 'text',
  externalUserState: 'text',
  onPremisesSyncEnabled: 'flag',
  showInAddressList: 'flag',
  createdDateTime: 'text',
  assignedLicenses: 'licences',
  proxyAddresses: 'texts',
} as const satisfies Record<DirectoryField, 'text' | 'flag' | 'texts' | 'licences'>;

/** Graph names for `$select`, in the order they are sent. All are kept in the directory, so a delta tracks them (docs/graph.md §1.2). */
export const selectedFields = Object.keys(fieldShapes) as readonly DirectoryField[];

/** Rises with every change of `selectedFields`; a stored cursor of another version needs a full round (docs/graph.md §10 item 17). */
export const fieldsVersion = 1;

/** What is stored after an entry arrived: absent keeps, `null` clears to `null`, a value sets. */
export function mergeFields(stored: DirectoryFields, entry: DirectoryFields): DirectoryFields {
  const merged: Partial<Record<DirectoryField, unknown>> = { ...stored };
  for (const [name, value] of Object.entries(entry)) if (value !== undefined) merged[name as DirectoryField] = value;
  return merged as DirectoryFields;
}

/** Characters of all texts together: what a user needs in storage, roughly. */
export function weightOf(fields: DirectoryFields): number {
  let weight = 0;
  for (const value of Object.values(fields)) {
    if (typeof value === 'string') weight += value.length;
    else if (Array.isArray(value)) for (const text of value) weight += text.length;
  }
  return weight;
}

/** More than any real user has, and what one Table Storage row (1 MiB) can surely hold. */
export const heaviestUser = 250_000;

/**
 * A 64-bit fingerprint (16 hex digits) of everything the directory says about a user, to skip writes when nothing changed.
 * Absent and `null` differ. Lists count as sets: Graph does not promise their order, and a shuffled list is no news.
 */
export function fieldsDigest(fields: DirectoryFields, managerId: string | null): string {
  return fingerprint(canonicalForm(fields, managerId));
}

/** The digest's input: stated fields only, in a fixed order, so that a field added later does not change old digests. */
export function canonicalForm(fields: DirectoryFields, managerId: string | null): string {
  const stated: [DirectoryField, unknown][] = [];
  for (const name of selectedFields) {
    const value = fields[name];
    if (value !== undefined) stated.push([name, isList(value) ? value.toSorted() : value]);
  }
  return JSON.stringify([managerId, stated]);
}

function isList(value: NonNullable<DirectoryFields[DirectoryField]> | null): value is readonly string[] {
  return Array.isArray(value);
}

/** Two multiplicative 32-bit lanes with a final mix. Not cryptographic: it detects change, it does not resist a forger. */
function fingerprint(text: string): string {
  let low = 0x811c9dc5;
  let high = 0xdeadbeef ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    high ^= high >>> 15;
  }
  const mixedLow = finish(low ^ Math.imul(high, 0x85ebca77));
  const mixedHigh = finish(high ^ Math.imul(low, 0xc2b2ae3d));
  return hex(mixedHigh) + hex(mixedLow);
}

function finish(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}
