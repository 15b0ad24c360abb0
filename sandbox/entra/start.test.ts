import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSandboxClock } from '../clock.ts';
import { allTenants } from '../world/tenants.ts';
import { app, customer, startTestEntra } from './fixture.ts';
import { type EntraStandIn, startEntra } from './start.ts';

let entra: EntraStandIn;

beforeEach(async () => {
  entra = await startTestEntra();
});

afterEach(() => entra.stop());

test('the same endpoints answer over https and http, and both name the https addresses', async () => {
  const path = `/${customer.tenantId}/v2.0/.well-known/openid-configuration`;
  const [secure, plain] = await Promise.all([fetch(entra.urls.authority + path), fetch(entra.urls.browser + path)]);
  const metadata = (await secure.json()) as Record<string, unknown>;
  expect(metadata['issuer']).toBe(`${entra.urls.authority}/${customer.tenantId}/v2.0`);
  expect(await plain.json()).toEqual(metadata);
});

test('what is not there is 404, and a body no form has is 413', async () => {
  expect((await fetch(`${entra.urls.browser}/${customer.tenantId}/oauth2/v2.0/devicecode`, { method: 'POST' })).status).toBe(404);
  const body = new URLSearchParams({ code: 'x'.repeat(70_000) });
  expect((await fetch(`${entra.urls.browser}/${customer.tenantId}/oauth2/v2.0/token`, { method: 'POST', body })).status).toBe(413);
});

test('keys of an unknown tenant are refused', async () => {
  expect((await fetch(`${entra.urls.authority}/nowhere.example/discovery/v2.0/keys`)).status).toBe(400);
});

test('a taken port and a world without tenants stop the start', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const options = { clock: makeSandboxClock(), tenants: allTenants, tls: { key: '', cert: '' }, app };
  await expect(startEntra({ ...options, browserPort: port })).rejects.toThrow(/EADDRINUSE/);
  await new Promise((resolve) => other.close(resolve));
  await expect(startEntra({ ...options, tenants: [] })).rejects.toThrow(/needs a tenant/);
});
