// The stand-in against the real Graph client and Node's fetch over TLS, and against Microsoft's published metadata and sample answers
// (documented-responses.json: from the public Graph documentation, MIT, collected by waldekmastykarz/graph-mocks).
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Client, GraphError, PageIterator } from '@microsoft/microsoft-graph-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userProperties } from '../world/user-properties.ts';
import documented from './documented-responses.json' with { type: 'json' };
import { type Entry, type GraphFixture, entriesOf, linkOf, type Reply, readRound, startFixture, tenantA } from './graph-fixture.ts';
import { defaultSettings } from './settings.ts';

let fixture: GraphFixture;
let client: Client;
const trusted = getCACertificates('default');

beforeAll(async () => {
  fixture = await startFixture({ users: 450, settings: defaultSettings });
  setDefaultCACertificates([...trusted, fixture.certificate]);
  client = Client.initWithMiddleware({
    baseUrl: `${fixture.graph.baseUrl}/`,
    customHosts: new Set(['localhost']),
    authProvider: { getAccessToken: () => Promise.resolve(fixture.bearer().slice('Bearer '.length)) },
  });
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  await fixture.stop();
});

interface Page {
  readonly value: readonly Entry[];
  readonly '@odata.nextLink'?: string;
  readonly '@odata.deltaLink'?: string;
}

describe('the real Graph client', () => {
  it('reads a whole round link by link, and the changes after it', async () => {
    const ids = new Set<string>();
    let page = (await client.api('/users/delta').select(['displayName', 'mail', 'manager']).get()) as Page;
    for (;;) {
      for (const entry of page.value) if (!('@removed' in entry)) ids.add(entry.id);
      if (page['@odata.nextLink'] === undefined) break;
      page = (await client.api(page['@odata.nextLink']).get()) as Page;
    }
    expect(ids.size).toBe(450);
    const id = fixture.world.directory(tenantA)?.idAt(200) ?? '';
    fixture.world.deeds(tenantA).rename(id, { displayName: 'Seen by the client' });
    const changes = (await client.api(page['@odata.deltaLink'] ?? '').get()) as Page;
    expect(changes.value).toMatchObject([{ id, displayName: 'Seen by the client' }]);
  });

  it('pages a list with its own iterator', async () => {
    const first = (await client.api('/users').select('id').top(50).get()) as Page;
    const ids: string[] = [];
    const iterator = new PageIterator(client, { ...first, value: [...first.value] }, (user: Entry) => ids.push(user.id) > 0);
    await iterator.iterate();
    expect(ids.length).toBe(fixture.world.directory(tenantA)?.liveCount());
  });

  it('sends a batch, reads a count, and waits out a 429', async () => {
    const id = fixture.world.directory(tenantA)?.idAt(300) ?? '';
    const answer = (await client
      .api('/$batch')
      .post({ requests: [{ id: '1', method: 'GET', url: `/users/${id}/manager?$select=id` }] })) as {
      readonly responses: readonly unknown[];
    };
    expect(answer.responses).toMatchObject([{ id: '1', status: 200 }]);
    fixture.graph.faults.next(tenantA, { respond: '429', retryAfter: 0 });
    expect(await client.api('/users/$count').header('ConsistencyLevel', 'eventual').get()).toBeDefined();
  });

  it('turns refusals into GraphError with status, code and request id', async () => {
    const failure: unknown = await client
      .api('/users/nobody/manager')
      .get()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GraphError);
    expect(failure).toMatchObject({
      statusCode: 404,
      code: 'Request_ResourceNotFound',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("works with Node's fetch over TLS", async () => {
    const reply = await fetch(`${fixture.graph.baseUrl}/v1.0/users?$top=1`, { headers: { authorization: fixture.bearer() } });
    expect(reply.headers.get('content-type')).toContain('application/json');
    expect(((await reply.json()) as Page).value).toHaveLength(1);
  });
});

/** Whether a value is one that the metadata allow for a property. */
function agrees(name: string, value: unknown): boolean {
  const property = userProperties.get(name);
  if (property?.kind !== 'property') return false;
  if (value === null) return property.nullable;
  if (property.collection) {
    const strings = property.type === 'Collection(Edm.String)';
    return Array.isArray(value) && value.every((element) => typeof element === (strings ? 'string' : 'object'));
  }
  switch (property.type) {
    case 'Edm.String':
      return typeof value === 'string';
    case 'Edm.Boolean':
      return typeof value === 'boolean';
    case 'Edm.Int32':
      return Number.isInteger(value);
    case 'Edm.DateTimeOffset':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
    default:
      return typeof value === 'object';
  }
}

function disagreements(users: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const annotations = (name: string) => name.includes('@') || name === 'manager';
  return users.flatMap((user) =>
    Object.entries(user).flatMap(([name, value]) =>
      annotations(name) || agrees(name, value) ? [] : [`${name}: ${JSON.stringify(value)}`],
    ),
  );
}

describe('published metadata', () => {
  it('names, types and nullability of all properties agree in delta, lists and single reads', async () => {
    const everything = await readRound(fixture, '/users/delta?$select=*');
    expect(disagreements(everything.entries)).toEqual([]);
    const names = new Set(everything.entries.flatMap((entry) => Object.keys(entry)));
    expect(names.size).toBeGreaterThan(25);
    const listed = entriesOf(await fixture.get('/users?$select=*&$top=999&$expand=manager'));
    expect(disagreements(listed)).toEqual([]);
    const single = await fixture.get(`/users/${listed[0]?.id ?? ''}?$select=*,birthday,skills,aboutMe`);
    expect(disagreements([single.json])).toEqual([]);
    expect(single.json).toHaveProperty('birthday');
  });
});

describe('documented answers', () => {
  const shapeOf = (value: unknown) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);
  const asked = (url: string) =>
    url.replace('https://graph.microsoft.com/v1.0', '').replace('/*/', `/${fixture.world.directory(tenantA)?.idAt(300)}/`);

  it.each(documented.map(({ request, status, body }) => ({ url: request.url, status, body: body as Readonly<Record<string, unknown>> })))(
    'the answer to $url has the documented shape',
    async ({ url, status, body }) => {
      const reply: Reply = await firstFilledPage(asked(url));
      expect(reply.status).toBe(status);
      const context = body['@odata.context'];
      if (typeof context === 'string')
        expect(reply.json['@odata.context']).toBe(context.replace('https://graph.microsoft.com', fixture.graph.baseUrl));
      for (const [name, value] of Object.entries(body)) expect([name, shapeOf(reply.json[name])]).toEqual([name, shapeOf(value)]);
      const [sample] = (body['value'] ?? []) as readonly Readonly<Record<string, unknown>>[];
      const entries = entriesOf(reply);
      for (const [name, value] of Object.entries(sample ?? {})) {
        if (url.endsWith('/organization') && name !== 'id') continue;
        expect([name, entries.some((entry) => shapeOf(entry[name]) === shapeOf(value))]).toEqual([name, true]);
      }
    },
  );

  async function firstFilledPage(target: string): Promise<Reply> {
    const reply = await fixture.get(target);
    const next = linkOf(reply, 'nextLink');
    return next !== undefined && entriesOf(reply).length === 0 ? firstFilledPage(next) : reply;
  }
});
