// What a mailbox is for, and how many requests it takes at once (docs/graph.md §9 item 54).
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { castRoles } from '../world/awkward-cast.ts';
import { errorCode, type GraphFixture, startFixture, tenantA } from './graph-fixture.ts';
import { defaultSettings, plainSettings } from './settings.ts';

let fixture: GraphFixture;
beforeAll(async () => {
  fixture = await startFixture({ users: 450 });
});
beforeEach(() => {
  Object.assign(fixture.graph.settings(tenantA), defaultSettings, plainSettings);
});
afterAll(() => fixture.stop());

const idOf = (ordinal: number) => fixture.world.directory(tenantA)?.idAt(ordinal) ?? '';

describe('mailbox settings', () => {
  const purpose = (role: number, target = 'mailboxSettings/userPurpose') => fixture.get(`/users/${idOf(role)}/${target}`);

  it('54: tell what a mailbox is for', async () => {
    for (const [role, expected] of [
      [castRoles.renamed, 'user'],
      [castRoles.sharedDisabled, 'shared'],
      [castRoles.sharedEnabled, 'shared'],
      [castRoles.room, 'room'],
      [castRoles.equipment, 'equipment'],
    ] as const) {
      expect((await purpose(role)).json['value']).toBe(expected);
      expect((await purpose(role, 'mailboxSettings')).json['userPurpose']).toBe(expected);
    }
  });

  it('54: are denied without permission and for guests, and not found without a mailbox', async () => {
    const denied = await fixture.get(`/users/${idOf(castRoles.room)}/mailboxSettings`, {
      headers: { authorization: fixture.bearer(tenantA, ['User.Read.All']) },
    });
    expect(denied.status).toBe(403);
    expect((await purpose(castRoles.guest)).status).toBe(403);
    const missing = await purpose(castRoles.resourceAccount);
    expect([missing.status, errorCode(missing)]).toEqual([404, 'MailboxNotEnabledForRESTAPI']);
  });

  it('54: take four requests at a time for one mailbox, and cannot be listed', async () => {
    const { requestCount } = fixture.graph;
    const before = requestCount(tenantA);
    fixture.graph.settings(tenantA).latencyMs = 3_000;
    const four = Array.from({ length: 4 }, async () => await purpose(castRoles.room));
    while (requestCount(tenantA) < before + 4) await new Promise((resolve) => setImmediate(resolve));
    const more = [purpose(castRoles.room), purpose(castRoles.room)];
    const statuses = async (replies: typeof four) => (await Promise.all(replies)).map(({ status }) => status);
    expect([await statuses(more), await statuses(four)]).toEqual([
      [429, 429],
      [200, 200, 200, 200],
    ]);
    fixture.graph.settings(tenantA).latencyMs = 0;
    expect((await purpose(castRoles.room)).status).toBe(200);
    expect((await fixture.get('/users?$select=id,mailboxSettings')).status).toBe(501);
  });
});
