// A change of a manager's account, its audit entry and its mails: one transaction, decided anew when somebody else was faster.
import type { AuditAction } from '../domain/audit.ts';
import { Refusal } from '../domain/errors.ts';
import { displayNameOf, shortLine } from '../domain/person-text.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { type ManagerAccount, noAccount, readAccount, writeAccount } from '../storage/manager-accounts.ts';
import type { Effect } from '../storage/outbox.ts';
import { auditEffect } from './audit-effect.ts';
import { type EffectPorts, withEffects } from './effects.ts';

export interface AccountChange {
  readonly account: ManagerAccount;
  readonly effects: readonly Effect[];
}

/** Ends every session of an account, and whatever sign-in is half done. */
export const endingSessions = (account: ManagerAccount): ManagerAccount => ({
  ...account,
  sessionGeneration: account.sessionGeneration + 1,
});

/**
 * Looked at again in a write: whoever was signed in when the request came may be out by now, and must not get a new session by it.
 * @throws Refusal `not-signed-in`
 */
export function requireSameSessions(before: ManagerAccount, present: ManagerAccount): void {
  if (present.sessionGeneration !== before.sessionGeneration) throw new Refusal('not-signed-in');
}

const attempts = 8;

/**
 * Changes an account. `build` may be called several times; only the last answer counts, and `undefined` leaves all as it is, and so does what it throws.
 * @returns what was stored, or `undefined` when nothing was
 */
export async function changeAccount(
  ports: EffectPorts,
  companyId: string,
  objectId: string,
  build: (account: ManagerAccount) => AccountChange,
): Promise<ManagerAccount>;
export async function changeAccount(
  ports: EffectPorts,
  companyId: string,
  objectId: string,
  build: (account: ManagerAccount) => AccountChange | undefined,
): Promise<ManagerAccount | undefined>;
export async function changeAccount(
  ports: EffectPorts,
  companyId: string,
  objectId: string,
  build: (account: ManagerAccount) => AccountChange | undefined,
): Promise<ManagerAccount | undefined> {
  const place = { table: 'managers', partition: companyId } as const;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const found = await readAccount(ports.tables, companyId, objectId);
    const change = build(found?.value ?? noAccount(objectId));
    if (change === undefined) return undefined;
    const { account, effects } = change;
    const write = async () => await writeAccount(ports.tables, companyId, { account, etag: found?.etag ?? null, effects });
    if ((await withEffects(ports, companyId, effects.length === 0 ? [] : [place], write)) === 'done') return account;
  }
  throw new Error('The account was changed by others too often.');
}

export interface AccountAudit {
  readonly companyId: string;
  readonly user: Pick<User, 'objectId' | 'fields'>;
  readonly by: string;
  readonly action: AuditAction;
  /** The sentence around the person's name. */
  readonly summary: (name: string) => string;
  readonly reason?: string | null;
  /** Others it is about; of very many only the first ones are listed. */
  readonly others?: readonly string[];
}

/** A row holds 1 MiB, and a manager may lose more people at once than fit into it. */
const mostListed = 1_000;

export function accountAudit(ports: Pick<Ports, 'ids' | 'clock'>, audit: AccountAudit): Effect {
  const { companyId, user, by, action, summary, reason = null, others = [] } = audit;
  const cut = others.length > mostListed ? `This entry lists ${mostListed} of ${others.length} people.` : null;
  return auditEffect(ports, {
    companyId,
    by,
    action,
    summary: summary(shortLine(displayNameOf(user.fields), 80)),
    reason: [reason, cut].filter((text) => text !== null).join(' ') || null,
    objectIds: [user.objectId, ...others.slice(0, mostListed)],
  });
}
