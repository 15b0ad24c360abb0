// Which application permissions open which part of Graph: what is in the token decides, nothing else (§9 item 4).
import { GraphError } from './answer.ts';
import type { GraphCaller } from './authenticate.ts';

const accepted = {
  users: ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  mailboxSettings: ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'],
  organization: ['Organization.Read.All', 'Organization.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
} as const;

/** @throws GraphError 403 `Authorization_RequestDenied` when no role of the token opens this part. */
export function requirePermission(caller: GraphCaller, part: keyof typeof accepted): void {
  const roles: readonly string[] = accepted[part];
  if (caller.roles.some((role) => roles.includes(role))) return;
  if (part === 'mailboxSettings') throw new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
  throw new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}
