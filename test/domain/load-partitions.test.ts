// A first load in parts: everybody belongs to one part whatever happened so far, it always comes to an end, and what it cannot reach is noticed.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countsArrived,
  expectedRequests,
  isComplete,
  type LoadPlan,
  type LoadRequest,
  missedUsers,
  nextRequests,
  pageArrived,
  partitions,
  receivedSoFar,
  requestFailed,
  startPlan,
} from '../../shared/domain/load-partitions.ts';
import { partitioningPays, partsOf, prefixFilter } from '../../shared/domain/load-prefixes.ts';
import type { DirectoryFailure } from '../../shared/ports/directory.ts';

const detail = { status: null, code: null, requestId: null, sentence: 'Scripted by a test.' };
const transient: DirectoryFailure = { kind: 'transient', detail };
const throttled: DirectoryFailure = { kind: 'throttled', retryAfterMs: 1000, scope: 'tenant', detail };
const expired: DirectoryFailure = { kind: 'pageTokenExpired', detail };

const isPage = (request: LoadRequest): request is Extract<LoadRequest, { kind: 'page' }> => request.kind === 'page';
const partsWith = (plan: LoadPlan, name: string) => partitions(plan).filter((prefix) => name.startsWith(prefix));

/** A tenant of names; each stands for `weight` users with the same beginning, so that few names make a large tenant. */
function tenantOf(names: readonly string[], { weight = 1, pageSize = 999 } = {}) {
  const matching = (prefix: string) => names.filter((name) => name.startsWith(prefix));
  const count = (prefix: string) => matching(prefix).length * weight;
  const read: string[] = [];
  return {
    total: names.length * weight,
    read,
    counts: (parts: readonly string[]) => new Map(parts.map((part) => [part, count(part)])),
    page: (prefix: string, link: string | null) => {
      const from = Number(link?.split(' ')[1] ?? 0);
      const upTo = Math.min(count(prefix), from + pageSize);
      read.push(...matching(prefix).slice(Math.ceil(from / weight), Math.ceil(upTo / weight)));
      return { count: upTo - from, nextLink: upTo < count(prefix) ? `${prefix} ${upTo}` : null };
    },
  };
}

type Tenant = ReturnType<typeof tenantOf>;

function answer(plan: LoadPlan, request: LoadRequest, tenant: Tenant): LoadPlan {
  if (request.kind === 'count') return countsArrived(plan, request, tenant.counts(request.parts));
  return pageArrived(plan, request.prefix, tenant.page(request.prefix, request.link));
}

/** Asks in turns of as many requests as may be under way, all answered. */
function load(tenant: Tenant, start: LoadPlan = startPlan({ total: tenant.total })) {
  let plan = start;
  let turns = 0;
  let requests = 0;
  for (let next = nextRequests(plan, []); next.length > 0; next = nextRequests(plan, [])) {
    turns += 1;
    requests += next.length;
    for (const request of next) plan = answer(plan, request, tenant);
  }
  return { plan, turns, requests };
}

const character = fc.constantFrom(...partsOf(''));
const name = fc
  .tuple(fc.array(character, { minLength: 1, maxLength: 5 }), fc.constantFrom('contoso.example', 'c.example'))
  .map(([local, domain]) => `${local.join('')}@${domain}`);
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 60 });
/** Names that share a long beginning, like numbered accounts. */
const numbered = fc
  .array(fc.integer({ min: 0, max: 99_999 }), { minLength: 1, maxLength: 60 })
  .map((numbers) => [...new Set(numbers.map((number) => `emp${String(number).padStart(5, '0')}@contoso.example`))]);
const anyNames = fc.oneof(names, numbered);

