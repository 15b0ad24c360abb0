// Forgets what has expired: attempts to join a tenant, sessions and sign-ins.
import type { Ports } from '../ports/ports.ts';
import { dropExpiredAttempts } from '../storage/connect-attempts.ts';
import { dropExpiredSessions } from './admin-session.ts';

export async function dropExpired(ports: Pick<Ports, 'tables' | 'clock' | 'log'>): Promise<void> {
  const attempts = await dropExpiredAttempts(ports.tables, ports.clock.now());
  const sessions = await dropExpiredSessions(ports);
  if (attempts + sessions > 0) ports.log('info', 'Dropped what had expired.', { attempts, sessions });
}
