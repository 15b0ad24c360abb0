// Forgets what has expired: attempts to join a tenant, sessions, sign-ins, links in mails, and failures that count no more.
import type { Ports } from '../ports/ports.ts';
import { dropExpiredAttempts } from '../storage/connect-attempts.ts';
import { addDropped } from '../storage/expired-rows.ts';
import { dropExpiredSessions } from './admin-session.ts';
import { dropForgottenAttempts } from './sign-in-gates.ts';

export async function dropExpired(ports: Pick<Ports, 'tables' | 'clock' | 'log'>): Promise<void> {
  const attempts = await dropExpiredAttempts(ports.tables, ports.clock.now());
  const sessions = await dropExpiredSessions(ports);
  const failures = await dropForgottenAttempts(ports);
  const { dropped, unreadable } = [attempts, sessions, failures].reduce(addDropped);
  const counts = { attempts: attempts.dropped, sessions: sessions.dropped, failures: failures.dropped };
  if (dropped > 0) ports.log('info', 'Dropped what had expired.', counts);
  if (unreadable > 0) ports.log('error', 'Rows about sign-ins cannot be read and stay until somebody removes them.', { unreadable });
}
