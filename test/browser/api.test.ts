// The portal's requests over real HTTP, against canned answers that satisfy the contracts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Api, makeApi } from '../../portal/api.ts';
import { noFilters, userQuery } from '../../portal/list-query.ts';
import { makeSend, problemOf, readProblem } from '../../portal/request.ts';
import { startStubApi, type StubApi } from './stub-api.ts';
import * as stub from './stub-company.ts';

const { companyId, mspId } = stub;
let server: StubApi;
let api: Api;

beforeEach(async () => {
  server = await startStubApi();
  api = makeApi(makeSend(server.base));
});
afterEach(async () => await server.close());

/** What a request that must fail said. */
async function problemIn(work: Promise<unknown>) {
  return await work.then(() => expect.unreachable('It should have been refused.'), problemOf);
}

describe('reading', () => {
  it('gets what the contracts promise', async () => {
    expect(await api.me()).toEqual(stub.me);
    expect(await api.integration(companyId)).toEqual(stub.integration);
    expect(await api.progress(companyId)).toEqual(stub.idle);
    expect(await api.runs(companyId, { limit: '10' })).toEqual(stub.runPage);
    expect(await api.mails(companyId)).toEqual(stub.mailList.mails);
    expect(await api.audit(companyId, {})).toEqual(stub.auditPage);
    expect(await api.admins(companyId)).toEqual([stub.admin]);
    expect(await api.counts(companyId)).toEqual(stub.counts);
    expect(await api.history(companyId, stub.makeUser(1).userId)).toEqual(stub.history.lines);
  });

  it('walks through a list by its page tokens', async () => {
    const first = await api.users(companyId, userQuery('pending', noFilters, null));
    const second = await api.users(companyId, userQuery('pending', noFilters, first.nextPage));
    expect(first.users.map(({ displayName }) => displayName)).toEqual(['Person 1', 'Person 2', 'Person 3']);
    expect(second.users.map(({ displayName }) => displayName)).toEqual(['Person 4', 'Person 5', 'Person 6']);
  });
});

describe('deciding', () => {
  it('decides one under the revision that was seen', async () => {
    const user = await api.user(companyId, stub.makeUser(1).userId);
    expect(await api.decide(companyId, user, 'approve')).toMatchObject({ decision: 'approved', etag: '"1"' });
  });

  it('hears who was faster', async () => {
    const user = await api.user(companyId, stub.makeUser(1).userId);
    await api.decide(companyId, user, 'deny');
    expect(await problemIn(api.decide(companyId, user, 'approve'))).toMatchObject({
      status: 412,
      code: 'already-decided',
      detail: 'Already denied by Ada Admin.',
    });
  });

  it('decides many, and a repeated request decides nothing twice', async () => {
    const request = { command: 'deny', userIds: [stub.makeUser(1).userId, stub.makeUser(99).userId], reason: 'Not trained' } as const;
    const first = await api.decideMany(companyId, request, 'key-1');
    expect(await api.decideMany(companyId, request, 'key-1')).toEqual(first);
    expect(first).toMatchObject({ decided: 1, notFound: 1 });
    expect(server.state().users[0]).toMatchObject({ decision: 'denied', decisionReason: 'Not trained', etag: '"1"' });
  });
});

describe('changing a company', () => {
  it('saves settings under the ETag they were read with, and refuses an old one', async () => {
    const { etag } = await api.settings(companyId);
    const saved = await api.changeSettings(companyId, { syncPaused: true }, etag);
    expect(saved.settings.syncPaused).toBe(true);
    expect(saved.etag).not.toBe(etag);
    expect(await problemIn(api.changeSettings(companyId, { syncPaused: false }, etag))).toMatchObject({ status: 409, code: 'conflict' });
  });

  it('starts consent, disconnects and syncs', async () => {
    expect(await api.startIntegration(companyId)).toBe('https://login.example/consent');
    await expect(api.disconnect(companyId)).resolves.toBeUndefined();
    expect(await api.syncNow(companyId, false)).toMatchObject({ outcome: 'started' });
    expect(server.requests).toEqual(
      ['POST integration/start', 'DELETE integration', 'POST sync'].map((each) => each.replace(' ', ` /api/v1/companies/${companyId}/`)),
    );
  });

  it('adds companies and admins, and hears that the last admin stays', async () => {
    expect(await api.addCompany(mspId, { name: 'New Co', timeZone: 'UTC', expectedDomain: null })).toMatchObject({ name: 'New Co' });
    const { tenantId, objectId } = stub.admin;
    expect(await api.addAdmin(companyId, { tenantId, objectId, name: 'Cy', mail: null, role: 'companyReader' })).toMatchObject({
      name: 'Cy',
    });
    expect(await problemIn(api.removeAdmin(companyId, stub.admin.adminId))).toMatchObject({ code: 'last-admin' });
  });
});

describe('problems', () => {
  it('tells an ended session by its status', async () => {
    server.change({ isSignedIn: false });
    expect(await problemIn(api.me())).toMatchObject({ status: 401, code: 'not-signed-in' });
  });

  it('tells a server that cannot be reached', async () => {
    const elsewhere = makeApi(makeSend('http://127.0.0.1:1'));
    expect(await problemIn(elsewhere.me())).toMatchObject({ status: 0, title: 'Muster cannot be reached.' });
  });

  it('names an answer that is no problem document by its status', () => {
    expect(readProblem(502, null)).toMatchObject({ title: 'The server answered with status 502.', detail: null });
  });

  it('does not say the same thing twice', () => {
    expect(readProblem(409, { title: 'Same.', detail: 'Same.' }).detail).toBeNull();
  });
});
