// If-Match and Idempotency-Key: no decision overwrites a newer one, and a repeated request is done once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserView } from '../../sandbox/api.ts';
import { type Ground, openGround, refusedWith } from './ground.ts';
import { expectProblem } from './send.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(async () => await ground?.stage.stop());

describe('If-Match', () => {
  const decide = async (user: UserView, headers: Readonly<Record<string, string>>) =>
    await ground.ask('POST', `${ground.base}/users/${user.userId}/decision`, { body: { command: 'approve' }, headers });

  it('must be sent, in the form it came', async () => {
    const user = ground.userAt(3);
    const missing = await decide(user, {});
    expect(missing.status).toBe(428);
    expectProblem(missing, 'precondition-required');
    for (const garbled of [
      '*',
      '0',
      '""',
      '"0',
      '"0","1"',
      '"zero"',
      '"-1"',
      '"0x0"',
      '" 0"',
      '"1e3"',
      `"${'9'.repeat(16)}"`,
      `"${'x'.repeat(400)}"`,
      'null',
    ]) {
      refusedWith(await decide(user, { 'if-match': garbled }), 'If-Match');
    }
    expect(await ground.company.admin.user(ground.company.companyId, user.userId)).toMatchObject({ decision: 'pending', etag: user.etag });
  });

  it('must be the present one', async () => {
    const user = ground.userAt(3);
    const early = await decide(user, { 'if-match': '"7"' });
    expect(early.status).toBe(412);
    expectProblem(early, 'already-decided');
    expect((await decide(user, { 'if-match': user.etag })).status).toBe(200);
    const late = await ground.ask('POST', `${ground.base}/users/${user.userId}/decision`, {
      body: { command: 'deny' },
      headers: { 'if-match': user.etag },
    });
    expect(late.status).toBe(412);
    expect(late.body).toMatchObject({
      code: 'already-decided',
      facts: { decision: 'approved', decidedBy: 'Mira Msp (mira.msp@lighthouse.example)' },
    });
    await ground.company.admin.decide(
      ground.company.companyId,
      await ground.company.admin.user(ground.company.companyId, user.userId),
      'reopen',
    );
  });

  it('guards settings as well', async () => {
    const change = async (headers: Readonly<Record<string, string>>) =>
      await ground.ask('PATCH', `${ground.base}/settings`, { body: { syncPaused: false }, headers });
    expect((await change({})).status).toBe(428);
    refusedWith(await change({ 'if-match': 'soon' }), 'If-Match');
    expectProblem(await change({ 'if-match': '"c29vbg"' }), 'conflict');
    const etag = await ground.settingsEtag();
    expect((await change({ 'if-match': etag })).status).toBe(200);
    expectProblem(await change({ 'if-match': etag }), 'conflict');
  });
});

describe('Idempotency-Key', () => {
  const decide = async (userIds: readonly string[], key: string, command = 'deny') =>
    await ground.ask('POST', `${ground.base}/decisions`, {
      body: { command, userIds, reason: 'Once' },
      headers: { 'idempotency-key': key },
    });

  it('gives the same answer to the same request, which is done once', async () => {
    const ids = [ground.userAt(5).userId, ground.userAt(6).userId];
    const first = await decide(ids, 'key-1');
    expect(first.body).toMatchObject({ decided: 2 });
    await ground.company.admin.decide(ground.company.companyId, await ground.userNow(5), 'reopen');
    const second = await decide(ids, 'key-1');
    expect(second.body).toEqual(first.body);
    expect(await ground.userNow(5)).toMatchObject({ decision: 'pending' });
  });

  it('is refused for a different request, which is not done', async () => {
    await decide([ground.userAt(7).userId], 'key-2');
    for (const answer of [await decide([ground.userAt(8).userId], 'key-2'), await decide([ground.userAt(7).userId], 'key-2', 'approve')]) {
      expect(answer.status).toBe(422);
      expectProblem(answer, 'idempotency-mismatch');
    }
    expect(await ground.userNow(8)).toMatchObject({ decision: 'pending' });
    expect(await ground.userNow(7)).toMatchObject({ decision: 'denied' });
  });

  it('lets one of two different requests at the same moment through', async () => {
    const answers = await Promise.all([decide([ground.userAt(9).userId], 'key-3'), decide([ground.userAt(10).userId], 'key-3')]);
    expect(answers.map((answer) => answer.status).toSorted((left, right) => left - right)).toEqual([200, 422]);
    const refused = answers.findIndex((answer) => answer.status === 422);
    expect(await ground.userNow(9 + refused)).toMatchObject({ decision: 'pending' });
  });

  it('gives the same answer to the same request at the same moment', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(async () => await decide([ground.userAt(11).userId], 'key-4')));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    const later = await decide([ground.userAt(11).userId], 'key-4');
    expect(answers.map((answer) => answer.body)).toContainEqual(later.body);
    const audit = await ground.company.admin.audit(ground.company.companyId);
    expect(audit.filter((entry) => entry.userIds.includes(ground.userAt(11).userId))).toHaveLength(1);
  });

  it('is visible ASCII of at most 128 characters', async () => {
    for (const key of ['', 'two words', 'x'.repeat(129), 'é'])
      refusedWith(await decide([ground.userAt(12).userId], key), 'Idempotency-Key');
    expect(await ground.userNow(12)).toMatchObject({ decision: 'pending' });
  });
});
