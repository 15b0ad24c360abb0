// A manager's session in the User Portal: an opaque id, stored as a hash, proven by mail address and password. Whether it still counts
// is read from the account and the directory at every request, so that whoever is no manager any more is out at once.
import * as z from 'zod';
import { Refusal } from '../domain/errors.ts';
import { reviewAccess } from '../domain/manager-account.ts';
import { normalisePassword } from '../domain/password.ts';
import type { Ports } from '../ports/ports.ts';
import { documentWrite, readDocument } from '../storage/document.ts';
import { type ManagerAccount, readAccount } from '../storage/manager-accounts.ts';
import { type CompanyUsers, openUsers } from './company-users.ts';
import { findUsers } from './find-users.ts';
import { hashSecret } from './hashing.ts';
import { type ManagerFacts, readManagerFacts } from './manager-facts.ts';
import { countAttempt, forgive, requireOpenGates, signInGates } from './sign-in-gates.ts';

const sessionSchema = z.object({
  companyId: z.string(),
  objectId: z.string(),
  /** The account's number of then. */
  generation: z.number(),
  startedAt: z.string(),
  seenAt: z.string(),
});
type Session = z.output<typeof sessionSchema>;

const sessions = 'manager-session';
const idleMs = 3_600_000;
const absoluteMs = 12 * 3_600_000;
/** The last use is noted no more often than this: a request costs no write as a rule. */
const noteEveryMs = 5 * 60_000;

export interface SignInRequest {
  readonly companyId: string;
  readonly mail: string;
  readonly password: string;
  /** Where the request comes from. */
  readonly address: string;
}

interface Candidate {
  readonly account: ManagerAccount;
  readonly facts: ManagerFacts;
}

/** Who has this address in the directory now, and an account here. */
export async function candidateOf(
  ports: Ports,
  { companyId, mail }: Pick<SignInRequest, 'companyId' | 'mail'>,
): Promise<Candidate | undefined> {
  const opened = await openUsers(ports, companyId);
  const [found] = opened ? await findUsers(ports, opened, [{ mail }]) : [];
  if (!opened || found?.kind !== 'found') return undefined;
  const { objectId } = found.user;
  const [account, facts] = await Promise.all([readAccount(ports.tables, companyId, objectId), readManagerFacts(ports, opened, [objectId])]);
  const known = facts.get(objectId);
  return account && known ? { account: account.value, facts: known } : undefined;
}

/** Whether somebody with this account may be in the User Portal now. */
export const mayEnter = ({ account, facts }: Candidate) =>
  account.state === 'active' && reviewAccess(facts.user, facts.reports) !== 'accessEnded';

/**
 * Signs a manager in; a new session each time. The answer and the work are the same whatever was wrong.
 * @throws Refusal `wrong-sign-in`, `too-many-attempts`
 */
export async function signInManager(ports: Ports, request: SignInRequest): Promise<{ readonly session: string }> {
  const all = signInGates(request.companyId, request.mail, request.address);
  await requireOpenGates(ports, all);
  await countAttempt(ports, all);
  const candidate = await candidateOf(ports, request);
  const isRight = await ports.passwords.verify(normalisePassword(request.password), candidate?.account.passwordHash ?? null);
  if (!isRight || candidate === undefined || !mayEnter(candidate)) throw new Refusal('wrong-sign-in');
  await forgive(ports, all);
  return await startManagerSession(ports, request.companyId, candidate.account);
}

/** A new session; whoever starts one has made sure who it is for. */
export async function startManagerSession(
  ports: Pick<Ports, 'tables' | 'ids' | 'clock'>,
  companyId: string,
  { objectId, sessionGeneration: generation }: Pick<ManagerAccount, 'objectId' | 'sessionGeneration'>,
): Promise<{ readonly session: string }> {
  const session = ports.ids.newSecret();
  const at = ports.clock.now().toISOString();
  const value: Session = { companyId, objectId, generation, startedAt: at, seenAt: at };
  await ports.tables.access.write(sessions, [documentWrite.insert(hashSecret(session), value)]);
  return { session };
}

/** A manager who is signed in, with what was read to know it. */
export interface SignedInManager {
  readonly companyId: string;
  readonly opened: CompanyUsers;
  readonly account: ManagerAccount;
  readonly facts: ManagerFacts;
}

/** @returns `undefined` when the session is over, for whatever reason */
export async function managerOfSession(ports: Ports, session: string): Promise<SignedInManager | undefined> {
  const key = { partition: sessions, row: hashSecret(session) };
  const found = await readDocument(ports.tables.access, key, sessionSchema);
  if (!found) return undefined;
  const { companyId, objectId, generation, startedAt, seenAt } = found.value;
  const now = ports.clock.now().getTime();
  if (now - Date.parse(seenAt) >= idleMs || now - Date.parse(startedAt) >= absoluteMs) return undefined;
  const [account, opened] = await Promise.all([readAccount(ports.tables, companyId, objectId), openUsers(ports, companyId)]);
  const facts = opened && (await readManagerFacts(ports, opened, [objectId])).get(objectId);
  if (!account || !opened || !facts || !mayEnter({ account: account.value, facts })) return undefined;
  if (account.value.sessionGeneration !== generation) return undefined;
  if (now - Date.parse(seenAt) >= noteEveryMs) {
    const seen = { ...found.value, seenAt: new Date(now).toISOString() };
    await ports.tables.access.write(key.partition, [documentWrite.replace(key.row, seen, found.etag)]);
  }
  return { companyId, opened, account: account.value, facts };
}

export async function endManagerSession(ports: Pick<Ports, 'tables'>, session: string): Promise<void> {
  await ports.tables.access.write(sessions, [{ kind: 'remove', row: hashSecret(session) }]);
}
