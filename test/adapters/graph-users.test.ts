// How the Graph adapter asks for lists in parts and reads them: addresses, links with quotes, and counts in whatever form they come.
import { describe, expect, it } from 'vitest';
import { selectedFields } from '../../shared/domain/directory-fields.ts';
import { openOn, useGraphServer } from './graph-server.ts';

const server = useGraphServer();
const list = (value: readonly unknown[], nextLink?: string) => ({
  json: { value, ...(nextLink === undefined ? {} : { '@odata.nextLink': nextLink }) },
});
const batch = (responses: readonly unknown[]) => ({ json: { responses } });

describe('a page of users', () => {
  it('is a plain query: fields, manager, 999, and a filter that reaches Graph as it was meant', async () => {
    server.replies.push(list([]), list([]), list([]));
    const { directory } = openOn(server);
    for (const prefix of ['a', "o'#", '']) await directory.usersPage(null, prefix);
    const [plain, quoted, everybody] = server.received.map(({ target }) => target);
    expect(plain).toBe(
      `/v1.0/users?$select=id,${selectedFields.join(',')}&$expand=manager($select=id)&$top=999&$filter=startswith(userPrincipalName%2C%27a%27)`,
    );
    expect(new URL(`https://x${quoted}`).searchParams.get('$filter')).toBe("startswith(userPrincipalName,'o''#')");
    expect(everybody).not.toContain('$filter');
    expect(server.received.map(({ headers }) => headers['consistencylevel'])).toEqual([undefined, undefined, undefined]);
  });

  it('gives users without empty properties, with a manager or the statement that there is none', async () => {
    const shown = { displayName: 'Ada', mail: null, businessPhones: [], assignedLicenses: [{ skuId: 's1' }] };
    server.replies.push(
      list([{ id: 'U1', ...shown, manager: { '@odata.type': '#microsoft.graph.user', id: 'M1' } }, { id: 'u2' }, { id: 'u3', mail: 7 }]),
    );
    expect(await openOn(server).directory.usersPage(null, 'a')).toEqual({
      ok: true,
      value: {
        entries: [
          { kind: 'live', objectId: 'u1', fields: { displayName: 'Ada', businessPhones: [], assignedLicenses: ['s1'] }, managerId: 'm1' },
          { kind: 'live', objectId: 'u2', fields: {}, managerId: null },
          { kind: 'unreadable', reason: 'entry u3: mail has an unexpected form' },
        ],
        nextLink: null,
      },
    });
  });

  it('may link on with a quote, encoded or not, and the link is followed', async () => {
    for (const quote of ["'", '%27']) {
      const link = `${server.origin()}/v1.0/users?$filter=startswith(userPrincipalName,${quote}a${quote})&$skiptoken=a+b%2B`;
      server.replies.push(list([], link), list([]));
      const { directory } = openOn(server);
      expect(await directory.usersPage(null, 'a')).toMatchObject({ ok: true, value: { nextLink: link } });
      expect((await directory.usersPage(link, 'a')).ok).toBe(true);
      expect(server.received.at(-1)?.target).toBe('/v1.0/users?$filter=startswith(userPrincipalName,%27a%27)&$skiptoken=a+b%2B');
    }
  });

  it.each([
    [400, 'Request_UnsupportedQuery', 'unsupported'],
    [501, 'NotImplemented', 'broken'],
    [400, 'Request_BadRequest', 'broken'],
  ])('refused with %i %s is %s, in words about lists', async (status, code, kind) => {
    server.replies.push({ status, json: { error: { code, message: 'No.' } } });
    const answer = await openOn(server).directory.usersPage(null, 'a');
    expect(answer).toMatchObject({ ok: false, failure: { kind, detail: { status, code } } });
    expect(answer.ok ? '' : answer.failure.detail.sentence).not.toContain('change tracking');
  });
});

describe('a position', () => {
  it('is a deltaLink that came alone', async () => {
    const deltaLink = `${server.origin()}/v1.0/users/delta?$deltatoken=now`;
    server.replies.push({ json: { value: [], '@odata.deltaLink': deltaLink } });
    expect(await openOn(server).directory.startDelta()).toEqual({ ok: true, value: deltaLink });
    expect(server.received[0]?.target).toBe(`/v1.0/users/delta?$select=${[...selectedFields, 'manager'].join(',')}&$deltatoken=latest`);
  });

  it.each([
    ['people', { value: [{ id: 'u1' }], link: '@odata.deltaLink' }],
    ['a page to follow', { value: [], link: '@odata.nextLink' }],
  ])('with %s is broken', async (_name, { value, link }) => {
    server.replies.push({ json: { value, [link]: `${server.origin()}/v1.0/users/delta?$deltatoken=x` } });
    expect(await openOn(server).directory.startDelta()).toMatchObject({ ok: false, failure: { kind: 'broken' } });
  });
});

describe('counts by prefix', () => {
  it('are one batch, each part with the header that counting needs', async () => {
    server.replies.push(
      batch([
        { id: '1', status: 200, body: 7 },
        { id: '0', status: 200, body: 41 },
      ]),
    );
    const counted = await openOn(server).directory.countByPrefix(['a', "'"]);
    expect(counted).toEqual({
      ok: true,
      value: new Map([
        ["'", 7],
        ['a', 41],
      ]),
    });
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
      requests: [
        {
          id: '0',
          method: 'GET',
          url: '/users/$count?$filter=startswith(userPrincipalName%2C%27a%27)',
          headers: { ConsistencyLevel: 'eventual' },
        },
        {
          id: '1',
          method: 'GET',
          url: '/users/$count?$filter=startswith(userPrincipalName%2C%27%27%27%27)',
          headers: { ConsistencyLevel: 'eventual' },
        },
      ],
    });
  });

  it.each([
    ['a number', 1_234, 1_234],
    ['a text', '1234', 1_234],
    ['a text behind a byte order mark', '\uFEFF1234', 1_234],
    ['base64', Buffer.from('1234').toString('base64'), 1_234],
    ['base64 of a single digit', Buffer.from('0').toString('base64'), 0],
    ['base64 behind a byte order mark', Buffer.from('\uFEFF1234').toString('base64'), 1_234],
    ['something else', { count: 5 }, undefined],
    ['a negative number', -1, undefined],
    ['words', 'many', undefined],
  ])('may come as %s', async (_name, body, expected) => {
    server.replies.push(
      batch([
        { id: '0', status: 200, body },
        { id: '1', status: 200, body: 1 },
      ]),
    );
    const counted = await openOn(server).directory.countByPrefix(['a', 'b']);
    expect(counted.ok && counted.value.get('a')).toBe(expected);
  });

  it('leave out parts that failed, and say why when all did', async () => {
    const throttled = { status: 429, headers: { 'Retry-After': '9' }, body: { error: { code: 'TooManyRequests' } } };
    const { directory } = openOn(server);
    server.replies.push(
      batch([
        { id: '0', ...throttled },
        { id: '1', status: 200, body: 1 },
      ]),
    );
    expect(await directory.countByPrefix(['a', 'b'])).toEqual({ ok: true, value: new Map([['b', 1]]) });
    server.replies.push(batch([{ id: '0', ...throttled }]));
    expect(await directory.countByPrefix(['a'])).toMatchObject({ ok: false, failure: { kind: 'throttled', retryAfterMs: 9_000 } });
  });
});
