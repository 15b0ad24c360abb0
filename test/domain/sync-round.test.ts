// When a round is full, what a failure does to it, and how people are spread over shards.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCounts, noCounts } from '../../shared/domain/round-counts.ts';
import {
  chooseRound,
  failuresPerLink,
  onFailure,
  pageBudget,
  type Round,
  type SyncState,
  setbacksPerRound,
  shardOf,
  shardsFor,
} from '../../shared/domain/sync-round.ts';
import type { DirectoryFailure } from '../../shared/ports/directory.ts';
import { buildRound, buildSyncState, failures } from '../builders.ts';

describe('the kind of a round', () => {
  const now = new Date('2026-03-10T08:00:00.000Z');
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
  const synced: Partial<SyncState> = {
    deltaLink: 'https://graph/delta',
    deltaLinkAt: daysAgo(1),
    lastFullAt: daysAgo(2),
    fieldsVersion: 1,
  };
  it.each<[string, Partial<SyncState>, 'full' | 'delta', 'full' | 'delta']>([
    ['changes, usually', {}, 'delta', 'delta'],
    ['everything, when asked for', {}, 'full', 'full'],
    ['everything, without a cursor', { deltaLink: null, deltaLinkAt: null }, 'delta', 'full'],
    ['everything, when other fields are wanted', { fieldsVersion: 0 }, 'delta', 'full'],
    ['changes, with a cursor of less than six days', { deltaLinkAt: daysAgo(5.99) }, 'delta', 'delta'],
    ['everything, with a cursor of six days', { deltaLinkAt: daysAgo(6) }, 'delta', 'full'],
    ['everything, with a cursor of unknown age', { deltaLinkAt: null }, 'delta', 'full'],
    ['changes, just before a full round is due', { lastFullAt: daysAgo(6.99) }, 'delta', 'delta'],
    ['everything, when a full round is due', { lastFullAt: daysAgo(7) }, 'delta', 'full'],
    ['everything, when there was no full round', { lastFullAt: null }, 'delta', 'full'],
  ])('reads %s', (_what, state, wanted, kind) => {
    expect(chooseRound(buildSyncState({ ...synced, ...state }), { now, wanted, fieldsVersion: 1, fullRoundEveryDays: 7 })).toBe(kind);
  });
});

