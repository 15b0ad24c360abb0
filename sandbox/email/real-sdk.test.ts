// The unmodified SDK on the stand-in: the traps of the SDK that the adapter avoids, and how the adapter words what goes wrong on the way.
import { randomBytes, randomUUID } from 'node:crypto';
import { EmailClient } from '@azure/communication-email';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeMailSender } from '../../shared/adapters/email.ts';
import { makeSandboxClock, type SandboxClock } from '../clock.ts';
import { type EmailStandIn, startEmail } from './server.ts';

let clock: SandboxClock;
let standIn: EmailStandIn;
beforeEach(async () => {
  clock = makeSandboxClock();
  standIn = await startEmail({ clock });
});
afterEach(() => standIn.stop());

const senderAddress = 'no-reply@muster.example';
const message = {
  senderAddress,
  content: { subject: 'Hello', plainText: 'Hello' },
  recipients: { to: [{ address: 'ada@alpinedental.example', displayName: 'Ada' }] },
};
const mail = () => ({ operationId: randomUUID(), to: message.recipients.to, subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' });
const openSdk = () => new EmailClient(standIn.connectionString, { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } });

describe('the SDK by itself', () => {
  it('sends, polls and ends with Succeeded', async () => {
    const operationId = randomUUID();
    const poller = await openSdk().beginSend(message, { operationId });
    expect(await poller.pollUntilDone()).toMatchObject({ id: operationId, status: 'Succeeded' });
    expect(standIn.mails()).toHaveLength(1);
  });

  it('fails an accepted send when the status quota is used up: the trap', async () => {
    standIn.settings.statusPerMinute = 0;
    await expect(openSdk().beginSend(message)).rejects.toMatchObject({ name: 'RestError', statusCode: 429, request: { method: 'GET' } });
    expect(standIn.mails()).toHaveLength(1);
  });

  it('learns from the poller that all recipients were suppressed', async () => {
    standIn.settings.recipientFaults.set('ada@alpinedental.example', 'suppressed');
    standIn.settings.settleSeconds = 1;
    const poller = await openSdk().beginSend(message);
    clock.advance(1000);
    await expect(poller.pollUntilDone()).rejects.toThrow('EmailDroppedAllRecipientsSuppressed');
  });

  it('is refused plain http unless it is allowed', async () => {
    await expect(new EmailClient(standIn.connectionString).beginSend(message)).rejects.toThrow('allowInsecureConnection');
  });
});

describe('the adapter', () => {
  const openSender = (connectionString = standIn.connectionString) => makeMailSender({ connectionString }, { senderAddress });

  it('returns the wait of an hourly limit at once instead of waiting it out', async () => {
    standIn.settings.sendPerMinute = 0;
    standIn.settings.retryAfterSeconds = 3600;
    expect(await openSender().send(mail())).toEqual({ kind: 'throttled', retryAfterMs: 3_600_000 });
  });

  it('keeps mails that fail because of our own set-up', async () => {
    const wrongKey = standIn.connectionString.replace(/accesskey=.*/, `accesskey=${randomBytes(32).toString('base64')}`);
    expect(await openSender(wrongKey).send(mail())).toEqual({ kind: 'transient', sentence: 'The mail service answered 401 (Denied).' });
    standIn.settings.linkedDomains = ['other.example'];
    expect(await openSender().send(mail())).toEqual({ kind: 'transient', sentence: 'The mail service answered 404 (DomainNotLinked).' });
    expect(standIn.mails()).toEqual([]);
  });

  it('keeps mails while no token can be had', async () => {
    const credential = {
      getToken: async () => {
        throw Object.assign(new Error('no identity endpoint'), { name: 'CredentialUnavailableError' });
      },
    };
    const sender = makeMailSender({ endpoint: 'https://127.0.0.1:1/', credential }, { senderAddress });
    expect(await sender.send(mail())).toEqual({ kind: 'transient', sentence: 'No token for the mail service could be had.' });
    expect(await sender.status(randomUUID())).toBe('unknown');
  });

  it('does not know the outcome when the answer does not come in time', async () => {
    standIn.settings.sendFaults.push('neverAnswer');
    const sender = makeMailSender({ connectionString: standIn.connectionString }, { senderAddress, timeoutMs: 100 });
    const slow = mail();
    expect(await sender.send(slow)).toEqual({ kind: 'unknown', sentence: 'The mail service did not answer in time.' });
    expect(await sender.status(slow.operationId)).toBe('accepted');
  });

  it('does not know the outcome of an internal error, which may come after acceptance', async () => {
    standIn.settings.sendFaults.push('serverError');
    expect(await openSender().send(mail())).toEqual({
      kind: 'unknown',
      sentence: 'The mail service answered 500 (InternalServerError).',
    });
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const sender = openSender();
    await standIn.stop();
    expect(await sender.send(mail())).toEqual({ kind: 'transient', sentence: 'The mail service could not be reached (ECONNREFUSED).' });
    expect(await sender.status(randomUUID())).toBe('unknown');
  });

  it('says neither recipient nor key in its sentences', async () => {
    const outcome = await openSender().send({ ...mail(), to: [{ address: 'ada lovelace@alpinedental.example' }] });
    expect(JSON.stringify(outcome)).not.toContain('lovelace');
  });

  it('is stopped early by a connection string that is none', () => {
    expect(() => openSender('nothing')).toThrow('Invalid connection string');
  });
});