describe('a load in parts', () => {
  it('reads everybody once, however the names are spread', () => {
    fc.assert(
      fc.property(anyNames, fc.constantFrom(1, 200, 2_000, 20_000), (people, weight) => {
        const tenant = tenantOf(people, { weight });
        const { plan } = load(tenant);
        expect(isComplete(plan)).toBe(true);
        expect(tenant.read.toSorted()).toEqual(people.toSorted());
        expect(receivedSoFar(plan)).toBe(tenant.total);
        expect(missedUsers(tenant.total, [tenant.total])).toBe(0);
      }),
    );
  });

  it('keeps each name in exactly one part, in every state, and always ends', () => {
    const step = fc.record({
      at: fc.nat(),
      outcome: fc.constantFrom('answer', 'answer', 'answer', 'answer', 'transient', 'throttled', 'expired', 'halfCounted', 'staleCount'),
    });
    fc.assert(
      fc.property(anyNames, name, fc.array(step, { maxLength: 400 }), (people, stranger, steps) => {
        const tenant = tenantOf(people, { weight: 3_000 });
        let plan = startPlan({ total: tenant.total });
        const script = [...steps];
        let requests = 0;
        for (let next = nextRequests(plan, []); next.length > 0; next = nextRequests(plan, [])) {
          const { at, outcome } = script.shift() ?? { at: 0, outcome: 'answer' };
          const request = next[at % next.length];
          if (request === undefined) break;
          requests += 1;
          if (outcome === 'transient') plan = requestFailed(plan, request, transient);
          else if (outcome === 'throttled') plan = requestFailed(plan, request, throttled);
          else if (outcome === 'expired') plan = requestFailed(plan, request, expired);
          else if (request.kind === 'count' && outcome === 'halfCounted')
            plan = countsArrived(plan, request, tenant.counts(request.parts.slice(1)));
          else if (request.kind === 'count' && outcome === 'staleCount')
            plan = countsArrived(plan, request, new Map([...tenant.counts(request.parts)].map(([part, count]) => [part, count + 40_000])));
          else plan = answer(plan, request, tenant);
          expect(requests).toBeLessThan(20_000);
          for (const known of [...people.slice(0, 3), stranger]) expect(partsWith(plan, known)).toHaveLength(1);
          if (plan.givenUp !== null) expect(nextRequests(plan, [])).toEqual([]);
        }
        expect(isComplete(plan)).toBe(plan.givenUp === null);
        if (isComplete(plan)) expect(new Set(tenant.read)).toEqual(new Set(people));
      }),
    );
  });

  it('has as many requests under way as it may, each for another part', () => {
    const tenant = tenantOf(
      partsOf('').map((part) => `${part}x@contoso.example`),
      { weight: 3_000 },
    );
    let plan = startPlan({ total: tenant.total });
    const underWay: LoadRequest[] = [...nextRequests(plan, [])];
    expect(underWay.map(({ kind }) => kind)).toEqual(['count', 'count', 'count']);
    while (underWay.length > 0) {
      const [first] = underWay.splice(0, 1);
      if (first !== undefined) plan = answer(plan, first, tenant);
      underWay.push(...nextRequests(plan, underWay));
      expect(underWay.length).toBeLessThanOrEqual(8);
      const prefixes = underWay.filter(isPage).map(({ prefix }) => prefix);
      expect(new Set(prefixes).size).toBe(prefixes.length);
      expect(Object.keys(plan.reading).length).toBeLessThanOrEqual(8);
    }
    expect(isComplete(plan)).toBe(true);
  });

  it('begins with the largest parts, and goes on with parts that were begun before it begins others', () => {
    const tenant = tenantOf(['a1@c', 'b1@c', 'b2@c', 'b3@c', 'c1@c', 'c2@c'], { weight: 1_500 });
    let plan = startPlan({ total: tenant.total, parallel: 2 });
    while (Object.keys(plan.splitting).length > 0) for (const request of nextRequests(plan, [])) plan = answer(plan, request, tenant);
    expect(nextRequests(plan, []).map(({ prefix }) => prefix)).toEqual(['b', 'c']);
    plan = answer(plan, { kind: 'page', prefix: 'c', link: null }, tenant);
    expect(nextRequests(plan, [])).toMatchObject([{ prefix: 'c', link: 'c 999' }, { prefix: 'b' }]);
  });
});

describe('large letters', () => {
  it('are cut only where their pages would hold up the load', () => {
    const even = tenantOf(
      'abcdefghijklmnopqrst'.split('').map((letter) => `${letter}a@c.example`),
      { weight: 5_000 },
    );
    expect(partitions(load(even).plan)).toHaveLength(partsOf('').length);
    const skewed = tenantOf(
      'abcdefghijklmnopqrst'.split('').map((letter) => `u${letter}@c.example`),
      { weight: 5_000 },
    );
    const { plan, turns } = load(skewed);
    expect(partitions(plan)).toContain('ua');
    expect(partitions(plan)).not.toContain('u');
    expect(turns).toBeLessThan(24);
  });

  it('take a tenant of numbered accounts apart behind their common beginning', () => {
    const people = Array.from({ length: 100 }, (_, number) => `emp${String(number).padStart(4, '0')}@c.example`);
    const { turns, requests } = load(tenantOf(people, { weight: 1_000 }));
    // One chain would take 101 turns.
    expect(turns).toBeLessThan(40);
    expect(requests).toBeLessThan(250);
  });

  it('with names that go on with an unknown character are read whole', () => {
    const tenant = tenantOf(['uß@c', 'ua@c', 'ub@c', 'uc@c'], { weight: 20_000 });
    const { plan } = load(tenant);
    expect(plan.done).toContain('u');
    expect(plan.done).not.toContain('ua');
    expect(tenant.read.toSorted()).toEqual(['ua@c', 'ub@c', 'uc@c', 'uß@c']);
  });

  it('have whole names among their parts', () => {
    expect(partsOf('a')).toContain('a@');
    expect(partsOf('')).not.toContain('@');
    const { plan } = load(tenantOf(['u@c', ...'abcdefghi'.split('').map((letter) => `u${letter}@c`)], { weight: 9_000 }));
    expect(plan.done).toContain('u@');
    expect(partsWith(plan, 'u@c')).toEqual(['u@']);
  });
});

