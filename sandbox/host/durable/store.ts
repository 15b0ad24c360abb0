// The one SQLite file that holds everything the host must remember across a crash.
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';

/** A row as SQLite gives it back. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** The host's database. All calls are synchronous. */
export interface Store {
  /** Runs one statement; `?` in `sql` stand for `values`. */
  readonly run: (sql: string, ...values: readonly SQLInputValue[]) => { readonly changes: number };
  readonly one: (sql: string, ...values: readonly SQLInputValue[]) => Row | undefined;
  readonly all: (sql: string, ...values: readonly SQLInputValue[]) => readonly Row[];
  /** Runs `work` in one transaction: all of it is kept, or (when it throws) nothing. Not nestable. */
  readonly transaction: <Result>(work: () => Result) => Result;
  readonly close: () => void;
}

const schema = `
  CREATE TABLE IF NOT EXISTS instances (
    instance_id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, status TEXT NOT NULL,
    input TEXT NOT NULL, output TEXT, custom_status TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    parent_instance_id TEXT, parent_execution_id TEXT, parent_task_id INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS history (
    instance_id TEXT NOT NULL, position INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance_id, position)
  ) STRICT, WITHOUT ROWID;
  -- Messages waiting for an instance. execution_id NULL = for whichever execution is current (external events).
  CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT, event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS inbox_by_instance ON inbox (instance_id, id);
  CREATE TABLE IF NOT EXISTS activities (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, task_id INTEGER NOT NULL,
    name TEXT NOT NULL, input TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS activities_by_instance ON activities (instance_id);
  CREATE TABLE IF NOT EXISTS timers (
    instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, timer_id INTEGER NOT NULL, fire_at INTEGER NOT NULL,
    PRIMARY KEY (instance_id, timer_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS timers_by_time ON timers (fire_at);
  CREATE TABLE IF NOT EXISTS timer_functions (name TEXT PRIMARY KEY, last INTEGER NOT NULL, next INTEGER NOT NULL) STRICT;
`;

/**
 * Opens (and makes, if missing) the state file. WAL with synchronous=NORMAL: a commit survives kill -9 of the process;
 * only a power cut may lose the last ones.
 */
export function openStore(file: string): Store {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
  database.exec(schema);
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  const prepared = (sql: string) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    run: (sql, ...values) => ({ changes: Number(prepared(sql).run(...values).changes) }),
    one: (sql, ...values) => prepared(sql).get(...values),
    all: (sql, ...values) => prepared(sql).all(...values),
    transaction: (work) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}
