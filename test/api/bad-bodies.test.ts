// Bodies that are wrong in every way a client, a script or an attacker finds: a clear refusal naming the field, and nothing done.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf, asAdmin } from '../../sandbox/people.ts';
import { type Ground, openGround, refusedWith } from './ground.ts';
import { expectProblem } from './send.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(async () => await ground?.stage.stop());

describe('a body', () => {
  it.each([
    ['nothing', ''],
    ['half a document', '{"name":"Cut'],
    ['two documents', '{"name":"A"}{"name":"B"}'],
    ['a comment', '{/* hi */"name":"A"}'],
    ['a number that JSON does not have', '{"name":NaN}'],
    ['bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{"name":"A"}', 'utf16le')],
    ['a word', 'name=A'],
  ])('that is no JSON is refused: %s', async (_, body) => {
    refusedWith(await ground.createCompany(body), '/');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'text/json',
    'application/json2',
  ])('of another content type is refused: %s', async (type) => {
    const answer = await ground.createCompany('{"name":"Typed"}', { 'content-type': type });
    expect(answer.status).toBe(415);
    expectProblem(answer, 'unsupported-media-type');
  });

  it('may say its character set', async () => {
    expect((await ground.createCompany({ name: 'Charset' }, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
  });

  it('that is too large is refused', async () => {
    for (const size of [1_000_001, 3_000_000]) {
      const answer = await ground.createCompany(`{"name":"${'x'.repeat(size)}"}`);
      expect(answer.status).toBe(413);
      expectProblem(answer, 'too-large');
    }
  });

  it('that is no object is refused', async () => {
    for (const body of ['null', '[]', '"text"', '7', 'true']) refusedWith(await ground.createCompany(body), '/');
  });

  it('nested a thousandfold is refused', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    refusedWith(await ground.createCompany(deep), '/');
    refusedWith(await ground.createCompany(`{"name":"A","admins":${deep}}`), '/admins/0');
  });

  it('with unknown fields is refused, each of them named', async () => {
    refusedWith(await ground.createCompany({ name: 'A', nmae: 'B', 'a/b~c': 1 }), '/nmae', '/a~1b~0c');
    const ada = asAdmin(ground.company.tenant, accountOf(ground.company.tenant, 'ada'));
    refusedWith(await ground.createCompany({ name: 'A', admins: [ada, { ...ada, isOwner: true }] }), '/admins/1/isOwner');
    refusedWith(await ground.createCompany('{"name":"A","constructor":{},"toString":1}'), '/constructor', '/toString');
    const companies = await ground.stage.msp.call<{ companies: readonly { name: string }[] }>(`/msps/${ground.cast.mspId}/companies`);
    expect(companies.companies.map((each) => each.name)).not.toContain('A');
  });

  it.each([
    ['a control character', 'A\u0000B'],
    ['a line break', 'A\r\nBcc: everybody'],
    ['an escape sequence', '\u001B[31mRed'],
    ['a line separator', 'A\u2028B'],
    ['half a character', 'A\uD83D'],
    ['only blanks', ' \t\u00A0 '],
    ['nothing', ''],
    ['121 characters', 'x'.repeat(121)],
    ['a number', 7],
    ['a list', ['A']],
    ['null', null],
  ])('with a name of %s is refused', async (_, name) => {
    refusedWith(await ground.createCompany({ name }), '/name');
  });

  it.each(['\u200B\u2060', '\u0301', ' '])('that asks to approve everybody by a search for nothing is refused: %j', async (search) => {
    const body = { command: 'approve', filter: { status: 'pending', search } };
    refusedWith(await ground.ask('POST', `${ground.base}/decision-jobs`, { body }), '/filter/search');
  });

  it('may hold names in any script, and they are kept as they are', async () => {
    const names = [
      '<b>Bold</b> & "Sons"',
      '=HYPERLINK("https://evil.example")',
      'شركة الأمل',
      'עברית',
      '株式会社 🦊',
      "O'Malley; DROP TABLE",
      '{{7*7}}',
      '%00%0a',
    ];
    for (const name of names) {
      const created = await ground.createCompany({ name });
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({ name });
      const { companyId } = created.body as { companyId: string };
      expect((await ground.ask('GET', `/api/v1/companies/${companyId}`)).body).toMatchObject({ name });
    }
  });

  it('with wrong values is refused, all of them named', async () => {
    refusedWith(
      await ground.createCompany({ name: 'A', timeZone: 'Mars/Olympus', expectedDomain: 'no domain' }),
      '/expectedDomain',
      '/timeZone',
    );
    const etag = await ground.settingsEtag();
    const settings = async (body: unknown) => await ground.ask('PATCH', `${ground.base}/settings`, { body, headers: { 'if-match': etag } });
    refusedWith(await settings({ syncEveryMinutes: 4 }), '/syncEveryMinutes');
    refusedWith(await settings({ syncEveryMinutes: 5.5 }), '/syncEveryMinutes');
    refusedWith(await settings({ removalHoldPercent: -1, removalHoldCount: 1e9 }), '/removalHoldPercent', '/removalHoldCount');
    refusedWith(await settings('{"removalHoldPercent":1e999}'), '/removalHoldPercent');
    refusedWith(await settings({ newUsersMail: 'never' }), '/newUsersMail');
    refusedWith(await settings({}), '/');
  });
});

describe('many ids at once', () => {
  it('are at least one and at most 1,000', async () => {
    const ids = (count: number) =>
      Array.from({ length: count }, (_, index) => `${ground.company.tenant.tenantId}_${String(index).padStart(36, '0')}`);
    refusedWith(await ground.ask('POST', `${ground.base}/decisions`, { body: { command: 'approve', userIds: [] } }), '/userIds');
    refusedWith(await ground.ask('POST', `${ground.base}/decisions`, { body: { command: 'approve', userIds: ids(1001) } }), '/userIds');
    const answer = await ground.ask('POST', `${ground.base}/decisions`, {
      body: { command: 'approve', userIds: ids(1000) },
      headers: { 'idempotency-key': 'a-thousand' },
    });
    expect(answer.body).toMatchObject({ decided: 0, notFound: 1000 });
    const again = await ground.ask('POST', `${ground.base}/decisions`, {
      body: { command: 'approve', userIds: ids(1000) },
      headers: { 'idempotency-key': 'a-thousand' },
    });
    expect(again.body).toEqual(answer.body);
  });

  it('name each wrong one', async () => {
    const userIds = [ground.userAt(0).userId, 'x', ground.userAt(1).userId, `${ground.userAt(2).userId}'`];
    refusedWith(
      await ground.ask('POST', `${ground.base}/decisions`, { body: { command: 'approve', userIds } }),
      '/userIds/1',
      '/userIds/3',
    );
    expect(await ground.company.admin.counts(ground.company.companyId)).toMatchObject({ approved: 0 });
  });
});