describe('names that begin with an unknown character', () => {
  it('belong to no part, and a few of them are noticed by the count at the end', () => {
    const people = Array.from({ length: 5_000 }, (_, number) => `a${number}@c`);
    const tenant = tenantOf([...people, 'éva@c', 'ødd@c']);
    const { plan } = load(tenant);
    expect(isComplete(plan)).toBe(true);
    expect(partsWith(plan, 'éva@c')).toEqual([]);
    expect(missedUsers(new Set(tenant.read).size, [tenant.total, tenant.total])).toBe(2);
  });

  it('end the load before it began when they are many', () => {
    const { plan, requests } = load(tenantOf(['ana@c', 'ben@c', 'éva@c'], { weight: 5_000 }));
    expect(plan.givenUp).toBe('uncovered');
    expect(requests).toBe(3);
  });

  it('are not suspected because somebody came while the load ran', () => {
    expect(missedUsers(10_003, [10_000, 10_005])).toBe(0);
    expect(missedUsers(9_999, [10_000, 9_999])).toBe(0);
    expect(missedUsers(9_998, [10_000, 9_999])).toBe(1);
  });
});

describe('a failure', () => {
  const tenant = tenantOf(['ana@c', 'ben@c'], { weight: 3_000 });
  const counted = (() => {
    let plan = startPlan({ total: tenant.total });
    for (const request of nextRequests(plan, [])) plan = answer(plan, request, tenant);
    return plan;
  })();
  const first: LoadRequest = { kind: 'page', prefix: 'a', link: null };
  const fail = (plan: LoadPlan, failure: DirectoryFailure, times = 1) =>
    Array.from({ length: times }).reduce<LoadPlan>((now) => requestFailed(now, first, failure), plan);
  const broken = (status: number): DirectoryFailure => ({ kind: 'broken', detail: { ...detail, status } });

  it.each([
    ['unsupported', { kind: 'unsupported', detail }],
    ['a refusal for good', broken(400)],
    ['not implemented', broken(501)],
    ['lost access', { kind: 'accessLost', owner: 'theirs', detail }],
  ] as const)('that says %s ends the load in parts', (_name, failure) => {
    expect(fail(counted, failure).givenUp).toBe('refused');
  });

  it('that may pass is met with the same request, three times in a row at most', () => {
    expect(nextRequests(fail(counted, transient, 2), [])).toContainEqual(first);
    expect(fail(counted, transient, 3).givenUp).toBe('failing');
    expect(fail(counted, broken(200), 3).givenUp).toBe('failing');
    const better = pageArrived(fail(counted, transient, 2), 'a', { count: 999, nextLink: 'x' });
    expect(fail(better, transient, 2).givenUp).toBeNull();
    expect(fail(counted, throttled, 50)).toEqual(counted);
  });

  it('of a link begins its part again, but not for ever', () => {
    let plan = counted;
    for (let round = 0; round < 12; round += 1) {
      plan = pageArrived(plan, 'a', { count: 999, nextLink: `a ${round}` });
      plan = requestFailed(plan, { kind: 'page', prefix: 'a', link: `a ${round}` }, expired);
      expect(nextRequests(plan, [])).toContainEqual(first);
      expect(receivedSoFar(plan)).toBe(0);
    }
    plan = pageArrived(plan, 'a', { count: 999, nextLink: 'x' });
    expect(requestFailed(plan, { kind: 'page', prefix: 'a', link: 'x' }, expired).givenUp).toBe('failing');
  });

  it('of counts in part asks for the missing ones again', () => {
    const plan = startPlan({ total: 10_000 });
    const [request] = nextRequests(plan, []);
    if (request?.kind !== 'count') throw new Error('A load begins with counts.');
    const halfway = countsArrived(plan, request, new Map([['a', 5]]));
    const again = nextRequests(halfway, []).flatMap((asked) => (asked.kind === 'count' ? asked.parts : []));
    expect(again).toHaveLength(partsOf('').length - 1);
    const fruitless = Array.from({ length: 3 }).reduce<LoadPlan>((now) => countsArrived(now, request, new Map()), halfway);
    expect(fruitless.givenUp).toBe('failing');
  });

  it('that all requests meet once, side by side, does not end the load', () => {
    const three = tenantOf(['ana@c', 'ben@c', 'zoe@c'], { weight: 3_000 });
    const begin = startPlan({ total: three.total });
    const requests = nextRequests(begin, []);
    expect(requests.length).toBeGreaterThan(2);
    const failed = requests.reduce<LoadPlan>((plan, request) => requestFailed(plan, request, transient), begin);
    expect(isComplete(load(three, failed).plan)).toBe(true);
    const inPart = requests.reduce<LoadPlan>((plan, request) => {
      if (request.kind !== 'count') throw new Error('A load begins with counts.');
      return countsArrived(plan, request, three.counts(request.parts.slice(0, 3)));
    }, begin);
    expect(isComplete(load(three, inPart).plan)).toBe(true);
  });

  it('to end is noticed: pages that link to themselves, and parts that never stop', () => {
    const looping = pageArrived(pageArrived(counted, 'a', { count: 0, nextLink: 'same' }), 'a', { count: 0, nextLink: 'same' });
    expect(looping.givenUp).toBe('endless');
    let plan = counted;
    for (let page = 0; plan.givenUp === null; page += 1) plan = pageArrived(plan, 'a', { count: 1, nextLink: `a ${page}` });
    expect(plan.givenUp).toBe('endless');
    expect(plan.pages).toBeLessThan(3_000);
  });
});

