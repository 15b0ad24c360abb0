// Loads a real tenant's users, as Graph's `GET /users` or `/users/delta` returned them, so that the sandbox can show Muster with them.
import { readFile } from 'node:fs/promises';
import { type Directory, makeDirectory } from './directory.ts';
import type { Json, ManagerReference, ObjectState, Snapshot, Truth, UserFields } from './directory-object.ts';
import { decodeExport, ExportUnreadable, kindOf, sentenceStart, usersOfExport } from './export-document.ts';
import { loadedBaseline } from './loaded-baseline.ts';
import { userProperties } from './user-properties.ts';

export interface ExportOptions {
  readonly tenantId: string;
  /** Default: the domain most user principal names have. */
  readonly domain?: string;
  /** Default: the domain. */
  readonly displayName?: string;
}

/** Loads an export from a file. @throws ExportUnreadable naming the file and the place in it. */
export async function loadExportFile(file: string, options: ExportOptions): Promise<Directory> {
  try {
    return loadExport(decodeExport(await readFile(file)), options);
  } catch (error) {
    if (error instanceof ExportUnreadable) throw new ExportUnreadable(`${file}: ${error.message}`, { cause: error });
    throw new ExportUnreadable(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/**
 * Loads an export from text: one page `{ "value": […] }`, an array of pages or of users, or one page or user a line. Properties that
 * `user` does not have are dropped; of several entries for one id later properties win; `@removed` makes a deleted user.
 * @throws ExportUnreadable saying which user is wrong and why.
 */
export function loadExport(text: string, options: ExportOptions): Directory {
  const objects = new Map<string, Snapshot>();
  for (const { place, value } of usersOfExport(text)) {
    const id = value['id'];
    if (typeof id !== 'string' || id === '') throw new ExportUnreadable(`${sentenceStart(place)} has no id${nameOf(value)}.`);
    const key = id.toLowerCase();
    objects.set(key, merged(objects.get(key), id, value, `${place} (${id})`));
  }
  const loaded = [...objects.values()];
  const domain = options.domain ?? commonDomain(loaded);
  return directoryOfObjects({ tenantId: options.tenantId, domain, displayName: options.displayName ?? domain, objects: loaded });
}

/** A directory whose baseline is these objects. */
export function directoryOfObjects(options: {
  readonly tenantId: string;
  readonly domain: string;
  readonly displayName: string;
  readonly objects: readonly Snapshot[];
  readonly commits?: ReturnType<Directory['commits']>;
}): Directory {
  const { objects, ...identity } = options;
  return makeDirectory({ ...identity, source: { kind: 'objects', objects }, baseline: loadedBaseline(objects) });
}

function merged(before: Snapshot | undefined, id: string, value: Readonly<Record<string, unknown>>, place: string): Snapshot {
  const fields: Record<string, Json> & { id: string } = { ...withoutUndefined(before?.fields), id };
  for (const [name, content] of Object.entries(value)) {
    const property = userProperties.get(name);
    if (name === 'id' || property?.kind !== 'property') continue;
    if (content === null && property.collection && !property.nullable) continue;
    fields[name] = checked(name, property.type, content, place);
  }
  return {
    fields,
    manager: managerOf(value, before?.manager ?? null, place),
    state: stateOf(value, place),
    truth: truthOf(fields),
  };
}

function checked(name: string, type: string, content: unknown, place: string): Json {
  const collection = type.startsWith('Collection(');
  const expected = collection
    ? 'an array'
    : type === 'Edm.Boolean'
      ? 'a boolean'
      : type === 'Edm.Int32'
        ? 'a number'
        : type.startsWith('Edm.')
          ? 'a string'
          : 'an object';
  if (content !== null && kindOf(content) !== expected) {
    throw new ExportUnreadable(`${sentenceStart(place)}: "${name}" is ${kindOf(content)}; ${expected} was expected.`);
  }
  return content as Json;
}

function managerOf(value: Readonly<Record<string, unknown>>, before: ManagerReference | null, place: string): ManagerReference | null {
  const expanded = value['manager'];
  if (expanded !== undefined) return expanded === null ? null : reference(expanded, place);
  const elements = value['manager@delta'];
  if (!Array.isArray(elements)) return before;
  let manager = before;
  for (const element of elements as readonly unknown[]) {
    const removed = typeof element === 'object' && element !== null && '@removed' in element;
    const named = reference(element, place);
    if (!removed) return named;
    if (manager?.id.toLowerCase() === named.id.toLowerCase()) manager = null;
  }
  return manager;
}

function reference(value: unknown, place: string): ManagerReference {
  const { id, '@odata.type': type } = (value ?? {}) as { readonly id?: unknown; readonly '@odata.type'?: unknown };
  if (typeof id !== 'string' || id === '') throw new ExportUnreadable(`${sentenceStart(place)}: the manager has no id.`);
  return { id, type: type === '#microsoft.graph.orgContact' ? 'orgContact' : 'user' };
}

function stateOf(value: Readonly<Record<string, unknown>>, place: string): ObjectState {
  const removed = value['@removed'];
  if (removed === undefined) return 'live';
  if (typeof removed !== 'object' || removed === null)
    throw new ExportUnreadable(`${sentenceStart(place)}: "@removed" is ${kindOf(removed)}.`);
  return 'reason' in removed && removed.reason === 'deleted' ? 'purged' : 'deleted';
}

/** The little an export tells of what an account really is. */
function truthOf(fields: Readonly<Record<string, Json>>): Truth {
  const name = fields['userPrincipalName'];
  if (fields['userType'] === 'Guest' || (typeof name === 'string' && name.includes('#EXT#'))) return { kind: 'guest', purpose: 'hidden' };
  return { kind: 'unknown', purpose: typeof fields['mail'] === 'string' ? 'user' : 'none' };
}

function withoutUndefined(fields: UserFields | undefined): Record<string, Json> {
  const entries = Object.entries(fields ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return Object.fromEntries(entries);
}

function nameOf(value: Readonly<Record<string, unknown>>): string {
  const name = value['userPrincipalName'] ?? value['displayName'];
  return typeof name === 'string' ? ` (${name})` : '';
}

function commonDomain(objects: readonly Snapshot[]): string {
  const counts = new Map<string, number>();
  for (const { fields } of objects) {
    const domain = /@([^@]+)$/.exec(fields.userPrincipalName ?? '')?.[1]?.toLowerCase();
    if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return [...counts].toSorted(([, first], [, second]) => second - first)[0]?.[0] ?? 'loaded.example';
}
