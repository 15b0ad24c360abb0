// A company's rows and its index over a table, with processes that die or are overtaken between two storage calls.

import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { makeUserIndex } from '../../shared/adapters/user-index-tables.ts';
import { inFlightMilliseconds } from '../../shared/domain/packed-index.ts';
import type { IndexEntry, IndexStatement } from '../../shared/domain/packed-line.ts';
import { positionOf } from '../../shared/domain/packed-position.ts';
import type { Range, Table } from '../../shared/ports/tables.ts';
import type { UserIndex } from '../../shared/ports/user-index.ts';

export const people = 400;

/**
 * What happens at the n-th storage call of a step: the process dies before or after the call, its answer is lost so that
 * the client library makes it again, or others act first.
 */
export type Trouble =
  | { readonly kind: 'none' }
  | { readonly kind: 'crash'; readonly call: number; readonly landed: boolean }
  | { readonly kind: 'twice'; readonly call: number }
  | { readonly kind: 'meanwhile'; readonly call: number; readonly steps: readonly Step[] };

/** Users are numbered: a step is about `count` of them from number `from` on. */
export type Step =
  | {
      readonly kind: 'list';
      readonly from: number;
      readonly count: number;
      readonly renamed: boolean;
      readonly packed: boolean;
      readonly trouble?: Trouble;
    }
  | { readonly kind: 'decide'; readonly from: number; readonly count: number; readonly packed?: boolean; readonly trouble?: Trouble }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'compact'; readonly asking?: boolean; readonly trouble?: Trouble }
  | { readonly kind: 'read'; readonly trouble?: Trouble };

export interface World {
  /** Performs a step with its trouble; a crash is survived. Tells how many storage calls it made. */
  readonly perform: (step: Step) => Promise<number>;
  /** Reads the whole index; fails when a listed user is missing or anything is shown twice or out of order. */
  readonly readAll: () => Promise<readonly string[]>;
  /** The positions that the users' rows say are listed, in order. */
  readonly listed: () => readonly string[];
}

class Crash extends Error {}

const filler = 'x'.repeat(400);
const rowsOfPage = 40;

/** A user's row: its revision rises with each decision, and it lists the user under a position or not at all. */
interface Row {
  readonly revision: number;
  readonly position: string | null;
  readonly name: number;
}

function entryOf(number: number, name: number): IndexEntry {
  return { key: `${number % 7} ${name}`, id: `user-${number}`, facets: { text: filler, manager: filler } };
}

function numbersOf({ from, count }: { readonly from: number; readonly count: number }): readonly number[] {
  return Array.from({ length: Math.min(count, people - from) }, (_, at) => from + at);
}

/** The same table, which tells before each storage call and lets the listener make the call itself first. A range is one call a page. */
function overheard(table: Table, onCall: (send: () => Promise<unknown>) => Promise<void>): Table {
  return {
    get: async (key) => {
      await onCall(() => table.get(key));
      return await table.get(key);
    },
    write: async (partition, writes) => {
      await onCall(() => table.write(partition, writes));
      return await table.write(partition, writes);
    },
    range: async function* (range: Range) {
      let { limit: left = Number.POSITIVE_INFINITY, from = '' } = range;
      while (left > 0) {
        await onCall(async () => undefined);
        const wanted = Math.min(left, rowsOfPage);
        let found = 0;
        for await (const row of table.range({ ...range, from, limit: wanted })) {
          yield row;
          found += 1;
          from = `${row.row}\0`;
        }
        if (found < wanted) return;
        left -= found;
      }
    },
  };
}