describe('a failed request', () => {
  const midway: Partial<Round> = { link: 'https://graph/page2', previousLink: 'https://graph/page1' };
  const managers: Partial<Round> = { phase: 'managers', link: 'https://graph/managers2' };
  it.each<[string, keyof typeof failures, Partial<Round>, object]>([
    ['throttling is waited out', 'throttled', {}, { kind: 'wait', milliseconds: 90_000 }],
    ['a fault is tried again', 'transient', midway, { kind: 'wait', milliseconds: 2_000 }],
    ['a second fault waits longer', 'broken', { ...midway, failures: 1 }, { kind: 'wait', milliseconds: 4_000 }],
    ['the third fault of a link starts a full round over', 'transient', { ...midway, failures: 2 }, { kind: 'startFullRound' }],
    ['and reads the list of managers again', 'transient', { ...managers, failures: 2 }, { kind: 'stepBack' }],
    ['but cannot improve a first request', 'transient', { failures: 2 }, { kind: 'wait', milliseconds: 8_000 }],
    ['nor a delta', 'transient', { ...midway, kind: 'delta', failures: 2 }, { kind: 'wait', milliseconds: 8_000 }],
    ['after the third it goes on waiting', 'transient', { ...midway, failures: 3 }, { kind: 'wait', milliseconds: 16_000 }],
    ['the sixth fault ends the round', 'transient', { ...midway, failures: 5 }, { kind: 'giveUp' }],
    ['an expired page leads back to the one before', 'pageTokenExpired', midway, { kind: 'stepBack' }],
    ['twice, to a full round', 'pageTokenExpired', { ...midway, failures: 1 }, { kind: 'startFullRound' }],
    ['without a page before, to a full round', 'pageTokenExpired', { link: 'https://graph/page2' }, { kind: 'startFullRound' }],
    ['among the managers, to the start of their list', 'pageTokenExpired', managers, { kind: 'stepBack' }],
    ['a refused token leads to a full round', 'tokenRefused', { kind: 'delta', link: 'https://graph/delta' }, { kind: 'startFullRound' }],
    ['a refusal without a token ends the round', 'tokenRefused', { link: null }, { kind: 'giveUp' }],
    ['a tenant without change tracking ends it', 'unsupported', midway, { kind: 'giveUp' }],
    ['lost access ends it', 'accessLost', midway, { kind: 'giveUp' }],
  ])('%s', (_what, kind, round, step) => {
    expect(onFailure(buildRound(round), failures[kind])).toEqual(step);
  });

  it.each(['transient', 'broken', 'pageTokenExpired', 'tokenRefused'] as const)(
    'starts nothing over after too many setbacks (%s)',
    (kind) => {
      const round = buildRound({ link: 'x', previousLink: 'y', setbacks: setbacksPerRound, failures: failuresPerLink - 1 });
      expect(onFailure(round, failures[kind])).toEqual({ kind: 'giveUp' });
    },
  );

  it('is never waited for less than a second', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 1e9 }), (retryAfterMs) => {
        const step = onFailure(buildRound(), { ...failures.throttled, retryAfterMs });
        return step.kind === 'wait' && step.milliseconds >= 1000 && step.milliseconds >= retryAfterMs;
      }),
    );
  });

  it('however often it comes, ends the round, unless the directory itself asks to wait', () => {
    const others = Object.values<DirectoryFailure>(failures).filter(({ kind }) => kind !== 'throttled');
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...others), { minLength: 60, maxLength: 60 }), fc.boolean(), (met, pageBetween) => {
        let round = buildRound({ kind: 'delta', link: 'a', previousLink: 'b' });
        for (const failure of met) {
          const step = onFailure(round, failure);
          const { failures: inARow, setbacks } = round;
          if (step.kind === 'giveUp') return true;
          if (step.kind === 'wait') round = { ...round, failures: inARow + 1 };
          if (step.kind === 'stepBack')
            round = { ...round, link: round.previousLink, previousLink: null, failures: inARow + 1, setbacks: setbacks + 1 };
          if (step.kind === 'startFullRound') round = buildRound({ setbacks: setbacks + 1 });
          // A page that works in between makes the round forget its failures, but not its setbacks.
          if (pageBetween && step.kind !== 'wait') round = { ...round, link: 'c', previousLink: 'd', failures: 0 };
        }
        return false;
      }),
    );
  });
});

describe('page budgets', () => {
  it('leave room for small pages and end what is endless', () => {
    expect([0, 1_000, 10_000, 100_000].map(pageBudget)).toEqual([200, 200, 201, 2_001]);
    expect(pageBudget(null)).toBe(10_000);
  });
});

describe('shards', () => {
  it('are a power of two of about 3,200 users', () => {
    expect([0, 3_200, 3_201, 6_401, 100_000, 400_000, 1_000_000].map(shardsFor)).toEqual([1, 1, 2, 4, 32, 64, 64]);
  });

  it('receive about as many users each, whatever made the ids', () => {
    const sources = [(index: number) => `user-${index}`, (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`];
    for (const idOf of sources) {
      const sizes = Array.from<number>({ length: 16 }).fill(0);
      for (let index = 0; index < 16_000; index += 1) sizes[shardOf(idOf(index), 16)] = (sizes[shardOf(idOf(index), 16)] ?? 0) + 1;
      for (const size of sizes) expect(Math.abs(size - 1_000)).toBeLessThan(250);
    }
  });

  it('of an id never change: the hash is FNV-1a with its published values', () => {
    expect([shardOf('', 256), shardOf('a', 256), shardOf('foobar', 256)]).toEqual([0xc5, 0x2c, 0x68]);
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 256 }), (id, shards) => shardOf(id, shards) >= 0 && shardOf(id, shards) < shards),
    );
  });
});

it('counts add up', () => {
  expect(addCounts({ ...noCounts, users: 2, pages: 1 }, { users: 3 })).toEqual({ ...noCounts, users: 5, pages: 1 });
});
