// Checks the HMAC signature that the SDK puts on every request made with an access key.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServiceError } from './answer.ts';

const greatestSkewMs = 5 * 60_000;
const authorizationForm = /^HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=([A-Za-z0-9+/=]+)$/;

const denied = (message: string): ServiceError => ({ status: 401, code: 'Denied', message });

/**
 * Null when the request is signed with the access key (base64), is no older or newer than five minutes and its body is what was signed.
 * Signed text: `METHOD\npath?query\ndate;host:port;hash of the body` (Azure Communication Services, "Sign an HTTP request").
 */
export function findSignatureFault(request: IncomingMessage, body: Buffer, check: { accessKey: string; now: number }): ServiceError | null {
  const signature = authorizationForm.exec(request.headers.authorization ?? '')?.[1];
  const date = request.headers['x-ms-date'];
  const hash = request.headers['x-ms-content-sha256'];
  if (signature === undefined || typeof date !== 'string' || typeof hash !== 'string') return denied('Denied by the resource provider.');
  if (!(Math.abs(Date.parse(date) - check.now) <= greatestSkewMs)) {
    return denied('The time difference between the originating client and the server is greater than the allowed margin of 5 minutes.');
  }
  if (hash !== createHash('sha256').update(body).digest('base64')) return denied('The body is not the one that was signed.');
  const signedText = `${request.method}\n${request.url}\n${date};${request.headers.host};${hash}`;
  const expected = createHmac('sha256', Buffer.from(check.accessKey, 'base64')).update(signedText).digest();
  const given = Buffer.from(signature, 'base64');
  const matches = given.length === expected.length && timingSafeEqual(given, expected);
  return matches ? null : denied('Denied by the resource provider.');
}
