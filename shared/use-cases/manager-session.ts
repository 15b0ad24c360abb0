// A manager's session in the User Portal: an opaque id, stored as a hash, proven by mail address and password. Whether it still counts
// is read from the account and the directory at every request, so that whoever is no manager any more is out at once.
import * as z from 'zod';
import type { Settings } from '../domain/company.ts';
import { Refusal } from '../domain/errors.ts';
import { reviewAccess } from '../domain/manager-account.ts';
import { normalisePassword } from '../domain/password.ts';
import { type SignInStep, stepAfterPassword } from '../domain/second-factor.ts';
import type { Ports } from '../ports/ports.ts';
import { readCompanyState } from '../storage/company-state.ts';
import { documentWrite, readDocument } from '../storage/document.ts';
import { type ManagerAccount, readAccount } from '../storage/manager-accounts.ts';
import { insertStep } from '../storage/sign-in-steps.ts';
import { type CompanyUsers, openLinkedUsers } from './company-users.ts';
import { usersWithMail } from './find-users.ts';
import { hashSecret } from './hashing.ts';
import { type ManagerFacts, readManagerFacts } from './manager-facts.ts';
import { noteRefusedSignIn } from './refused-sign-in.ts';
import { accountGate, countAttempt, signInGates } from './sign-in-gates.ts';

const sessionSchema = z.object({
  companyId: z.string(),
  objectId: z.string(),
  /** The account's number of then. */
  generation: z.number(),
  startedAt: z.string(),
  seenAt: z.string(),
  /** Whatever its use; for the housekeeping. */
  expiresAt: z.string(),
});
type Session = z.output<typeof sessionSchema>;

export const managerSessionPartition = 'manager-session';
const sessions = managerSessionPartition;
const idleMs = 3_600_000;
const absoluteMs = 12 * 3_600_000;
/** The last use is noted no more often than this: a request costs no write as a rule. */
const noteEveryMs = 5 * 60_000;
const minuteMs = 60_000;
/** A code is at hand; an app has to be installed first. */
const stepMs: Readonly<Record<SignInStep, number>> = { secondFactor: 5 * minuteMs, secondFactorSetup: 15 * minuteMs };

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
  readonly settings: Settings;
}

/**
 * Who has this address in the directory now, and an account here. The address alone need not say it: second accounts for administration,
 * rooms and test users often have the address of the person they belong to. Of several with an account, none.
 */
export async function candidateOf(
  ports: Ports,
  { companyId, mail }: Pick<SignInRequest, 'companyId' | 'mail'>,
): Promise<Candidate | undefined> {
  const state = await readCompanyState(ports.tables, companyId);
  const opened = await openLinkedUsers(ports, companyId, state);
  if (!opened) return undefined;
  const people = await usersWithMail(ports, opened, mail);
  const read = await Promise.all(people.map(async ({ objectId }) => await readAccount(ports.tables, companyId, objectId)));
  const accounts = read.flatMap((found) => (found ? [found.value] : []));
  const active = accounts.filter((account) => account.state === 'active');
  const [account, ...others] = active.length > 0 ? active : accounts;
  if (account === undefined || others.length > 0) return undefined;
  const facts = (await readManagerFacts(ports, opened, [account.objectId])).get(account.objectId);
  return facts && { account, facts, settings: state.settings };
}

/** Whether somebody with this account may be in the User Portal now. */
export const mayEnter = ({ account, facts }: Pick<Candidate, 'account' | 'facts'>) =>
  account.state === 'active' && reviewAccess(facts.user, facts.reports) !== 'accessEnded';

export interface SignInResult {
  /** Id of the session; while a step is to follow, of that step, and it opens nothing else. */
  readonly session: string;
  readonly next: SignInStep | null;
}

/**
 * Signs a manager in; a new session each time. The answer and the work are the same whatever was wrong.
 * @throws Refusal `wrong-sign-in`, `too-many-attempts`
 */
