// Forgets what has expired: attempts to join a tenant, sessions, sign-ins, links in mails, and failures that count no more.
import * as z from 'zod';
import type { Ports } from '../ports/ports.ts';
import { accountTokenPartition } from '../storage/account-tokens.ts';
import { dropExpiredAttempts } from '../storage/connect-attempts.ts';
import { addDropped, type Dropped, dropRows } from '../storage/expired-rows.ts';
import { signInStepPartition } from '../storage/sign-in-steps.ts';
import { adminSessionPartition } from './admin-session.ts';
import { managerSessionPartition } from './manager-session.ts';
import { attemptPartitions } from './microsoft-attempts.ts';
import { dropForgottenAttempts } from './sign-in-gates.ts';

const expirySchema = z.looseObject({ expiresAt: z.string() });
const partitions = [adminSessionPartition, ...attemptPartitions, signInStepPartition, managerSessionPartition, accountTokenPartition];

/** Sessions, sign-ins and links. */
async function dropExpiredSessions({ tables, clock }: Pick<Ports, 'tables' | 'clock'>): Promise<Dropped> {
  const now = clock.now().getTime();
  let all: Dropped = { dropped: 0, unreadable: 0 };
  for (const partition of partitions) {
    all = addDropped(all, await dropRows(tables.access, partition, expirySchema, ({ expiresAt }) => Date.parse(expiresAt) <= now));
  }
  return all;
}

export async function dropExpired(ports: Pick<Ports, 'tables' | 'clock' | 'log'>): Promise<void> {
  const attempts = await dropExpiredAttempts(ports.tables, ports.clock.now());
  const sessions = await dropExpiredSessions(ports);
  const failures = await dropForgottenAttempts(ports);
  const { dropped, unreadable } = [attempts, sessions, failures].reduce(addDropped);
  const counts = { attempts: attempts.dropped, sessions: sessions.dropped, failures: failures.dropped };
  if (dropped > 0) ports.log('info', 'Dropped what had expired.', counts);
  if (unreadable > 0) ports.log('error', 'Rows about sign-ins cannot be read and stay until somebody removes them.', { unreadable });
}
