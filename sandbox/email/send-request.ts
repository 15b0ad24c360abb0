// Reads and checks the body of `POST /emails:send` by the service's rules.
import * as z from 'zod';
import type { ServiceError } from './answer.ts';

export const greatestRequestBytes = 10 * 1024 * 1024;
const greatestRecipientCount = 50;
const addressForm = /^[^\s@<>"(),:;\\[\]]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/;

const address = z.object({ address: z.string(), displayName: z.string().nullish() });
const sendRequest = z.object({
  senderAddress: z.string(),
  content: z.object({ subject: z.string().min(1), plainText: z.string().nullish(), html: z.string().nullish() }),
  recipients: z.object({
    to: z.array(address).default([]),
    cc: z.array(address).default([]),
    bcc: z.array(address).default([]),
  }),
  headers: z.record(z.string(), z.string()).default({}),
  replyTo: z.array(address).default([]),
  attachments: z.array(z.object({ name: z.string(), contentType: z.string(), contentInBase64: z.string() })).default([]),
  userEngagementTrackingDisabled: z.boolean().default(false),
});

export type SendRequest = z.infer<typeof sendRequest>;

const bad = (code: string, message: string): ServiceError => ({ status: 400, code, message });

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The request, or the error the service would answer with. `linkedDomains` null lets every domain send. */
export function readSendRequest(body: Buffer, linkedDomains: readonly string[] | null): SendRequest | ServiceError {
  const parsed = sendRequest.safeParse(parseJson(body));
  if (!parsed.success) return bad('BadRequest', z.prettifyError(parsed.error));
  const { senderAddress, content, recipients } = parsed.data;
  const everybody = [...recipients.to, ...recipients.cc, ...recipients.bcc];
  if (!addressForm.test(senderAddress)) return bad('InvalidSenderAddress', 'Invalid format for the sender address.');
  const domain = senderAddress.slice(senderAddress.lastIndexOf('@') + 1).toLowerCase();
  if (linkedDomains !== null && !linkedDomains.includes(domain)) {
    return { status: 404, code: 'DomainNotLinked', message: 'The specified sender domain has not been linked.' };
  }
  if (!content.html && !content.plainText) return bad('BadRequest', 'Either html or plainText content is required.');
  if (everybody.length === 0) return bad('BadRequest', 'At least one recipient is required.');
  if (everybody.length > greatestRecipientCount)
    return bad('TooManyRecipients', `At most ${greatestRecipientCount} recipients are allowed.`);
  if (!everybody.every((recipient) => addressForm.test(recipient.address) && recipient.address.length <= 320)) {
    return bad('InvalidEmailAddress', 'Invalid format for email address');
  }
  return parsed.data;
}