describe('a stored plan', () => {
  it('resumes as it was, with what was under way to be asked again', () => {
    const tenant = tenantOf(['ana@c', 'ben@c'], { weight: 3_000 });
    let plan = startPlan({ total: tenant.total });
    for (const request of nextRequests(plan, [])) plan = answer(plan, request, tenant);
    plan = answer(plan, { kind: 'page', prefix: 'a', link: null }, tenant);
    const restored = JSON.parse(JSON.stringify(plan)) as LoadPlan;
    expect(restored).toEqual(plan);
    expect(isComplete(load(tenant, restored).plan)).toBe(true);
  });

  it('stays below 20 KB for the most parts and links as long as Graph’s', () => {
    const people = Array.from({ length: 300 }, (_, number) => `employee${String(number * 331).padStart(6, '0')}@c.example`);
    const tenant = tenantOf(people, { weight: 1_000 });
    const padding = 'x'.repeat(1_300);
    let plan = startPlan({ total: tenant.total });
    let largest = 0;
    for (let next = nextRequests(plan, []); next.length > 0; next = nextRequests(plan, [])) {
      for (const request of next) {
        const plain = isPage(request) ? { ...request, link: request.link?.replace(padding, '') ?? null } : request;
        if (isPage(plain)) {
          const page = tenant.page(plain.prefix, plain.link);
          plan = pageArrived(plan, plain.prefix, { ...page, nextLink: page.nextLink === null ? null : `${page.nextLink}${padding}` });
        } else plan = answer(plan, plain, tenant);
        largest = Math.max(largest, JSON.stringify(plan).length);
      }
    }
    expect(isComplete(plan)).toBe(true);
    expect(partitions(plan).length).toBeGreaterThan(300);
    expect(largest).toBeGreaterThan(8 * padding.length);
    expect(largest).toBeLessThan(20_000);
  });
});

describe('the number of requests', () => {
  it('is foretold', () => {
    const tenant = tenantOf(
      'abcdefghij'.split('').map((letter) => `${letter}a@c`),
      { weight: 10_000 },
    );
    let plan = startPlan({ total: tenant.total });
    expect(expectedRequests(plan)).toBe(3 + 101);
    for (const request of nextRequests(plan, [])) plan = answer(plan, request, tenant);
    expect(expectedRequests(plan)).toBe(10 * 11);
    expect(load(tenant).requests).toBe(3 + 10 * 11);
  });

  it('decides above which size a load in parts pays', () => {
    expect([50, 3_000, 3_001, 100_000].map(partitioningPays)).toEqual([false, false, true, true]);
  });
});

it('a filter doubles quotes', () => {
  expect(prefixFilter("o'b")).toBe("startswith(userPrincipalName,'o''b')");
  expect(prefixFilter("'")).toBe("startswith(userPrincipalName,'''')");
});
