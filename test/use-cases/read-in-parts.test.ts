// Reading in parts: what came is handed over once with the plan behind it, whatever fails, and nothing piles up or goes on unseen.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isComplete, type LoadPlan, receivedSoFar, startPlan } from '../../shared/domain/load-partitions.ts';
import { partsOf } from '../../shared/domain/load-prefixes.ts';
import type { Answer, DirectoryFailure } from '../../shared/ports/directory.ts';
import { type PartReading, type PartsRead, readInParts } from '../../shared/use-cases/read-in-parts.ts';
import { failures } from '../builders.ts';
import { makeSettableClock } from '../fakes/ports.ts';

const start = Date.parse('2026-03-02T08:00:00.000Z');
const shortly: DirectoryFailure = { ...failures.throttled, retryAfterMs: 4_000 };
const unanswerable: DirectoryFailure = { ...failures.broken, detail: { ...failures.broken.detail, status: 501 } };

/** Lets whoever else has something to do go first, that many times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

interface Tenant {
  readonly names: readonly string[];
  readonly pageSize: number;
  /** What meets each request, one each; then all is well. */
  readonly script?: readonly ({ readonly failure: DirectoryFailure | null; readonly turns: number } | 'throws')[];
}

/** A tenant of names, and all that was handed over of it. */
function openTenant({ names, pageSize, script = [] }: Tenant) {
  const clock = makeSettableClock(new Date(start));
  const steps = [...script];
  const answered: string[] = [];
  const taken: { readonly entries: readonly string[]; readonly plan: LoadPlan }[] = [];
  let underWay = 0;
  let most = 0;
  let requests = 0;

  const answer = async <T>(value: () => T): Promise<Answer<T>> => {
    requests += 1;
    underWay += 1;
    most = Math.max(most, underWay);
    const step = steps.shift() ?? { failure: null, turns: 1 };
    await turns(step === 'throws' ? 40 : step.turns);
    clock.advance(50);
    underWay -= 1;
    if (step === 'throws') throw new Error('The connection broke.');
    return step.failure === null ? { ok: true, value: value() } : { ok: false, failure: step.failure };
  };
  const matching = (prefix: string) => names.filter((name) => name.startsWith(prefix));
  const page: PartReading<string>['page'] = async (link, prefix) =>
    await answer(() => {
      const from = Number(link?.split(' ')[1] ?? 0);
      const all = matching(link?.split(' ')[0] ?? prefix);
      const entries = all.slice(from, from + pageSize);
      answered.push(...entries);
      return { entries, nextLink: from + pageSize < all.length ? `${prefix} ${from + pageSize}` : null };
    });
  const read = async (reading: Partial<PartReading<string>> = {}): Promise<PartsRead> =>
    await readInParts<string>({
      directory: {
        countByPrefix: async (prefixes) => await answer(() => new Map(prefixes.map((prefix) => [prefix, matching(prefix).length]))),
      },
      clock,
      pause: async (milliseconds) => clock.advance(milliseconds),
      plan: startPlan({ total: names.length }),
      deadline: Number.POSITIVE_INFINITY,
      page,
      take: async (entries, plan) => {
        taken.push({ entries, plan });
        return 'goOn';
      },
      ...reading,
    });
  const handedOver = () => taken.flatMap(({ entries }) => entries);
  return { clock, answered, taken, handedOver, read, underWay: () => underWay, most: () => most, requests: () => requests };
}

const initials = partsOf('');
/** People for every initial, more of them for the first ones. */
const crowd = initials.flatMap((initial, index) =>
  Array.from({ length: Math.max(2, 30 - index) }, (_, number) => `${initial}${String(number).padStart(3, '0')}@contoso.example`),
);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ failure: fc.constant(null), turns: fc.nat(12) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      failure: fc.constantFrom<DirectoryFailure>(shortly, failures.transient, failures.pageTokenExpired, failures.throttled, unanswerable),
      turns: fc.nat(12),
    }),
  },
);

