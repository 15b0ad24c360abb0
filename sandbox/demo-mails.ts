// Mails of the demo: waited for, shown as plain text, followed by their links.
import type { Console } from './console.ts';
import type { ReceivedMail } from './email/mailbox.ts';
import type { Sandbox } from './sandbox.ts';

/** More than a mail that somebody waits for ever takes in the sandbox. */
const mostMs = 10 * 60_000;

// By their English subjects: no company of the demo has chosen another language.
export const isTeamReminder = ({ subject }: ReceivedMail) => / reminds you of \d+ courses?$/.test(subject);
export const isWeeklyReminder = ({ subject }: ReceivedMail) => subject.startsWith('Your team this week:');

/** Prints a mail as people without pictures and colours read it. */
export function showMail(screen: Console, heading: string, { to, subject, plainText }: ReceivedMail): void {
  screen.line(`\n${heading}:`);
  screen.line(`  To: ${to.join(', ')}\n  Subject: ${subject}\n`);
  for (const line of plainText.trimEnd().split('\n')) screen.line(line === '' ? '' : `    ${line}`);
}

/** Lets time pass until so many mails fit, and returns those that do. @throws Error when they do not come */
export async function waitForMails(
  sandbox: Pick<Sandbox, 'email' | 'advanceUntil'>,
  fits: (mail: ReceivedMail) => boolean,
  wanted: number,
): Promise<readonly ReceivedMail[]> {
  const found = () => sandbox.email.mails().filter(fits);
  await sandbox.advanceUntil(async () => found().length >= wanted, mostMs);
  return found();
}

/** The secret behind the link of a mail. @throws Error when the mail has no such link */
export function tokenIn({ plainText }: ReceivedMail): string {
  const token = /#token=([^\s"<]+)/.exec(plainText)?.[1];
  if (token === undefined) throw new Error(`The mail has no link with a token:\n${plainText}`);
  return token;
}
