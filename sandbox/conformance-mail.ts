// Tries the mail service: asks about a mail that never was, and sends one only when an address was given for that.
import { randomUUID } from 'node:crypto';
import { composePorts } from '../shared/compose.ts';
import type { Config } from '../shared/config.ts';
import type { SendOutcome } from '../shared/ports/mail-sender.ts';
import { explainFault } from './conformance-faults.ts';
import { onlyWith } from './conformance-settings.ts';
import { type Area, failed, type Outcome, passed, skipped } from './conformance-steps.ts';

/** Where the service is, out of either form of the setting; null when there is none in it. */
function endpointOf({ email }: Config): string | null {
  if (email.kind === 'identity') return email.endpoint;
  return /(?:^|;)\s*endpoint=([^;]+)/i.exec(email.connectionString)?.[1] ?? null;
}

/** Whether anything answers there at all, whatever it says. */
async function answers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, { redirect: 'manual', signal: AbortSignal.timeout(15_000) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

function sendOutcome(outcome: SendOutcome): Outcome {
  switch (outcome.kind) {
    case 'accepted':
      return passed('The service took one mail; look into the mailbox it was meant for.');
    case 'throttled':
      return failed(
        'The quota of the mail service is used up.',
        `Try again in ${Math.ceil(outcome.retryAfterMs / 1000)} s; MAIL_PER_HOUR must not be above the quota.`,
      );
    case 'refused':
      return failed(outcome.sentence, 'Check the address given with --mail and the form of MAIL_SENDER.');
    case 'transient':
      return failed(
        outcome.sentence,
        'Check that MAIL_SENDER belongs to a verified domain linked to this Communication Services resource.',
      );
    case 'unknown':
      return failed(outcome.sentence, 'Look into the mailbox before trying again: the mail may be on its way.');
  }
}

/**
 * @param hindrance why nothing may be tried, or null
 * @param address who gets one test mail; none is sent when null
 */
export function mailArea(config: Config, hindrance: string | null, address: string | null): Area {
  const usesIdentity = config.email.kind === 'identity';
  const setting = usesIdentity ? 'EMAIL_CONNECTION__endpoint' : 'EMAIL_CONNECTION';
  const sender = () => composePorts(onlyWith('email', config)).mailSender;
  return {
    name: 'Mail',
    hindrance,
    explain: (error) =>
      explainFault(error, { service: 'The mail service', setting, role: 'a role on Communication Services', usesIdentity }),
    steps: [
      {
        id: 'mail.status',
        title: 'asking about a mail',
        run: async () => {
          const status = await sender().status(randomUUID());
          if (status === 'notFound') return passed('The service lets us in and knows nothing of a mail that never was.');
          if (status !== 'unknown')
            return failed(
              'The service claims to know a mail that never was.',
              `Check that ${setting} leads to Azure Communication Services.`,
            );
          const endpoint = endpointOf(config);
          if (endpoint === null || !(await answers(endpoint))) {
            return failed(
              'The mail service could not be reached.',
              `Check the address in ${setting}, and that this machine may connect to it.`,
            );
          }
          const next = usesIdentity
            ? 'Give the identity the role "Communication and Email Service Owner" on Communication Services; a new role works after some minutes.'
            : `Copy the connection string into ${setting} again: its key is wrong or was renewed.`;
          return failed('The mail service answers, but did not answer us.', next);
        },
      },
      {
        id: 'mail.send',
        title: 'sending one mail',
        needs: ['mail.status'],
        run: async () => {
          if (address === null) return skipped('Give an address of your own to send one: --mail <address>.');
          const sentence = 'This mail was sent by the conformance check of Muster. Nothing has to be done.';
          return sendOutcome(
            await sender().send({
              operationId: randomUUID(),
              to: [{ address }],
              subject: 'Muster can send mail',
              text: sentence,
              html: `<p>${sentence}</p>`,
            }),
          );
        },
      },
    ],
  };
}
