// Sends mail through Azure Communication Services with its SDK, and takes over from the SDK everything about waiting and repeating.
import { EmailClient, type EmailClientOptions, type EmailMessage } from '@azure/communication-email';
import type { TokenCredential } from '@azure/identity';
import { type MailSender, type MailStatus, type OutgoingMail, requireOperationId } from '../ports/mail-sender.ts';
import { classifySendFailure } from './email-failure.ts';

/** A connection string (access key), or an endpoint such as `https://name.communication.azure.com` with a managed identity. */
export type MailServiceAccess = { readonly connectionString: string } | { readonly endpoint: string; readonly credential: TokenCredential };

export interface MailSenderOptions {
  /** An address of a domain linked to the communication service. */
  readonly senderAddress: string;
  /** How long one request may take, in milliseconds; after that its outcome is unknown. 30 s unless given. */
  readonly timeoutMs?: number;
}

type AdditionalPolicy = NonNullable<EmailClientOptions['additionalPolicies']>[number];

/**
 * `beginSend` asks for the status right after each accepted send. Those questions have a quota of their own, and when it is used up
 * `beginSend` fails although the mail was accepted. Without a place to ask, the SDK takes an accepted send for finished.
 */
const askNothingAfterSending: AdditionalPolicy = {
  position: 'perCall',
  policy: {
    name: 'askNothingAfterSending',
    sendRequest: async (request, next) => {
      const response = await next(request);
      response.headers.delete('operation-location');
      return response;
    },
  },
};

function openClient(access: MailServiceAccess, additionalPolicies: AdditionalPolicy[]): EmailClient {
  // The SDK would wait out any Retry-After, three times and without a cap, longer than a queue message's lock lasts.
  const options = { retryOptions: { maxRetries: 0 }, additionalPolicies };
  if ('credential' in access) return new EmailClient(access.endpoint, access.credential, options);
  const allowInsecureConnection = /(^|;)\s*endpoint=http:/i.test(access.connectionString);
  return new EmailClient(access.connectionString, { ...options, allowInsecureConnection });
}

/** Makes the sender; costs nothing until the first request. @throws when the connection string is malformed. */
export function makeMailSender(access: MailServiceAccess, { senderAddress, timeoutMs = 30_000 }: MailSenderOptions): MailSender {
  const sends = openClient(access, [askNothingAfterSending]);
  const questions = openClient(access, []);
  const requestOptions = { timeout: timeoutMs };
  return {
    send: async (mail) => {
      requireOperationId(mail.operationId);
      try {
        await sends.beginSend(toMessage(mail, senderAddress), { operationId: mail.operationId, requestOptions });
        return { kind: 'accepted', operationId: mail.operationId };
      } catch (error) {
        return classifySendFailure(error);
      }
    },
    status: async (operationId) => {
      requireOperationId(operationId);
      let answer: Answer | undefined;
      try {
        // The SDK has no call for the status of an earlier send, but it can resume a poller, whose first step is that question.
        const resumeFrom = JSON.stringify({
          state: {
            status: 'running',
            config: { operationLocation: `/emails/operations/${operationId}`, metadata: { mode: 'OperationLocation' } },
          },
        });
        const onResponse = (response: Answer): void => {
          answer = response;
        };
        await questions.beginSend(resumedMessage, { resumeFrom, onResponse, requestOptions });
      } catch {
        // A failed operation is thrown like a failed request; the answer itself tells them apart.
      }
      return readStatus(answer);
    },
  };
}

/** Never sent: a resumed poller only asks. */
const resumedMessage: EmailMessage = { senderAddress: '', content: { subject: '', plainText: '' }, recipients: {} };

function toMessage(mail: OutgoingMail, senderAddress: string): EmailMessage {
  return {
    senderAddress,
    content: { subject: mail.subject, html: mail.html, plainText: mail.text },
    recipients: { to: mail.to.map((recipient) => ({ ...recipient })) },
    disableUserEngagementTracking: true,
    ...(mail.headers === undefined ? {} : { headers: { ...mail.headers } }),
  };
}

interface Answer {
  readonly status: number;
  readonly parsedBody?: { readonly status?: string } | null;
}

const statuses: ReadonlyMap<string, MailStatus> = new Map([
  ['NotStarted', 'accepted'],
  ['Running', 'accepted'],
  ['Succeeded', 'accepted'],
  ['Failed', 'failed'],
  ['Canceled', 'failed'],
]);

function readStatus(answer: Answer | undefined): MailStatus {
  if (answer?.status === 404) return 'notFound';
  if (answer?.status !== 200) return 'unknown';
  return statuses.get(answer.parsedBody?.status ?? '') ?? 'unknown';
}
