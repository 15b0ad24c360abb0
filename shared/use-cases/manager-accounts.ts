// What admins see and do about managers' access: who has which, and revoking, disabling, enabling it.
import { Refusal } from '../domain/errors.ts';
import {
  type AccountCommand,
  type AccountEvent,
  type InvitationRefusal,
  isLinkDead,
  nextAccountState,
  reviewAccess,
  whyNotInvited,
} from '../domain/manager-account.ts';
import { isLinked } from '../domain/integration.ts';
import { displayNameOf } from '../domain/person-text.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../ports/ports.ts';
import { listAccounts, type ManagerAccount, noAccount, readAccount } from '../storage/manager-accounts.ts';
import { readUsers } from '../storage/shard-writer.ts';
import { accountAudit, changeAccount, endingSessions } from './account-change.ts';
import { readAddressProblem, readAddressProblems } from './address-problems.ts';
import { requireUsers } from './company-users.ts';
import { type ManagerFacts, type OneManager, requireManagerFacts } from './manager-facts.ts';

export interface ManagerAccess {
  readonly user: User;
  readonly account: ManagerAccount;
  /** Why mail to the address the directory has now comes back, in words; `null` while it works. */
  readonly addressProblem: string | null;
}

export interface OneManagerAccess extends ManagerAccess {
  readonly reports: number;
  /** Why no invitation would go out now; `null` when it would. */
  readonly refusal: InvitationRefusal | null;
}

export const hasExpired = ({ user, account: { state, invitation } }: Pick<ManagerAccess, 'user' | 'account'>, now: Date) =>
  state === 'invited' && invitation !== null && isLinkDead(invitation, user.fields.mail, now);

/** @throws Refusal `not-found` */
export async function readManagerAccess(ports: Ports, request: OneManager): Promise<OneManagerAccess> {
  const { user, reports } = await requireManagerFacts(ports, request);
  const account = (await readAccount(ports.tables, request.companyId, user.objectId))?.value ?? noAccount(user.objectId);
  const addressProblem = await readAddressProblem(ports, request.companyId, user.fields.mail);
  const refusal = whyNotInvited({
    isLinked: isLinked(request.state.integration),
    user,
    reports,
    state: account.state,
    hasExpired: hasExpired({ user, account }, ports.clock.now()),
    addressRefused: addressProblem !== null,
  });
  return { user, account, addressProblem, reports: reports.present, refusal };
}

/** Accounts of a company in the order of their ids; people who were removed for good are left out. */
export async function listManagerAccess(
  ports: Ports,
  { companyId, state, limit, cursor }: Omit<OneManager, 'userId'> & { readonly limit: number; readonly cursor: string | null },
): Promise<{ readonly items: readonly ManagerAccess[]; readonly cursor: string | null }> {
  const opened = await requireUsers(ports, companyId, state);
  const accounts: ManagerAccount[] = [];
  for await (const { objectId, account } of listAccounts(ports.tables, companyId, cursor)) {
    if (account === undefined) ports.log('error', 'The account of a manager cannot be read; it is not listed.', { companyId, objectId });
    else accounts.push(account);
    if (accounts.length === limit) break;
  }
  const people = await readUsers(
    opened.users,
    opened.scope,
    accounts.map(({ objectId }) => objectId),
  );
  const found = accounts.flatMap((account) => {
    const user = people.get(account.objectId)?.user;
    return user ? [{ user, account }] : [];
  });
  const problems = await readAddressProblems(
    ports,
    companyId,
    found.map(({ user }) => user.fields.mail),
  );
  const items = found.map((each, index): ManagerAccess => ({ ...each, addressProblem: problems[index] ?? null }));
  return { items, cursor: accounts.length === limit ? (accounts.at(-1)?.objectId ?? null) : null };
}

const told = {
  revoke: { action: 'managerInvitationEnded', summary: (name: string) => `Took back the invitation of ${name}.` },
  disable: { action: 'managerDisabled', summary: (name: string) => `Disabled the access of ${name} to the User Portal.` },
  enable: { action: 'managerEnabled', summary: (name: string) => `Enabled the access of ${name} to the User Portal.` },
} as const;

const refusals: Readonly<Record<AccountCommand, string>> = {
  revoke: 'No invitation of this person is open.',
  disable: 'This person has no account that could be disabled.',
  enable: 'The account of this person is not disabled.',
};

function eventsOf(command: AccountCommand, { user, reports }: ManagerFacts): readonly AccountEvent[] {
  return command === 'enable' && reviewAccess(user, reports) === 'accessRegained' ? ['enable', 'accessRegained'] : [command];
}

/**
 * Takes an invitation back, or closes or opens an account. Sessions of a disabled account end at once; repeating a command changes nothing.
 * @throws Refusal `not-found`, `conflict` when the account's state does not allow it
 */
export async function commandAccount(
  ports: Ports,
  request: OneManager & { readonly command: AccountCommand; readonly by: string; readonly reason: string | null },
): Promise<OneManagerAccess> {
  const { companyId, command, by, reason } = request;
  const facts = await requireManagerFacts(ports, request);
  const { user } = facts;
  await changeAccount(ports, companyId, user.objectId, (account) => {
    let { state } = account;
    for (const event of eventsOf(command, facts)) {
      const next = nextAccountState(state, event);
      if (next === 'refused') throw new Refusal('conflict', { detail: refusals[command] });
      state = next;
    }
    if (state === account.state) return undefined;
    const at = ports.clock.now().toISOString();
    const changed = {
      // A link for a new password that somebody may hold must not outlast the reason why the account is closed.
      ...(command === 'disable' ? { ...endingSessions(account), passwordReset: null } : account),
      state,
      stateSince: at,
      endedBecause:
        state === 'active' ? null : `${told[command].summary(displayNameOf(user.fields))}${reason === null ? '' : ` ${reason}`}`,
      wasRevoked: account.wasRevoked || command !== 'enable',
    };
    return { account: changed, effects: [accountAudit(ports, { companyId, user, by, reason, ...told[command] })] };
  });
  return await readManagerAccess(ports, request);
}
