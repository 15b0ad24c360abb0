// Forgets what has expired: attempts to join a tenant, sessions, sign-ins, links in mails, and failures that count no more.
import type { Ports } from '../ports/ports.ts';
import { dropExpiredAttempts } from '../storage/connect-attempts.ts';
import { dropExpiredSessions } from './admin-session.ts';
import { dropForgottenAttempts } from './sign-in-gates.ts';

export async function dropExpired(ports: Pick<Ports, 'tables' | 'clock' | 'log'>): Promise<void> {
  const attempts = await dropExpiredAttempts(ports.tables, ports.clock.now());
  const sessions = await dropExpiredSessions(ports);
  const failures = await dropForgottenAttempts(ports);
  if (attempts + sessions + failures > 0) ports.log('info', 'Dropped what had expired.', { attempts, sessions, failures });
}
