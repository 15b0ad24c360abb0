// Which properties of `user` exist, which of them lists and delta can return, and how a user is written with a chosen few of them.
import type { Json, UserFields } from '../world/directory-object.ts';
import { userProperties } from '../world/user-properties.ts';
import { badRequest, GraphError } from './answer.ts';

/** Returned when nothing is selected (docs/graph.md §1.2; the documented sample of `GET /users/delta`). */
const defaultProperties: readonly string[] = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

/** Kept outside the directory: only readable for one user at a time, 501 in lists and delta (docs/graph.md §1.2). */
const outsideDirectory = new Set([
  'aboutMe',
  'birthday',
  'deviceEnrollmentLimit',
  'hireDate',
  'interests',
  'mailboxSettings',
  'mySite',
  'pastProjects',
  'preferredName',
  'responsibilities',
  'schools',
  'skills',
]);

/** Selectable, but a change of it makes no delta entry (docs/graph.md §1.2). */
export const untrackedProperties: ReadonlySet<string> = new Set(['licenseAssignmentStates']);

const officialNames = new Map([...userProperties.keys()].map((name) => [name.toLowerCase(), name]));
export const directoryProperties: readonly string[] = [...userProperties.entries()]
  .filter(([name, property]) => property.kind === 'property' && !outsideDirectory.has(name))
  .map(([name]) => name);

/**
 * Reads `$select`: official names in the order given, without repeats; null when there is none.
 * @throws GraphError 400 for a name that `user` does not have, 501 for one that is not in the directory.
 */
export function parseSelect(text: string | undefined, allowOutside = false): readonly string[] | null {
  if (text === undefined || text.trim() === '') return null;
  const names = new Set<string>();
  for (const part of text.split(',').map((name) => name.trim())) {
    const name = part === '*' ? '*' : officialNames.get(part.toLowerCase());
    if (name === undefined) throw badRequest(`Could not find a property named '${part}' on type 'microsoft.graph.user'.`);
    if (outsideDirectory.has(name) && !allowOutside) {
      throw new GraphError(501, 'NotImplemented', `The property '${name}' can only be read for a single user.`);
    }
    names.add(name);
  }
  return [...names];
}

/** The properties a selection returns, `id` always among them; navigation properties such as `manager` are left out. */
export function returnedProperties(select: readonly string[] | null): readonly string[] {
  if (select === null) return defaultProperties;
  const names = select.filter((name) => userProperties.get(name)?.kind === 'property');
  return select.includes('*') ? [...new Set([...directoryProperties, ...names])] : [...new Set([...names, 'id'])];
}

/** Writes the properties a user ever had set, without the closing brace: what delta shows (§9 item 15). */
export function writeKnown(fields: UserFields, names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    const value = fields[name];
    if (value !== undefined) text += `${text === '' ? '{' : ','}"${name}":${writeValue(value)}`;
  }
  return text === '' ? '{' : text;
}

/** Writes all properties asked for, without the closing brace: lists and single reads show what was never set as null or `[]`. */
export function writeComplete(fields: UserFields, names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    const value = fields[name] ?? emptyValue(name);
    text += `${text === '' ? '{' : ','}"${name}":${writeValue(value)}`;
  }
  return text;
}

/** How Graph shows a property that has no value. */
function emptyValue(name: string): Json {
  const property = userProperties.get(name);
  if (property === undefined || property.collection) return [];
  if (property.nullable) return null;
  return property.type === 'Edm.DateTimeOffset' ? '0001-01-01T00:00:00Z' : 0;
}

const needsEscape = /["\\\p{Cc}\p{Cs}]/u;

/** JSON of a value; most are plain strings, for which this is several times faster than `JSON.stringify`. */
function writeValue(value: Json): string {
  return typeof value === 'string' && !needsEscape.test(value) ? `"${value}"` : JSON.stringify(value);
}
