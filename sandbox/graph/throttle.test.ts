// Throttling: resource units, quotas by tenant size, and the headers of a 429 (docs/graph.md §9 item 50).
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GraphFixture, errorCode, startFixture, tenantA, tenantB } from './graph-fixture.ts';
import { defaultSettings, plainSettings } from './settings.ts';

const hour = 3_600_000;
const feed = '/users/delta?$select=displayName';

let fixture: GraphFixture;
beforeAll(async () => {
  fixture = await startFixture({ users: 450 });
});
beforeEach(() => {
  Object.assign(fixture.graph.settings(tenantA), defaultSettings, plainSettings);
  fixture.graph.faults.clear();
});
afterAll(() => fixture.stop());

describe('throttling', () => {
  it('50: ordered 429s carry Retry-After as integer, fraction, date or not at all, and say whose quota it is', async () => {
    const seen: (string | undefined)[] = [];
    for (const retryAfter of [7, 2.128, 'date', 'absent'] as const) {
      fixture.graph.faults.next(tenantA, { respond: '429', retryAfter });
      const refused = await fixture.get(feed);
      expect([refused.status, errorCode(refused)]).toEqual([429, 'TooManyRequests']);
      expect(refused.headers['x-ms-throttle-scope']).toBe(`Tenant_Application/ReadWrite/app-1/${tenantA}`);
      expect(refused.headers['x-ms-throttle-information']).toBe('ResourceUnitLimitExceeded');
      seen.push(refused.headers['retry-after']);
    }
    expect(seen).toEqual(['7', '2.128', new Date(fixture.clock.now() + 5_000).toUTCString(), undefined]);
    expect((await fixture.get(feed)).status).toBe(200);
  });

  it('50: resource units follow the cost rules', async () => {
    const units = async (target: string) => (await fixture.get(target)).headers['x-ms-resource-unit'];
    expect(await units('/users')).toBe('2');
    expect(await units('/users?$select=id')).toBe('1');
    expect(await units('/users?$expand=manager')).toBe('3');
    expect(await units('/users?$expand=manager&$select=id')).toBe('2');
    expect(await units('/users?$expand=manager&$top=5')).toBe('2');
    expect(await units(feed)).toBe('1');
    expect(await units(`/users/${fixture.world.directory(tenantA)?.idAt(50)}`)).toBe('1');
  });

  it('50: above the quota calls are refused, too early calls wait longer, and time heals', async () => {
    const settings = fixture.graph.settings(tenantA);
    settings.resourceUnitsPer10s = 20;
    fixture.clock.advance(hour);
    const replies = [];
    for (let call = 0; call < 11; call++) replies.push(await fixture.get('/users?$top=20'));
    expect(replies.map((reply) => reply.status)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    const shares = replies.map((reply) => reply.headers['x-ms-throttle-limit-percentage']);
    expect(shares.slice(0, 7).every((share) => share === undefined)).toBe(true);
    expect(shares.slice(7, 10)).toEqual(['0.80', '0.90', '1.00']);
    const wait = Number(replies.at(-1)?.headers['retry-after']);
    const early = await fixture.get('/users?$top=20');
    expect(early.status).toBe(429);
    expect(Number(early.headers['retry-after'])).toBeGreaterThan(wait);
    expect((await fixture.get('/users?$top=20', { tenantId: tenantB })).status).toBe(200);
    fixture.clock.advance(Number(early.headers['retry-after']) * 1_000);
    expect((await fixture.get('/users?$top=20')).status).toBe(200);
  });

  it('50: the quota follows the size of the tenant', async () => {
    fixture.clock.advance(hour);
    const usedUp = async (tenantId: string, calls: number) => {
      let refused = 0;
      for (let call = 0; call < calls; call++) {
        const body = {
          requests: Array.from({ length: 20 }, (_, index) => ({ id: String(index), method: 'GET', url: '/users?$expand=manager' })),
        };
        const reply = await fixture.get('/$batch', { tenantId, body });
        refused += (reply.json['responses'] as { readonly status: number }[]).filter((part) => part.status === 429).length;
        if (refused > 0) return (call + 1) * 20 - refused;
      }
      return undefined;
    };
    expect(await usedUp(tenantB, 80)).toBe(Math.floor(3_500 / 3));
    expect(await usedUp(tenantA, 100)).toBe(Math.floor(5_000 / 3));
    fixture.clock.advance(hour);
  });
});
