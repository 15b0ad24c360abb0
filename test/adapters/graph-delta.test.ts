// How the Graph adapter reads pages: absent, null and value, managers, tombstones, and entries nobody could read.
import { describe, expect, it } from 'vitest';
import type { DeltaEntry } from '../../shared/ports/directory.ts';
import { lastPage, openOn, useGraphServer } from './graph-server.ts';

const server = useGraphServer();

async function readEntries(value: readonly unknown[]): Promise<readonly DeltaEntry[]> {
  server.replies.push(lastPage(server, value));
  const answer = await openOn(server).directory.deltaPage(null);
  if (!answer.ok) throw new Error(answer.failure.detail.sentence);
  return answer.value.entries;
}

describe('a page', () => {
  it('gives its entries and the one link it has', async () => {
    const nextLink = `${server.origin()}/v1.0/users/delta?$skiptoken=a+b%2B`;
    server.replies.push({ json: { '@odata.context': 'x', value: [], '@odata.nextLink': nextLink } });
    expect(await openOn(server).directory.deltaPage(null)).toEqual({
      ok: true,
      value: { entries: [], next: { kind: 'nextLink', link: nextLink } },
    });
  });
});

describe('a live entry', () => {
  it('keeps absent, null and value apart and ignores what is unknown', async () => {
    const entries = await readEntries([
      {
        '@odata.type': '#microsoft.graph.user',
        id: 'AAAA-1',
        displayName: 'Ada\u0007 Ö\t',
        mail: null,
        accountEnabled: false,
        businessPhones: [],
        proxyAddresses: ['SMTP:ada@contoso.example'],
        assignedLicenses: [{ skuId: 's2', disabledPlans: ['p'] }, { skuId: 's1' }],
        favouriteColour: { red: 1 },
      },
    ]);
    expect(entries).toEqual([
      {
        kind: 'live',
        objectId: 'aaaa-1',
        fields: {
          displayName: 'Ada\u0007 Ö\t',
          mail: null,
          accountEnabled: false,
          businessPhones: [],
          proxyAddresses: ['SMTP:ada@contoso.example'],
          assignedLicenses: ['s2', 's1'],
        },
      },
    ]);
  });

  it('keeps long text as it is', async () => {
    const displayName = 'x'.repeat(20_000);
    expect(await readEntries([{ id: 'u1', displayName }])).toMatchObject([{ fields: { displayName } }]);
  });
});

describe('an entry that cannot be read', () => {
  it.each([
    ['a number for a text', { id: 'u1', mail: 7 }, 'entry u1: mail'],
    ['a text for a flag', { id: 'u1', accountEnabled: 'true' }, 'entry u1: accountEnabled'],
    ['a list with a hole', { id: 'u1', proxyAddresses: ['a', null] }, 'entry u1: proxyAddresses'],
    ['licences without a SKU', { id: 'u1', assignedLicenses: [{}] }, 'entry u1: assignedLicenses'],
    ['no id', { displayName: 'Ada Lovelace' }, 'entry 1 of the page: id'],
    ['an id with a slash', { id: 'a/b' }, 'entry 1 of the page: id'],
    ['an id that is too long', { id: 'a'.repeat(65) }, 'entry 1 of the page: id'],
    ['a manager without an id', { id: 'u1', 'manager@delta': [{}] }, 'entry u1: manager@delta'],
    ['a tombstone that is none', { id: 'u1', '@removed': true }, 'entry u1: @removed'],
    ['no object at all', 'Ada Lovelace', 'entry 1 of the page: the entry itself'],
  ])('because of %s is reported without its values, and its neighbour is read', async (_name, raw, place) => {
    const entries = await readEntries([raw, { id: 'u2' }]);
    expect(entries).toEqual([
      { kind: 'unreadable', reason: `${place} has an unexpected form` },
      { kind: 'live', objectId: 'u2', fields: {} },
    ]);
  });
});

describe('a tombstone', () => {
  it('can be undone unless Graph says deleted', async () => {
    const removed = (id: string, reason: unknown) => ({ id, displayName: 'Ada', '@removed': { reason } });
    expect(
      await readEntries([removed('U1', 'changed'), removed('u2', 'deleted'), removed('u3', 'moved'), { id: 'u4', '@removed': {} }]),
    ).toEqual([
      { kind: 'tombstone', objectId: 'u1', reason: 'restorable' },
      { kind: 'tombstone', objectId: 'u2', reason: 'final' },
      { kind: 'tombstone', objectId: 'u3', reason: 'restorable' },
      { kind: 'tombstone', objectId: 'u4', reason: 'restorable' },
    ]);
  });
});

describe('a statement about the manager', () => {
  const element = (id: string, type = 'user') => ({ '@odata.type': `#microsoft.graph.${type}`, id });
  const gone = (id: string) => ({ ...element(id), '@removed': { reason: 'deleted' } });

  it.each([
    ['a new one', [element('M1')], { kind: 'set', managerId: 'm1' }],
    ['a contact', [element('c1', 'orgContact')], { kind: 'set', managerId: 'c1' }],
    ['old then new', [gone('m1'), element('m2')], { kind: 'set', managerId: 'm2' }],
    ['new then old', [element('m2'), gone('m1')], { kind: 'set', managerId: 'm2' }],
    ['old ones alone', [gone('M1'), gone('m2')], { kind: 'removed', managerIds: ['m1', 'm2'] }],
  ])('with %s is read whatever the order', async (_name, delta, manager) => {
    expect(await readEntries([{ id: 'u1', 'manager@delta': delta }])).toEqual([{ kind: 'live', objectId: 'u1', fields: {}, manager }]);
  });

  it('is not made by an empty list, by null, by silence or by a plain property', async () => {
    const silent = [{ 'manager@delta': [] }, { 'manager@delta': null }, {}, { manager: { id: 'm1' } }];
    const entries = await readEntries(silent.map((entry) => ({ id: 'u1', ...entry })));
    for (const entry of entries) expect(entry).toEqual({ kind: 'live', objectId: 'u1', fields: {} });
  });
});

