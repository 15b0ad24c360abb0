// The admin page: deeds by form and by JSON, escaping, and its refusal of anybody but this machine's own pages.
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seedDirectory } from '../world/seed.ts';
import { makeWorld, type World } from '../world/world.ts';
import { graphActions, makeAdmin } from './admin.ts';
import { makeFaults } from './faults.ts';
import { tenantA } from './graph-fixture.ts';
import { defaultSettings } from './settings.ts';

let world: World;
let server: Server;
const settings = { ...defaultSettings };
const faults = makeFaults();
const revoked: string[] = [];

beforeEach(async () => {
  const clock = { now: () => Date.UTC(2026, 0, 5) };
  world = makeWorld({
    clock,
    directories: [seedDirectory({ tenantId: tenantA, domain: 'alpine.example', companyName: 'Alpine', users: 25, seed: 1 })],
  });
  const revoke = { name: 'revokeConsent', label: 'Revoke consent', fields: [], run: (tenantId: string) => void revoked.push(tenantId) };
  const admin = makeAdmin({ world, actions: [...graphActions({ settings: () => settings, faults }), revoke] });
  server = createServer((incoming, response) => void admin(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Exchange {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
}

function send(
  path: string,
  options: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Exchange> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const method = options.body === undefined ? 'GET' : 'POST';
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers: { ...options.headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, location: response.headers.location }));
    });
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

const form = (path: string, fields: Record<string, string>) =>
  send(path, { body: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
const json = async (path: string, body: unknown) => {
  const { status, text } = await send(path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  return { status, body: JSON.parse(text) as Readonly<Record<string, unknown>> };
};

describe('the admin page', () => {
  it('lists the tenants and shows a tenant with its users and forms', async () => {
    expect(JSON.parse((await send('/admin/world')).text)).toMatchObject([{ tenantId: tenantA, displayName: 'Alpine', users: 25 }]);
    expect((await send('/admin')).text).toContain(`/admin/tenants/${tenantA}`);
    const page = (await send(`/admin/tenants/${tenantA}?search=unlicensed`)).text;
    expect(page).toContain('una.unlicensed@alpine.example');
    expect(page).not.toContain('leo.leaver@alpine.example');
    expect(page).toContain(`action="/admin/world/${tenantA}/changeManager"`);
  });

  it('does every deed by JSON', async () => {
    const deed = (name: string, body: unknown) => json(`/admin/world/${tenantA}/${name}`, body);
    const id = String((await deed('hire', { displayName: 'Hand Made', alias: 'hand.made' })).body['id']);
    const present = () => {
      const directory = world.directory(tenantA);
      return directory?.snapshot(directory.ordinalOfId(id) ?? 0);
    };
    await deed('rename', { id, displayName: 'Renamed', mail: 'renamed@alpine.example' });
    await deed('change', { id, property: 'jobTitle', value: 'Potter' });
    await deed('change', { id, property: 'businessPhones', value: ['+41 1'] });
    await deed('changeManager', { id, managerId: world.directory(tenantA)?.idAt(0) });
    await deed('disable', { id });
    expect(present()).toMatchObject({
      fields: {
        displayName: 'Renamed',
        mail: 'renamed@alpine.example',
        jobTitle: 'Potter',
        businessPhones: ['+41 1'],
        accountEnabled: false,
      },
      manager: { id: world.directory(tenantA)?.idAt(0) },
    });
    await deed('enable', { id });
    await deed('leave', { id });
    expect(present()).toMatchObject({ state: 'deleted', fields: { accountEnabled: true } });
    await deed('restore', { id });
    expect(present()?.state).toBe('live');
    await deed('purge', { id });
    const again = await deed('rehire', { id });
    expect([present()?.state, again.body['id'] === id]).toEqual(['purged', false]);
  });

  it('does deeds and actions by form, and comes back to the page', async () => {
    const id = world.directory(tenantA)?.idAt(1) ?? '';
    const done = await form(`/admin/world/${tenantA}/leave`, { id });
    expect([done.status, done.location]).toEqual([303, `/admin/tenants/${tenantA}?message=leave+done`]);
    expect((await send(done.location ?? '')).text).toContain('leave done');
    await form(`/admin/world/${tenantA}/latency`, { milliseconds: '250' });
    await form(`/admin/world/${tenantA}/throttle`, { times: '2', retryAfter: '7' });
    await form(`/admin/world/${tenantA}/revokeConsent`, {});
    await form(`/admin/world/${tenantA}/fault`, { respond: '503' });
    expect(settings.latencyMs).toBe(250);
    expect(faults.take(tenantA, 'GET /users')).toMatchObject({ respond: '429', retryAfter: 7 });
    faults.take(tenantA, 'GET /users');
    expect(faults.take(tenantA, 'GET /users')).toMatchObject({ respond: '503' });
    expect(revoked).toEqual([tenantA]);
  });

  it('says what is wrong', async () => {
    const errorOf = async (name: string, body: unknown) => {
      const reply = await json(`/admin/world/${tenantA}/${name}`, body);
      return `${reply.status} ${String(reply.body['error'])}`;
    };
    expect(await errorOf('leave', {})).toBe('400 "id" is missing.');
    expect(await errorOf('leave', { id: 'nobody' })).toContain('400 There is no user nobody');
    expect(await errorOf('fly', { id: 'nobody' })).toBe('400 There is no deed "fly".');
    expect(await errorOf('change', { id: 'x', property: 'shoeSize', value: '43' })).toContain('no property "shoeSize"');
    expect(await errorOf('fault', { respond: 'flood' })).toContain('There is no fault "flood"');
    expect(await errorOf('latency', { milliseconds: 'soon' })).toContain('must be a number');
    expect((await json('/admin/world/unknown/leave', {})).status).toBe(404);
    expect((await send('/admin/world/x/y/z')).status).toBe(404);
  });

  it('escapes what is in the directory', async () => {
    world.deeds(tenantA).hire({ displayName: '<script>alert("1")</script>', alias: 'scripted' });
    const page = (await send(`/admin/tenants/${tenantA}?search=${encodeURIComponent('"><b>')}&message=${encodeURIComponent('<i>')}`)).text;
    expect(page).not.toMatch(/<script|<b>"|<i>/);
    expect((await send(`/admin/tenants/${tenantA}?search=script`)).text).toContain('&lt;script&gt;');
  });

  it('refuses other hosts and other origins', async () => {
    expect((await send('/admin', { headers: { host: 'evil.example' } })).status).toBe(403);
    const foreign = { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send(`/admin/world/${tenantA}/leave`, { body: 'id=1', headers: foreign })).status).toBe(403);
  });
});
