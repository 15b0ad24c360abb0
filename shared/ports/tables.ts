// Table Storage as Muster uses it: point reads, ranges inside one partition, and transactions in one partition guarded by ETags.

export type Value = string | number | boolean | Uint8Array;

/** A row without its keys. Absent properties stay absent; Table Storage has no null. Half a surrogate pair is stored as U+FFFD. */
export type Properties = Readonly<Record<string, Value>>;

/** Keys are exact, but for half a surrogate pair, which counts as U+FFFD. */
export interface Key {
  readonly partition: string;
  readonly row: string;
}

export interface StoredRow extends Key {
  readonly etag: string;
  readonly properties: Properties;
}

/**
 * `insert` fails when the row exists; `replace` and `remove` fail when it is absent or, with an ETag, when it changed.
 * `upsert` replaces the whole row; `merge` sets the named properties and keeps the others; both make the row when it is absent, but a
 * `merge` with an ETag fails like a `replace`. It costs the service less than one.
 */
export type Write =
  | { readonly kind: 'insert'; readonly row: string; readonly properties: Properties }
  | { readonly kind: 'upsert'; readonly row: string; readonly properties: Properties }
  | { readonly kind: 'merge'; readonly row: string; readonly properties: Properties; readonly etag?: string }
  | { readonly kind: 'replace'; readonly row: string; readonly properties: Properties; readonly etag: string }
  | { readonly kind: 'remove'; readonly row: string; readonly etag?: string };

/**
 * `done` with the new ETags by row key, or which rule the transaction broke: somebody else was faster.
 * `row` is the key of the write that was refused, when the service names it.
 */
export type WriteOutcome =
  | { readonly kind: 'done'; readonly etags: ReadonlyMap<string, string> }
  | { readonly kind: 'exists'; readonly row: string }
  | { readonly kind: 'changed'; readonly row: string };

export interface Range {
  readonly partition: string;
  /** First row key, included. */
  readonly from?: string;
  /** Row keys below this one only. */
  readonly below?: string;
  /** Properties to return; all when absent. */
  readonly select?: readonly string[];
  /** At most this many rows, with one call when the service does not cut its answer short; all when absent. */
  readonly limit?: number;
}

/** Most writes one transaction may hold (Azure Table Storage: 100 entities, 4 MiB, one partition). */
export const transactionLimit = 100;

export interface Table {
  readonly get: (key: Key) => Promise<StoredRow | undefined>;
  /** Applies all writes or none. At most `transactionLimit` writes, each row once. */
  readonly write: (partition: string, writes: readonly Write[]) => Promise<WriteOutcome>;
  /** Rows of one partition in row-key order, fetched page by page as they are consumed. */
  readonly range: (range: Range) => AsyncIterable<StoredRow>;
}

/** The tables of the system; each is small and walks alone (docs/decisions/0002). */
export const tableNames = ['companies', 'users', 'lists', 'rounds', 'audit', 'mails', 'access', 'assignments', 'managers'] as const;
export type TableName = (typeof tableNames)[number];
export type Tables = Readonly<Record<TableName, Table>>;
