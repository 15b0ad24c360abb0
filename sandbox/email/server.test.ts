// The stand-in spoken to directly over HTTP: signature, validation, quotas, error form, restart.
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSandboxClock } from '../clock.ts';
import { type EmailOptions, type EmailStandIn, startEmail } from './server.ts';

const accessKey = Buffer.from('a key of the sandbox').toString('base64');
const running: EmailStandIn[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((standIn) => standIn.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function start(options: Partial<EmailOptions> = {}): Promise<EmailStandIn> {
  const standIn = await startEmail({ clock: makeSandboxClock(), accessKey, ...options });
  running.push(standIn);
  return standIn;
}

interface Signed {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  /** What is signed when it is not what is sent. */
  readonly signedBody?: string;
  readonly at?: number;
  readonly operationId?: string;
}

function call(standIn: EmailStandIn, request: Signed): Promise<Response> {
  const { method = 'POST', path = '/emails:send?api-version=2025-09-01', body = '', at = Date.now() } = request;
  const date = new Date(at).toUTCString();
  const hash = createHash('sha256')
    .update(request.signedBody ?? body)
    .digest('base64');
  const signedText = `${method}\n${path}\n${date};127.0.0.1:${standIn.port};${hash}`;
  const signature = createHmac('sha256', Buffer.from(accessKey, 'base64')).update(signedText).digest('base64');
  return fetch(`http://127.0.0.1:${standIn.port}${path}`, {
    method,
    headers: {
      'x-ms-date': date,
      'x-ms-content-sha256': hash,
      authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
      ...(request.operationId === undefined ? {} : { 'operation-id': request.operationId }),
    },
    ...(body === '' ? {} : { body }),
  });
}

const message = {
  senderAddress: 'no-reply@muster.example',
  content: { subject: 'Hello', html: '<p>Hello</p>', plainText: 'Hello' },
  recipients: { to: [{ address: 'ada@alpinedental.example', displayName: 'Ada' }] },
};
const send = (standIn: EmailStandIn, change: object = {}, request: Signed = {}) =>
  call(standIn, { body: JSON.stringify({ ...message, ...change }), ...request });
const statusPath = (id: string) => `/emails/operations/${id}?api-version=2025-09-01`;

describe('sending', () => {
  it('answers 202 with the operation and where to ask for it', async () => {
    const standIn = await start();
    const operationId = randomUUID();
    const response = await send(standIn, {}, { operationId });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id: operationId, status: 'Running' });
    expect(response.headers.get('operation-location')).toBe(`http://127.0.0.1:${standIn.port}${statusPath(operationId)}`);
    expect(response.headers.get('retry-after')).toBe('1');
    const status = await call(standIn, { method: 'GET', path: statusPath(operationId) });
    expect(await status.json()).toEqual({ id: operationId, status: 'Succeeded', error: null });
  });

  it('makes an operation id when none is given', async () => {
    const standIn = await start();
    const body: unknown = await (await send(standIn)).json();
    expect(body).toEqual({ id: standIn.mails()[0]?.operationId, status: 'Running' });
  });

  it('stays Running until the mail has settled', async () => {
    const clock = makeSandboxClock();
    const standIn = await start({ clock, settings: { settleSeconds: 60 } });
    const operationId = randomUUID();
    await send(standIn, {}, { operationId });
    const ask = async () => (await call(standIn, { method: 'GET', path: statusPath(operationId) })).json();
    expect(await ask()).toMatchObject({ status: 'Running' });
    clock.advance(60_000);
    expect(await ask()).toMatchObject({ status: 'Succeeded' });
  });

  const crowd = Array.from({ length: 51 }, (_, index) => ({ address: `p${index}@x.example` }));
  it.each([
    ['a bad recipient', { recipients: { to: [{ address: 'ada' }] } }, 'InvalidEmailAddress'],
    ['a bad copy', { recipients: { to: message.recipients.to, bcc: [{ address: 'ada@' }] } }, 'InvalidEmailAddress'],
    ['a bad sender', { senderAddress: 'muster' }, 'InvalidSenderAddress'],
    ['nobody', { recipients: { to: [] } }, 'BadRequest'],
    ['more than 50', { recipients: { to: crowd } }, 'TooManyRecipients'],
    ['no subject', { content: { subject: '', html: 'x' } }, 'BadRequest'],
    ['no content', { content: { subject: 'x' } }, 'BadRequest'],
    ['another form', { content: 'x' }, 'BadRequest'],
  ])('refuses %s with 400 and the code in body and header', async (_name, change, code) => {
    const standIn = await start();
    const response = await send(standIn, change);
    expect([response.status, response.headers.get('x-ms-error-code')]).toEqual([400, code]);
    expect(await response.json()).toEqual({ error: { code, message: expect.any(String) } });
    expect(standIn.mails()).toEqual([]);
  });

  it('refuses what is no JSON, no UUID, no known version, no known path', async () => {
    const standIn = await start();
    const answers = [
      await call(standIn, { body: '{' }),
      await send(standIn, {}, { operationId: 'mail-1' }),
      await send(standIn, {}, { path: '/emails:send?api-version=2020-01-01' }),
      await send(standIn, {}, { path: '/emails:send' }),
      await send(standIn, {}, { path: '/mails?api-version=2025-09-01' }),
      await call(standIn, { method: 'GET', path: statusPath(randomUUID()) }),
    ];
    expect(answers.map((answer) => [answer.status, answer.headers.get('x-ms-error-code')])).toEqual([
      [400, 'BadRequest'],
      [400, 'BadRequest'],
      [400, 'UnsupportedApiVersion'],
      [400, 'MissingApiVersionParameter'],
      [404, 'NotFound'],
      [404, 'NotFound'],
    ]);
  });

  it('accepts almost 10 MB and refuses more', async () => {
    const standIn = await start();
    const withAttachment = (size: number) => ({
      attachments: [{ name: 'report.csv', contentType: 'text/csv', contentInBase64: 'A'.repeat(size) }],
    });
    expect((await send(standIn, withAttachment(10 * 1024 * 1024 - 1024))).status).toBe(202);
    expect((await send(standIn, withAttachment(10 * 1024 * 1024))).status).toBe(413);
    expect(standIn.mails().map((mail) => mail.attachmentNames)).toEqual([['report.csv']]);
  });
});

