// Which manager to store after a directory entry: only a positive statement changes anything, silence never does.
import type { ManagerStatement } from '../ports/directory.ts';

/**
 * The manager id to store next. No statement keeps what is stored; `set` wins whatever was stored, also for an id we do not know
 * yet (page order is undefined; it may be a guest or a contact); `removed` clears only if it names the stored manager, because
 * a replay may take away somebody who was replaced long ago (docs/graph.md §2 rules 1–4).
 */
export function applyManagerStatement(stored: string | null, statement: ManagerStatement | undefined): string | null {
  if (statement === undefined) return stored;
  if (statement.kind === 'set') return statement.managerId;
  return stored !== null && statement.managerIds.includes(stored) ? null : stored;
}