/** A world over an empty partition. Writers and readers in it obey the rules that the port states. */
export function makeWorld(table: Table): World {
  let time = Date.UTC(2026, 10, 22);
  let calls = 0;
  let onCall: (send: () => Promise<unknown>) => Promise<void> = async () => undefined;
  const scope = randomUUID();
  const indexOver = (over: Table) =>
    makeUserIndex({ table: over, scope, index: 'pending', now: () => time, newId: randomUUID, packFrom: () => 1 });
  const calm = indexOver(table);
  const troubled = indexOver(
    overheard(table, (send) => {
      calls += 1;
      return onCall(send);
    }),
  );

  const rows = new Map<number, Row>();
  const names = new Map<number, number>();
  const rowOf = (number: number): Row => rows.get(number) ?? { revision: 0, position: null, name: 0 };
  /** For each reader at work: the users whose rows changed since it began. */
  const readers = new Set<Set<number>>();
  const store = (number: number, row: Row): void => {
    rows.set(number, row);
    for (const touched of readers) touched.add(number);
  };
  const numberOf = (entry: IndexEntry) => Number(entry.id.slice(5));
  const keep = async (entries: readonly IndexEntry[]) => entries.filter((entry) => rowOf(numberOf(entry)).position === positionOf(entry));
  const addTo = async (index: UserIndex, packed: boolean, statements: readonly IndexStatement[]) =>
    await (packed ? index.addMany(statements) : index.add(statements));

  /** Lists users, under a new name perhaps; whose row others have changed meanwhile is tried again from there, as by If-Match. */
  const list = async (index: UserIndex, step: Extract<Step, { kind: 'list' }>, beforeRows: () => Promise<void>) => {
    for (const number of numbersOf(step)) names.set(number, (names.get(number) ?? 0) + Number(step.renamed));
    for (let left = numbersOf(step); left.length > 0; ) {
      const begunAt = time;
      const changes = left.map((number) => {
        const before = rowOf(number);
        const name = names.get(number) ?? 0;
        const entry = entryOf(number, name);
        const revision = before.position === null ? before.revision + 1 : before.revision;
        return { number, before, entry: { ...entry, version: revision }, after: { revision, position: positionOf(entry), name } };
      });
      await addTo(
        index,
        step.packed,
        changes.map(({ entry }) => entry),
      );
      await beforeRows();
      if (time - begunAt >= inFlightMilliseconds) continue;
      const stored = changes.filter(({ number, before }) => {
        const now = rowOf(number);
        return now.revision === before.revision && now.position === before.position;
      });
      for (const { number, after } of stored) store(number, after);
      const done = new Set(stored.map(({ number }) => number));
      left = left.filter((number) => !done.has(number));
    }
  };

  /** Decides users, and says afterwards that they have gone. */
  const decide = async (index: UserIndex, step: Extract<Step, { kind: 'decide' }>) => {
    const gone = numbersOf(step).flatMap((number): IndexStatement[] => {
      const before = rowOf(number);
      if (before.position === null) return [];
      const revision = before.revision + 1;
      store(number, { ...before, revision, position: null });
      return [{ ...entryOf(number, before.name), version: revision, gone: true }];
    });
    await addTo(index, step.packed === true, gone);
  };

  const read = async (index: UserIndex): Promise<readonly string[]> => {
    const touched = new Set<number>();
    readers.add(touched);
    const before = [...rows];
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await index.read({ limit: 200, cursor });
      found.push(...page.entries.map(positionOf));
      cursor = page.next;
    }
    readers.delete(touched);
    expect(found).toEqual([...new Set(found)].toSorted());
    const seen = new Set(found);
    expect(before.filter(([number, { position }]) => position !== null && !touched.has(number) && !seen.has(position))).toEqual([]);
    return found;
  };

  const act = async (step: Step, index: UserIndex, beforeRows: () => Promise<void>): Promise<void> => {
    switch (step.kind) {
      case 'list':
        await list(index, step, beforeRows);
        break;
      case 'decide':
        await decide(index, step);
        break;
      case 'wait':
        time += step.minutes * 60_000;
        break;
      case 'compact':
        await index.compact({ mostRuns: 1, mostLoose: 20, ...(step.asking === false ? {} : { mostLines: 0 }), keep });
        break;
      case 'read':
        await read(index);
        break;
    }
  };

  const perform = async (step: Step): Promise<number> => {
    const trouble: Trouble = ('trouble' in step ? step.trouble : undefined) ?? { kind: 'none' };
    let others = trouble.kind === 'meanwhile' ? trouble.steps : [];
    const othersAct = async () => {
      const steps = others;
      others = [];
      for (const one of steps) await act(one, calm, async () => undefined);
    };
    calls = 0;
    onCall = async (send) => {
      if (trouble.kind === 'none' || calls !== trouble.call) return;
      if (trouble.kind === 'meanwhile') return othersAct();
      if (trouble.kind === 'twice' || trouble.landed) await send();
      if (trouble.kind === 'crash') throw new Crash();
    };
    try {
      await act(step, troubled, othersAct);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    return calls;
  };

  const listed = () => [...rows.values()].flatMap(({ position }) => (position === null ? [] : [position])).toSorted();
  return { perform, readAll: () => read(calm), listed };
}
