// What the user index uses of a table client, in memory: fast enough to play a history through at each of its storage calls.

import { RestError, type TransactionAction } from '@azure/data-tables';
import type { IndexTable } from '../../shared/adapters/user-index-rows.ts';

type Entity = Record<string, unknown> & { readonly partitionKey: string; readonly rowKey: string };

const filterPattern = /^PartitionKey eq '(?<partition>[^']*)' and RowKey ge '(?<from>[^']*)' and RowKey lt '(?<end>[^']*)'$/u;
const mostRowsOfPage = 1_000;
/** Azure may end a page early, even empty, when it crosses a boundary of its own; here it happens at each fifth query. */
const shortPageEvery = 5;

function refusal(statusCode: number): RestError {
  return new RestError(`The table refuses (${statusCode}).`, { statusCode });
}

function check(entity: Entity): void {
  const texts = Object.values(entity).filter((value) => typeof value === 'string');
  if (!/^[^\p{Cc}/\\#?]{1,512}$/u.test(entity.rowKey) || texts.some((text) => text.length > 32_768)) throw refusal(400);
}

/** An empty table of one partition or more. */
export function makeMemoryIndexTable(): IndexTable {
  let rows = new Map<string, Entity & { readonly etag: string }>();
  let writes = 0;
  let queries = 0;
  const at = (partitionKey: string, rowKey: string): string => `${partitionKey}\n${rowKey}`;

  const write = (entity: Entity, isAllowed: (found: { readonly etag: string } | undefined) => number | null): void => {
    check(entity);
    const place = at(entity.partitionKey, entity.rowKey);
    const status = isAllowed(rows.get(place));
    if (status !== null) throw refusal(status);
    writes += 1;
    rows.set(place, { ...entity, etag: `W/"${writes}"` });
  };

  const remove = (partitionKey: string, rowKey: string): void => {
    if (!rows.delete(at(partitionKey, rowKey))) throw refusal(404);
  };

  const table = {
    createEntity: async (entity: Entity) => write(entity, (found) => (found === undefined ? null : 409)),
    updateEntity: async (entity: Entity, _: string, { etag }: { readonly etag: string }) => {
      write(entity, (found) => (found === undefined ? 404 : found.etag === etag ? null : 412));
    },
    deleteEntity: async (partitionKey: string, rowKey: string) => remove(partitionKey, rowKey),
    getEntity: async (partitionKey: string, rowKey: string) => {
      const found = rows.get(at(partitionKey, rowKey));
      if (found === undefined) throw refusal(404);
      return found;
    },
    submitTransaction: async (actions: readonly TransactionAction[]) => {
      const before = new Map(rows);
      const keys = new Set(actions.map(([, { partitionKey, rowKey }]) => at(partitionKey, rowKey)));
      const partitions = new Set(actions.map(([, { partitionKey }]) => partitionKey));
      if (actions.length > 100 || keys.size !== actions.length || partitions.size !== 1) throw refusal(400);
      try {
        for (const [kind, entity] of actions) {
          if (kind === 'delete') remove(entity.partitionKey, entity.rowKey);
          else write(entity, () => null);
        }
      } catch (error) {
        rows = before;
        throw error;
      }
    },
    listEntities: ({ queryOptions }: { readonly queryOptions: { readonly filter: string } }) => ({
      byPage: async function* ({ maxPageSize }: { readonly maxPageSize: number }) {
        const { partition = '', from = '', end = '' } = filterPattern.exec(queryOptions.filter)?.groups ?? {};
        queries += 1;
        if (queries % shortPageEvery === 0) yield [];
        let next = from;
        for (;;) {
          const found = [...rows.values()].filter(
            ({ partitionKey, rowKey }) => partitionKey === partition && rowKey >= next && rowKey < end,
          );
          const page = found
            .toSorted((left, right) => (left.rowKey < right.rowKey ? -1 : 1))
            .slice(0, Math.min(maxPageSize, mostRowsOfPage));
          yield page;
          const last = page.at(-1);
          if (last === undefined || page.length === found.length) return;
          next = `${last.rowKey}\0`;
        }
      },
    }),
  };
  return table as unknown as IndexTable;
}

/** The same table, which tells before each storage call and lets the listener make the call itself first. */
export function overheard(table: IndexTable, onCall: (send: () => Promise<unknown>) => Promise<void>): IndexTable {
  const told = <A extends readonly unknown[], R>(call: (...input: A) => Promise<R>) => {
    return async (...input: A): Promise<R> => {
      await onCall(() => call(...input));
      return call(...input);
    };
  };
  return {
    createEntity: told((...input: Parameters<IndexTable['createEntity']>) => table.createEntity(...input)),
    updateEntity: told((...input: Parameters<IndexTable['updateEntity']>) => table.updateEntity(...input)),
    deleteEntity: told((...input: Parameters<IndexTable['deleteEntity']>) => table.deleteEntity(...input)),
    getEntity: told((...input: Parameters<IndexTable['getEntity']>) => table.getEntity(...input)) as IndexTable['getEntity'],
    submitTransaction: told((...input: Parameters<IndexTable['submitTransaction']>) => table.submitTransaction(...input)),
    listEntities: ((options: Parameters<IndexTable['listEntities']>[0]) => ({
      byPage: async function* (settings: { readonly maxPageSize?: number }) {
        await onCall(async () => undefined);
        for await (const page of table.listEntities(options).byPage(settings)) {
          yield page;
          await onCall(async () => undefined);
        }
      },
    })) as unknown as IndexTable['listEntities'],
  };
}
