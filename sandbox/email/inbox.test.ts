// The inbox as a person or a test reads it: complete, filtered, and unable to be harmed by a mail's content.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeMailSender } from '../../shared/adapters/email.ts';
import { makeSandboxClock } from '../clock.ts';
import { type EmailStandIn, startEmail } from './server.ts';

let standIn: EmailStandIn;
beforeEach(async () => {
  standIn = await startEmail({ clock: makeSandboxClock() });
});
afterEach(() => standIn.stop());

async function send(to: string, change: { subject?: string; html?: string; text?: string } = {}): Promise<string> {
  const operationId = randomUUID();
  const sender = makeMailSender({ connectionString: standIn.connectionString }, { senderAddress: 'no-reply@muster.example' });
  const parts = { subject: 'Hello', html: '<p>Hello</p>', text: 'Hello', headers: { 'X-Kind': 'a <test>' }, ...change };
  expect((await sender.send({ operationId, to: [{ address: to }], ...parts })).kind).toBe('accepted');
  return operationId;
}

const get = (path: string) => fetch(`http://127.0.0.1:${standIn.port}${path}`);

it('gives every mail as JSON, and those of one person', async () => {
  const operationId = await send('ada@alpinedental.example');
  await send('ben@alpinedental.example');
  const everything: unknown = await (await get('/inbox.json')).json();
  expect(everything).toEqual(standIn.mails());
  expect(everything).toHaveLength(2);
  const hers: unknown = await (await get('/inbox.json?to=ADA@alpinedental.example')).json();
  expect(hers).toEqual([
    {
      number: 1,
      operationId,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      from: 'no-reply@muster.example',
      to: ['ada@alpinedental.example'],
      subject: 'Hello',
      html: '<p>Hello</p>',
      plainText: 'Hello',
      headers: { 'X-Kind': 'a <test>' },
      attachmentNames: [],
    },
  ]);
});

it('shows the newest mail first and can be narrowed to one person', async () => {
  await send('ada@alpinedental.example', { subject: 'First' });
  await send('ben@alpinedental.example', { subject: 'Second' });
  const page = await (await fetch(standIn.inboxUrl)).text();
  expect(page.indexOf('Second')).toBeGreaterThan(0);
  expect(page.indexOf('Second')).toBeLessThan(page.indexOf('First'));
  const narrowed = await (await get('/inbox?to=ada@alpinedental.example')).text();
  expect(narrowed).toContain('First');
  expect(narrowed).not.toContain('Second');
});

it('escapes what a mail says and lets nothing on the pages run or load', async () => {
  const script = '<script>alert(1)</script>';
  await send('ada@alpinedental.example', { subject: script, text: script, html: `<p>Hi</p>${script}` });
  for (const path of ['/inbox', '/inbox/1', `/inbox?to=${encodeURIComponent('"><script>')}`]) {
    const response = await get(path);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).not.toContain('<script');
  }
  expect(await (await get('/inbox/1')).text()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('shows the HTML part in a frame that has no rights, with links that open outside of it', async () => {
  await send('ada@alpinedental.example', {
    html: '<html><head><title>x</title></head><body><a href="https://x.example/">x</a></body></html>',
  });
  expect(await (await get('/inbox/1')).text()).toContain(
    '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/inbox/1/html"',
  );
  const frame = await get('/inbox/1/html');
  expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups .*default-src 'none'/);
  expect(await frame.text()).toContain('<head><base target="_blank"><title>x</title>');
});

it('can be emptied, and forgets no operation by that', async () => {
  const operationId = await send('ada@alpinedental.example');
  expect((await fetch(standIn.inboxUrl, { method: 'DELETE' })).status).toBe(204);
  expect(standIn.mails()).toEqual([]);
  expect((await get('/inbox/1')).status).toBe(404);
  const sender = makeMailSender({ connectionString: standIn.connectionString }, { senderAddress: 'no-reply@muster.example' });
  expect(await sender.status(operationId)).toBe('accepted');
});
