// Claims-based security ($cbs): checks the shared access signatures clients put before they attach a link.

import { createHmac, timingSafeEqual } from 'node:crypto';

/** The one key of the sandbox's namespace. */
export interface SharedKey {
  readonly name: string;
  readonly value: string;
}

/** A put-token request, as its application properties and body say it. */
export interface PutToken {
  /** What the token is for, e.g. `sb://127.0.0.1:5672/mail`. */
  readonly audience: string;
  readonly type: string;
  readonly token: string;
}

export type ClaimResult = { readonly granted: true; readonly path: string } | { readonly granted: false; readonly reason: string };

const sasType = 'servicebus.windows.net:sastoken';

/** The entity path of an audience, in lower case and without the host; empty for the whole namespace. */
function pathOf(audience: string): string {
  return audience
    .replace(/^\w+:\/\/[^/]*\/?/, '')
    .replace(/\/$/, '')
    .toLowerCase();
}

function isSignedBy(key: SharedKey, resource: string, expiry: string, signature: string): boolean {
  const expected = createHmac('sha256', key.value).update(`${resource}\n${expiry}`).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Checks a shared access signature: base64(HMAC-SHA256(key as text, `<sr as sent>\n<se>`)), as the Azure documentation
 * "Service Bus access control with Shared Access Signatures" describes.
 * @param realNow seconds since 1970 in real time: moving the sandbox clock must not cut clients off.
 */
export function checkToken(key: SharedKey, { audience, type, token }: PutToken, realNow: number): ClaimResult {
  const refuse = (reason: string): ClaimResult => ({ granted: false, reason });
  if (type !== sasType) return refuse(`Tokens of type "${type}" are not supported; use a shared access signature.`);
  const fields = new Map(
    token
      .replace(/^SharedAccessSignature /, '')
      .split('&')
      .map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)] as const),
  );
  const [resource, signature, expiry] = ['sr', 'sig', 'se'].map((name) => fields.get(name) ?? '');
  if (!resource || !signature || !expiry) return refuse('The shared access signature lacks sr, sig or se.');
  if (decodeURIComponent(fields.get('skn') ?? '') !== key.name) return refuse('Unknown SharedAccessKeyName.');
  if (!isSignedBy(key, resource, expiry, decodeURIComponent(signature))) return refuse('Invalid signature.');
  if (Number(expiry) <= realNow) return refuse('The token has expired.');
  const scope = pathOf(decodeURIComponent(resource));
  if (!covers(scope, pathOf(audience))) return refuse('The token is for another resource.');
  return { granted: true, path: pathOf(audience) };
}

/** True when a grant for a path holds for an address: the path itself or anything below it. */
export function covers(path: string, address: string): boolean {
  return path === '' || address === path || address.startsWith(`${path}/`);
}
