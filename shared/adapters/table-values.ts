// Rows of Table Storage as OData JSON: what our values look like on the wire, and what of an answer becomes a value again.
import type { Properties, StoredRow, Value } from '../ports/tables.ts';

/** A row as the service sends it with `odata=minimalmetadata`. */
export interface Entity {
  readonly RowKey: string;
  readonly 'odata.etag': string;
  readonly [name: string]: unknown;
}

const annotation = '@odata.type';
const keys = new Set(['PartitionKey', 'RowKey', 'Timestamp']);

/** Writes each character of a pattern as its JSON escape, which means the same. */
export function escapeCharacters(json: string, pattern: RegExp): string {
  return json.replace(pattern, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Numbers travel as doubles, in quotes with their type: the service would take whole ones for Int32 and refuse large counts. Half a
 * surrogate pair, which JSON can carry and UTF-8 cannot, becomes U+FFFD here, so that no service in between has to decide.
 */
function encodeProperty(name: string, value: Value): string {
  if (typeof value === 'string') return `,"${name}":${JSON.stringify(value.toWellFormed())}`;
  if (typeof value === 'boolean') return `,"${name}":${value}`;
  if (typeof value === 'number') return `,"${name}${annotation}":"Edm.Double","${name}":"${value}"`;
  const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return `,"${name}${annotation}":"Edm.Binary","${name}":"${base64}"`;
}

/**
 * The body of a write: `{"PartitionKey":…,"RowKey":…,…}` on one line. Property names are plain identifiers, as the service demands
 * (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).
 */
export function encodeEntity(partition: string, row: string, properties: Properties): string {
  let json = `{"PartitionKey":${JSON.stringify(partition.toWellFormed())},"RowKey":${JSON.stringify(row.toWellFormed())}`;
  for (const [name, value] of Object.entries(properties)) json += encodeProperty(name, value);
  return `${json}}`;
}

/** A value whose type the service names; types that nobody here writes (times, GUIDs) are left out. */
function decodeTyped(type: unknown, value: unknown): Value | undefined {
  if (type === 'Edm.Double' || type === 'Edm.Int64' || type === 'Edm.Int32') return Number(value);
  if (typeof value !== 'string') return typeof value === 'boolean' ? value : undefined;
  if (type === 'Edm.Binary') return Buffer.from(value, 'base64');
  return type === 'Edm.String' ? value : undefined;
}

/**
 * The properties of an answered row. Only what JSON cannot tell comes with its type: binary, Int64, and doubles that are no number;
 * a property that was asked for and that the row lacks comes as null, and stays absent
 * (https://learn.microsoft.com/rest/api/storageservices/payload-format-for-table-service-operations).
 */
function decodeProperties(entity: Entity): Properties {
  const properties: Record<string, Value> = {};
  const typed: string[] = [];
  for (const name in entity) {
    if (keys.has(name) || name.startsWith('odata.')) continue;
    if (name.endsWith(annotation)) {
      typed.push(name);
      continue;
    }
    const value = entity[name];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') properties[name] = value;
  }
  for (const note of typed) {
    const name = note.slice(0, -annotation.length);
    const value = decodeTyped(entity[note], entity[name]);
    if (value === undefined) delete properties[name];
    else if (!keys.has(name)) properties[name] = value;
  }
  return properties;
}

/** A row of an answer. `partition` is the one asked for, so that a query need not select and repeat it. */
export function decodeEntity(partition: string, entity: Entity): StoredRow {
  return { partition, row: entity.RowKey, etag: entity['odata.etag'], properties: decodeProperties(entity) };
}