describe('what is handed over', () => {
  it('is each page that came, once, and the plan with it covers just that', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(crowd, { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(step, { maxLength: 120 }),
        fc.array(fc.nat(20), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        async (names, pageSize, script, slowness, at) => {
          const tenant = openTenant({ names, pageSize, script });
          const { plan, failure } = await tenant.read({
            take: async (entries, planSoFar) => {
              tenant.taken.push({ entries, plan: planSoFar });
              await turns(slowness[tenant.taken.length % slowness.length] ?? 0);
              return 'goOn';
            },
          });
          expect(tenant.handedOver()).toEqual(tenant.answered);
          expect(tenant.taken.at(-1)?.plan).toEqual(plan);
          expect(tenant.underWay()).toBe(0);
          expect(tenant.most()).toBeLessThanOrEqual(8);
          expect(isComplete(plan)).toBe(failure === null && plan.givenUp === null);

          // Going on from any plan that was handed over brings all others, and nobody else.
          const stop = at % tenant.taken.length;
          const stored = tenant.taken[stop]?.plan;
          if (stored === undefined || stored.givenUp !== null) return;
          const before = tenant.taken.slice(0, stop + 1).flatMap(({ entries }) => entries);
          const later = openTenant({ names, pageSize });
          const resumed = await later.read({ plan: JSON.parse(JSON.stringify(stored)) as LoadPlan });
          expect(isComplete(resumed.plan)).toBe(true);
          expect(new Set([...before, ...later.handedOver()])).toEqual(new Set(names));
          expect(later.handedOver()).toHaveLength(names.length - receivedSoFar(stored));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('includes what came while the last but one was taken', async () => {
    const tenant = openTenant({ names: crowd, pageSize: 999 });
    const { plan } = await tenant.read({
      take: async (entries, planSoFar) => {
        tenant.taken.push({ entries, plan: planSoFar });
        await turns(500);
        return 'goOn';
      },
    });
    expect(isComplete(plan)).toBe(true);
    expect(tenant.handedOver().toSorted()).toEqual(crowd.toSorted());
  });

  it('is never more than what may be under way at once, however long it takes', async () => {
    const tenant = openTenant({ names: crowd, pageSize: 3 });
    let largest = 0;
    await tenant.read({
      take: async (entries) => {
        largest = Math.max(largest, entries.length);
        const before = tenant.requests();
        await turns(500);
        expect(tenant.requests()).toBe(before);
        return 'goOn';
      },
    });
    expect(largest).toBeGreaterThan(3);
    expect(largest).toBeLessThanOrEqual(8 * 3);
  });
});

describe('a reading ends', () => {
  it('without a further request when told to stop, with the plan that was last taken', async () => {
    const tenant = openTenant({ names: crowd, pageSize: 5 });
    let asked = 0;
    const { plan } = await tenant.read({
      take: async (entries, planSoFar) => {
        tenant.taken.push({ entries, plan: planSoFar });
        asked = tenant.requests();
        return tenant.handedOver().length > 40 ? 'stop' : 'goOn';
      },
    });
    expect(tenant.requests()).toBe(asked);
    expect(tenant.underWay()).toBe(0);
    expect(receivedSoFar(plan)).toBe(tenant.handedOver().length);
  });

  it('when time is up, with all that was under way', async () => {
    const tenant = openTenant({ names: crowd, pageSize: 5 });
    const { plan, failure } = await tenant.read({ deadline: start + 1_000 });
    expect(failure).toBeNull();
    expect(isComplete(plan)).toBe(false);
    expect(tenant.handedOver()).toEqual(tenant.answered);
    expect(receivedSoFar(plan)).toBe(tenant.answered.length);
    expect(tenant.clock.now().getTime()).toBeLessThan(start + 1_000 + 8 * 50 + 1);
  });

  it('in as many stretches as it takes, when none has any time', async () => {
    const tenant = openTenant({ names: crowd, pageSize: 5 });
    let plan = startPlan({ total: crowd.length });
    for (let stretch = 0; !isComplete(plan); stretch += 1) {
      expect(stretch).toBeLessThan(500);
      ({ plan } = await tenant.read({ plan, deadline: 0 }));
    }
    expect(tenant.handedOver().toSorted()).toEqual(crowd.toSorted());
  });

  it.each([
    ['Graph asks for a long pause', failures.throttled],
    ['access is lost', failures.accessLost],
  ])('when %s, and can go on behind what came', async (_why, failure) => {
    const counted = Array.from({ length: 3 }, () => ({ failure: null, turns: 1 }));
    const tenant = openTenant({ names: crowd, pageSize: 5, script: [...counted, ...counted, { failure, turns: 1 }] });
    const first = await tenant.read();
    expect(first.failure).toEqual(failure);
    expect(first.plan.givenUp).toBeNull();
    expect(tenant.requests()).toBeLessThan(30);
    const second = await tenant.read({ plan: first.plan });
    expect(isComplete(second.plan)).toBe(true);
    expect(tenant.handedOver().toSorted()).toEqual(crowd.toSorted());
  });

  it('and not for a short pause, which it waits for', async () => {
    const script = Array.from({ length: 8 }, () => ({ failure: shortly, turns: 1 }));
    const tenant = openTenant({ names: crowd, pageSize: 999, script });
    expect(await tenant.read()).toMatchObject({ failure: null, plan: { givenUp: null } });
    expect(tenant.clock.now().getTime()).toBeGreaterThan(start + 4_000);
    expect(tenant.handedOver().toSorted()).toEqual(crowd.toSorted());
  });

  it('with the error, once nothing is under way, when a request throws', async () => {
    const fine = { failure: null, turns: 1 };
    for (const place of [0, 2, 3, 5, 20]) {
      const tenant = openTenant({ names: crowd, pageSize: 5, script: [...Array.from({ length: place }, () => fine), 'throws', 'throws'] });
      await expect(
        tenant.read({
          take: async () => {
            await turns(50);
            return 'goOn';
          },
        }),
      ).rejects.toThrow('The connection broke.');
      expect(tenant.underWay()).toBe(0);
    }
  });

  it('with the error, once nothing is under way, when taking throws', async () => {
    const fine = Array.from({ length: 5 }, () => ({ failure: null, turns: 1 }));
    const tenant = openTenant({ names: crowd, pageSize: 5, script: [...fine, 'throws', 'throws'] });
    const take = async (entries: readonly string[]) => {
      if (entries.length > 0) throw new Error('Storage is away.');
      return 'goOn' as const;
    };
    await expect(tenant.read({ take })).rejects.toThrow('Storage is away.');
    expect(tenant.underWay()).toBe(0);
  });
});
