// How much of a company's people has changed since its lists were last looked after: one small row beside the lists.
import type { Table } from '../ports/tables.ts';
import { indexScope, type UserScope } from './users.ts';

export interface ListChanges {
  /** Users changed since. Two who count at once may lose one of the counts: it decides when to look, and nothing else. */
  readonly changed: number;
  /** Lines of the longest list when it was last looked at. */
  readonly longest: number;
}

const row = 'changes';
const partitionOf = (scope: UserScope) => `${indexScope(scope)}-upkeep`;

export async function readListChanges(table: Table, scope: UserScope): Promise<ListChanges> {
  const found = await table.get({ partition: partitionOf(scope), row });
  return { changed: Number(found?.properties['changed'] ?? 0), longest: Number(found?.properties['longest'] ?? 0) };
}

export async function writeListChanges(table: Table, scope: UserScope, { changed, longest }: ListChanges): Promise<void> {
  await table.write(partitionOf(scope), [{ kind: 'upsert', row, properties: { changed, longest } }]);
}