export async function signInManager(ports: Ports, request: SignInRequest): Promise<SignInResult> {
  const { companyId } = request;
  const gate = accountGate(companyId, request.mail);
  const attempt = await countAttempt(ports, signInGates(gate, request.address));
  const candidate = await candidateOf(ports, request);
  const isRight = await ports.passwords.verify(normalisePassword(request.password), candidate?.account.passwordHash ?? null);
  if (!isRight || candidate === undefined || !mayEnter(candidate) || candidate.settings.managerSignIn !== 'password') {
    await noteRefusedSignIn(ports, companyId, candidate?.account.objectId ?? null);
    throw new Refusal('wrong-sign-in');
  }
  const { account, settings } = candidate;
  const next = stepAfterPassword(account.secondFactor, settings.secondFactorRequired);
  if (next === null) {
    await attempt.forgive();
    return { ...(await startManagerSession(ports, companyId, account)), next };
  }
  // Whoever knows the password alone must not win new guesses at the code with it.
  await attempt.takeBack();
  const step = ports.ids.newSecret();
  const expiresAt = new Date(ports.clock.now().getTime() + stepMs[next]).toISOString();
  const { objectId, sessionGeneration: generation } = account;
  await insertStep(ports.tables, hashSecret(step), { companyId, objectId, generation, next, gate, expiresAt });
  return { session: step, next };
}

/** A new session; whoever starts one has made sure who it is for. */
export async function startManagerSession(
  ports: Pick<Ports, 'tables' | 'ids' | 'clock'>,
  companyId: string,
  { objectId, sessionGeneration: generation }: Pick<ManagerAccount, 'objectId' | 'sessionGeneration'>,
): Promise<{ readonly session: string }> {
  const session = ports.ids.newSecret();
  const now = ports.clock.now();
  const at = now.toISOString();
  const expiresAt = new Date(now.getTime() + absoluteMs).toISOString();
  const value: Session = { companyId, objectId, generation, startedAt: at, seenAt: at, expiresAt };
  await ports.tables.access.write(sessions, [documentWrite.insert(hashSecret(session), value)]);
  return { session };
}

/** A manager who is signed in, with what was read to know it. */
export interface SignedInManager {
  readonly companyId: string;
  readonly opened: CompanyUsers;
  readonly account: ManagerAccount;
  readonly facts: ManagerFacts;
  readonly settings: Settings;
}

/** Who proved an account while its sessions had this number; `undefined` when that counts no more, for whatever reason. */
export async function managerOfGeneration(
  ports: Ports,
  { companyId, objectId, generation }: Pick<Session, 'companyId' | 'objectId' | 'generation'>,
): Promise<SignedInManager | undefined> {
  const [account, state] = await Promise.all([readAccount(ports.tables, companyId, objectId), readCompanyState(ports.tables, companyId)]);
  const opened = await openLinkedUsers(ports, companyId, state);
  const facts = opened && (await readManagerFacts(ports, opened, [objectId])).get(objectId);
  if (!account || !opened || !facts || !mayEnter({ account: account.value, facts })) return undefined;
  if (account.value.sessionGeneration !== generation) return undefined;
  return { companyId, opened, account: account.value, facts, settings: state.settings };
}

/** @returns `undefined` when the session is over, for whatever reason */
export async function managerOfSession(ports: Ports, session: string): Promise<SignedInManager | undefined> {
  const key = { partition: sessions, row: hashSecret(session) };
  const found = await readDocument(ports.tables.access, key, sessionSchema);
  if (!found) return undefined;
  const { seenAt, expiresAt } = found.value;
  const now = ports.clock.now().getTime();
  if (now - Date.parse(seenAt) >= idleMs || now >= Date.parse(expiresAt)) return undefined;
  const manager = await managerOfGeneration(ports, found.value);
  if (manager !== undefined && now - Date.parse(seenAt) >= noteEveryMs) {
    const seen = { ...found.value, seenAt: new Date(now).toISOString() };
    await ports.tables.access.write(key.partition, [documentWrite.replace(key.row, seen, found.etag)]);
  }
  return manager;
}

export async function endManagerSession(ports: Pick<Ports, 'tables'>, session: string): Promise<void> {
  await ports.tables.access.write(sessions, [{ kind: 'remove', row: hashSecret(session) }]);
}