describe('the manager list', () => {
  it('asks for ids only, in the largest pages, and follows its link', async () => {
    const nextLink = `${server.origin()}/v1.0/users?$select=id&$expand=manager($select=id)&$top=999&$skiptoken=x+y`;
    server.replies.push(
      { json: { value: [{ id: 'U1', manager: { id: 'M1' } }, { id: 'u2' }, { id: 'u3', manager: null }], '@odata.nextLink': nextLink } },
      { json: { value: [{ id: 'u4', manager: { id: 7 } }, 'odd', { id: 'u5', manager: { id: 'c1' } }] } },
    );
    const { directory } = openOn(server);
    expect(await directory.managerPage(null)).toEqual({
      ok: true,
      value: {
        entries: [
          { objectId: 'u1', managerId: 'm1' },
          { objectId: 'u2', managerId: null },
          { objectId: 'u3', managerId: null },
        ],
        nextLink,
      },
    });
    // Nothing is said about users whose manager could not be read: "none" would be a statement.
    expect(await directory.managerPage(nextLink)).toEqual({
      ok: true,
      value: { entries: [{ objectId: 'u5', managerId: 'c1' }], nextLink: null },
    });
    expect(server.received.map(({ target }) => target)).toEqual([
      '/v1.0/users?$select=id&$expand=manager($select=id)&$top=999',
      nextLink.slice(server.origin().length),
    ]);
  });

  it('refuses foreign links and foreign bodies', async () => {
    server.replies.push({ json: { value: [], '@odata.nextLink': `${server.foreignOrigin()}/v1.0/users` } }, { json: { users: [] } });
    const { directory } = openOn(server);
    expect(await directory.managerPage(null)).toMatchObject({ failure: { kind: 'broken' } });
    expect(await directory.managerPage(null)).toMatchObject({ failure: { kind: 'broken' } });
  });
});

describe('looking users up', () => {
  const missing = { error: { code: 'Request_ResourceNotFound' } };

  it('takes 200 for existing and a clear 404 for absent, in any order, and leaves the rest open', async () => {
    server.replies.push({
      json: {
        responses: [
          { id: '4', status: 404, body: {} },
          { id: '2', status: 429, headers: { 'Retry-After': '9' }, body: {} },
          { id: '1', status: 404, body: missing },
          { id: '0', status: 200, body: { id: 'u0' } },
          { id: '3', status: 503 },
          { id: '77', status: 404, body: missing },
        ],
      },
    });
    const { directory } = openOn(server);
    expect(await directory.lookUp(['u0', 'u1', 'u2', 'u3', 'u4', 'u0'])).toEqual({
      ok: true,
      value: new Map([
        ['u0', 'exists'],
        ['u1', 'absent'],
      ]),
    });
    expect(server.received[0]).toMatchObject({ method: 'POST', target: '/v1.0/$batch', headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
      requests: ['u0', 'u1', 'u2', 'u3', 'u4'].map((id, index) => ({
        id: String(index),
        method: 'GET',
        url: `/users/${id}?$select=id`,
      })),
    });
  });

  it('is throttled when nothing was answered, for the longest wait named', async () => {
    const responses = [
      { id: '0', status: 503, body: {} },
      { id: '1', status: 429, headers: { 'Retry-After': '20', 'x-ms-throttle-scope': 'Application/Read/a/t' }, body: {} },
      { id: '2', status: 429, headers: { 'retry-after': '12' }, body: {} },
    ];
    server.replies.push({ json: { responses } });
    expect(await openOn(server).directory.lookUp(['a', 'b', 'c'])).toMatchObject({
      failure: { kind: 'throttled', retryAfterMs: 20_000, scope: 'application', detail: { status: 429 } },
    });
  });

  it('reports a loss of access when every part is refused', async () => {
    const responses = [{ id: '0', status: 403, body: { error: { code: 'Authorization_RequestDenied' } } }];
    server.replies.push({ json: { responses } });
    expect(await openOn(server).directory.lookUp(['a'])).toMatchObject({
      failure: { kind: 'accessLost', owner: 'theirs', detail: { code: 'Authorization_RequestDenied' } },
    });
  });

  it('asks nothing about nobody and refuses more than twenty', async () => {
    const { directory } = openOn(server);
    expect(await directory.lookUp([])).toEqual({ ok: true, value: new Map() });
    await expect(directory.lookUp(Array.from({ length: 21 }, (_, index) => `u${index}`))).rejects.toThrow(RangeError);
    expect(server.received).toEqual([]);
  });
});

describe('counting', () => {
  it('reads the plain number and sends the header Graph insists on', async () => {
    server.replies.push({ text: '\uFEFF1234', headers: { 'content-type': 'text/plain' } });
    expect(await openOn(server).directory.countUsers()).toEqual({ ok: true, value: 1234 });
    expect(server.received[0]).toMatchObject({ target: '/v1.0/users/$count', headers: { consistencylevel: 'eventual' } });
  });
});
