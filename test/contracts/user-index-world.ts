// A company's rows and its index over a table, with processes that die or are overtaken between two storage calls.

import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { IndexTable } from '../../shared/adapters/user-index-rows.ts';
import { makeUserIndex } from '../../shared/adapters/user-index-tables.ts';
import type { IndexEntry } from '../../shared/domain/packed-index.ts';
import { inFlightMilliseconds } from '../../shared/domain/packed-index.ts';
import { positionOf } from '../../shared/domain/packed-position.ts';
import type { UserIndex } from '../../shared/ports/user-index.ts';
import { overheard } from '../fakes/index-table.ts';

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
  | { readonly kind: 'decide'; readonly from: number; readonly count: number }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'compact'; readonly trouble?: Trouble }
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

function entryOf(number: number, name: number): IndexEntry {
  return { key: `${number % 7} ${name}`, id: `user-${number}`, facets: { text: filler, manager: filler } };
}

function numbersOf({ from, count }: { readonly from: number; readonly count: number }): readonly number[] {
  return Array.from({ length: Math.min(count, people - from) }, (_, at) => from + at);
}

/** A world over an empty table. Writers and readers in it obey the rules that the port states. */
export function makeWorld(table: IndexTable): World {
  let time = Date.UTC(2026, 10, 22);
  let calls = 0;
  let onCall: (send: () => Promise<unknown>) => Promise<void> = async () => undefined;
  const indexOver = (client: IndexTable) =>
    makeUserIndex({ client, scope: 'company-1', index: 'pending', now: () => time, newId: randomUUID });
  const calm = indexOver(table);
  const troubled = indexOver(
    overheard(table, (send) => {
      calls += 1;
      return onCall(send);
    }),
  );

  /** Position that each user's row lists; a user not in here has been decided. */
  const rows = new Map<number, string>();
  const names = new Map<number, number>();
  /** For each reader at work: the users whose rows changed since it began. */
  const readers = new Set<Set<number>>();
  const touch = (number: number): void => {
    for (const touched of readers) touched.add(number);
  };

  const keep = async (entries: readonly IndexEntry[]) =>
    entries.filter((entry) => rows.get(Number(entry.id.slice(5))) === positionOf(entry));

  const list = async (index: UserIndex, step: Extract<Step, { kind: 'list' }>, beforeRows: () => Promise<void>) => {
    const entries = numbersOf(step).map((number) => {
      const name = (names.get(number) ?? 0) + Number(step.renamed);
      names.set(number, name);
      return [number, entryOf(number, name)] as const;
    });
    for (let begunAt = Number.NEGATIVE_INFINITY; time - begunAt >= inFlightMilliseconds; ) {
      begunAt = time;
      const added = entries.map(([, entry]) => entry);
      await (step.packed ? index.addMany(added) : index.add(added));
      await beforeRows();
    }
    for (const [number, entry] of entries) {
      rows.set(number, positionOf(entry));
      touch(number);
    }
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
    expect(before.filter(([number, position]) => !touched.has(number) && !seen.has(position))).toEqual([]);
    return found;
  };

  const act = async (step: Step, index: UserIndex, beforeRows: () => Promise<void>): Promise<void> => {
    switch (step.kind) {
      case 'list':
        await list(index, step, beforeRows);
        break;
      case 'decide':
        for (const number of numbersOf(step)) {
          rows.delete(number);
          touch(number);
        }
        break;
      case 'wait':
        time += step.minutes * 60_000;
        break;
      case 'compact':
        await index.compact({ mostRuns: 1, mostLoose: 20, keep });
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

  return { perform, readAll: () => read(calm), listed: () => [...rows.values()].toSorted() };
}
