// The gates under a crowd: storage takes a moment for each call, and everybody behind one address changes the same row.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Ports } from '../../shared/ports/ports.ts';
import type { Table } from '../../shared/ports/tables.ts';
import { accountGate, countAttempt, signInGates } from '../../shared/use-cases/sign-in-gates.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const office = '198.51.100.7';
const companyId = 'contoso';
const storageMs = 3;
const passwordMs = 40;

let fakes: FakePorts;
let ports: Ports;
beforeEach(() => {
  fakes = makeFakePorts();
  const { access } = fakes.tables;
  const slow: Table = {
    get: async (key) => await sleep(storageMs).then(async () => await access.get(key)),
    write: async (partition, writes) => await sleep(storageMs).then(async () => await access.write(partition, writes)),
    range: (range) => access.range(range),
  };
  ports = { ...fakes, tables: { ...fakes.tables, access: slow }, pause: async (milliseconds) => await sleep(milliseconds) };
});

const gatesOf = (name: string) => signInGates(accountGate(companyId, `${name}@contoso.example`), office);

/** A sign-in with the right password. */
async function enter(name: string): Promise<void> {
  const attempt = await countAttempt(ports, gatesOf(name));
  await sleep(passwordMs);
  await attempt.forgive();
}

const names = (count: number) => Array.from({ length: count }, (_, number) => `manager${number}`);
const reasonsOf = (outcomes: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));

describe('people of one office', () => {
  it('who all sign in at the same moment are let in, and leave nothing behind', async () => {
    await Promise.all(names(40).map(enter));
    expect(fakes.logged).toEqual([]);
    // Another forty-nine wrong guesses are free: nobody’s right one was left counted.
    for (let guess = 0; guess < 49; guess += 1) await countAttempt(fakes, gatesOf(`nobody${guess}`));
    await enter('mona');
  });

  it('who are more than the free failures of an address are at worst told to wait for seconds', async () => {
    const refused = reasonsOf(await Promise.allSettled(names(60).map(enter)));
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
    const outcomes = await Promise.allSettled(names(60).map(async () => await countAttempt(ports, gatesOf('mona'))));
    const refused = reasonsOf(outcomes);
    expect(refused.length).toBeGreaterThanOrEqual(54);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'too-many-attempts' });
  });
});