describe('the signature', () => {
  it('is needed, and must fit the body, the path and the key', async () => {
    const standIn = await start();
    const unsigned = await fetch(`http://127.0.0.1:${standIn.port}/emails:send?api-version=2025-09-01`, { method: 'POST' });
    const other = await start({ accessKey: Buffer.from('another key').toString('base64') });
    const answers = [unsigned, await send(standIn, {}, { signedBody: 'something else' }), await send(other)];
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401]);
    expect([standIn.mails(), other.mails()]).toEqual([[], []]);
  });

  it('may be five minutes off by the clock of the sandbox, not more', async () => {
    const clock = makeSandboxClock(24 * 3_600_000);
    const standIn = await start({ clock });
    const answers = [-301, -290, 290, 600].map((seconds) => send(standIn, {}, { at: clock.now() + seconds * 1000 }));
    expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual([401, 202, 202, 401]);
    expect((await send(standIn)).status).toBe(401);
  });
});

describe('quotas', () => {
  it('answers 429 with the seconds to wait, and accepts again after them', async () => {
    const clock = makeSandboxClock();
    const standIn = await start({ clock, settings: { sendPerMinute: 2, refusedAttemptsCount: false } });
    const attempt = () => send(standIn, {}, { at: clock.now() });
    await attempt();
    clock.advance(20_000);
    await attempt();
    const refused = await attempt();
    expect([refused.status, refused.headers.get('x-ms-error-code')]).toEqual([429, 'TooManyRequests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(39);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(40);
    clock.advance(40_000);
    expect((await attempt()).status).toBe(202);
    expect(standIn.mails()).toHaveLength(3);
  });

  it('counts questions apart from sends', async () => {
    const standIn = await start({ settings: { statusPerMinute: 1 } });
    const operationId = randomUUID();
    await send(standIn, {}, { operationId });
    const ask = async () => (await call(standIn, { method: 'GET', path: statusPath(operationId) })).status;
    expect([await ask(), await ask(), (await send(standIn)).status]).toEqual([200, 429, 202]);
  });
});

describe('restart', () => {
  it('keeps mails, operations, the send quota and the numbering', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'email-'));
    folders.push(folder);
    const options = { stateFile: join(folder, 'state', 'email.jsonl'), settings: { sendPerHour: 3 } };
    const first = await start(options);
    const operationId = randomUUID();
    await send(first);
    first.clear();
    await send(first, {}, { operationId });
    const before = first.mails();
    await first.stop();
    appendFileSync(options.stateFile, '{"kind":"accep');

    const second = await start(options);
    expect(second.mails()).toEqual(before);
    expect(second.mails().map((mail) => mail.number)).toEqual([2]);
    const status = await call(second, { method: 'GET', path: statusPath(operationId) });
    expect(await status.json()).toMatchObject({ status: 'Succeeded' });
    expect((await send(second, {}, { operationId })).status).toBe(202);
    expect(second.mails()).toEqual(before);
    expect((await send(second)).status).toBe(429);
  });

  it('says so when the port is taken', async () => {
    const standIn = await start();
    await expect(start({ port: standIn.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
