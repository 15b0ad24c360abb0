// The gates under a crowd: storage takes a moment for each call, and everybody behind one address changes the same row.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Ports } from '../../shared/ports/ports.ts';
import type { Table } from '../../shared/ports/tables.ts';
import { accountGate, countAttempt, signInGates } from '../../shared/use-cases/sign-in-gates.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const office = '198.51.100.7';
const companyId = 'contoso';
const storageMs = 3;
const passwordMs = 40;

/** Time that passes when nobody can go on without it: whoever waits for the shortest is next. */
function makeQuietTime() {
  let now = 0;
  let waiting: { readonly until: number; readonly goOn: () => void }[] = [];
  return {
    pass: async (milliseconds: number) => await new Promise<void>((goOn) => void waiting.push({ until: now + milliseconds, goOn })),
    /** Works until this is over. */
    during: async <T>(work: Promise<T>): Promise<T> => {
      const state = { isOver: false };
      const done = work.finally(() => {
        state.isOver = true;
      });
      // It may fail before anybody looks.
      done.catch(() => undefined);
      for (await nextTurn(); !state.isOver; await nextTurn()) {
        now = Math.min(...waiting.map(({ until }) => until));
        const due = waiting.filter(({ until }) => until <= now);
        waiting = waiting.filter(({ until }) => until > now);
        for (const { goOn } of due) goOn();
      }
      return await done;
    },
  };
}

let fakes: FakePorts;
let ports: Ports;
let time: ReturnType<typeof makeQuietTime>;
beforeEach(() => {
  fakes = makeFakePorts();
  time = makeQuietTime();
  const { access } = fakes.tables;
  const slow: Table = {
    get: async (key) => await time.pass(storageMs).then(async () => await access.get(key)),
    write: async (partition, writes) => await time.pass(storageMs).then(async () => await access.write(partition, writes)),
    range: (range) => access.range(range),
  };
  ports = { ...fakes, tables: { ...fakes.tables, access: slow }, pause: time.pass };
});

const gatesOf = (name: string) => signInGates(accountGate(companyId, `${name}@contoso.example`), office);

/** A sign-in with the right password. */
async function enter(name: string): Promise<void> {
  const attempt = await countAttempt(ports, gatesOf(name));
  await time.pass(passwordMs);
  await attempt.forgive();
}

const names = (count: number) => Array.from({ length: count }, (_, number) => `manager${number}`);
const reasonsOf = (outcomes: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));

describe('people of one office', () => {
  it('who all sign in at the same moment are let in, and leave nothing behind', async () => {
    await time.during(Promise.all(names(40).map(enter)));
    expect(fakes.logged).toEqual([]);
    // Another forty-nine wrong guesses are free: nobody’s right one was left counted.
    for (let guess = 0; guess < 49; guess += 1) await countAttempt(fakes, gatesOf(`nobody${guess}`));
    await time.during(enter('mona'));
  });

  it('who are more than the free failures of an address are at worst told to wait for seconds', async () => {
    const refused = reasonsOf(await time.during(Promise.allSettled(names(60).map(enter))));
    expect(refused.length).toBeLessThanOrEqual(10);
    for (const reason of refused) {
      expect(reason).toMatchObject({ code: 'too-many-attempts' });
      const { waitSeconds } = (reason as { details: { facts: { waitSeconds: number } } }).details.facts;
      expect(waitSeconds).toBeLessThanOrEqual(5);
    }
  });

  it('get in although an attempt that was right cannot be taken back; it is logged', async () => {
    const attempt = await countAttempt(fakes, gatesOf('mona'));
    fakes.tables.failWith(({ operation }) => {
      if (operation === 'write') throw new Error('away');
    });
    await attempt.forgive();
    await attempt.takeBack();
    fakes.tables.failWith(undefined);
    expect(fakes.logged.map(({ level }) => level)).toEqual(['warning', 'warning', 'warning', 'warning']);
    expect(JSON.stringify(fakes.logged)).not.toContain('mona');
  });
});

describe('wrong guesses at one account', () => {
  it('that are made all at once do not slip through together while storage takes its time', async () => {
    const outcomes = await time.during(Promise.allSettled(names(60).map(async () => await countAttempt(ports, gatesOf('mona')))));
    const refused = reasonsOf(outcomes);
    expect(refused.length).toBeGreaterThanOrEqual(54);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'too-many-attempts' });
  });
});
