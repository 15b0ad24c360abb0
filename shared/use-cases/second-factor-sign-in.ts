// What follows a right password: the code of the second factor, or setting one up where the company requires it. What is shown in between
// opens this step and nothing else.
import { Refusal } from '../domain/errors.ts';
import type { Ports } from '../ports/ports.ts';
import type { SignInStep } from '../domain/second-factor.ts';
import type { ManagerAccount } from '../storage/manager-accounts.ts';
import { type HalfSignIn, readStep, removeStep } from '../storage/sign-in-steps.ts';
import { changeAccount } from './account-change.ts';
import { ownerOf } from './account-notice.ts';
import { confirmFactor, offerFactor, spendCode } from './factor-changes.ts';
import { hashSecret } from './hashing.ts';
import { managerOfGeneration, type SignedInManager, startManagerSession } from './manager-session.ts';
import type { NewSecret } from './one-time-codes.ts';
import { countAttempt, signInGates } from './sign-in-gates.ts';

interface OpenStep {
  readonly row: string;
  readonly etag: string;
  readonly half: HalfSignIn;
  readonly manager: SignedInManager;
}

const expired = () => new Refusal('sign-in-expired');

/** The step a browser is at, if it still counts: nothing it rests on may have changed since the password was right. */
async function openStep(ports: Ports, session: string | null, next: SignInStep): Promise<OpenStep> {
  const row = hashSecret(session ?? '');
  const found = session === null ? undefined : await readStep(ports.tables, row);
  if (!found || found.value.next !== next || Date.parse(found.value.expiresAt) <= ports.clock.now().getTime()) throw expired();
  const manager = await managerOfGeneration(ports, found.value);
  if (manager === undefined || manager.settings.managerSignIn !== 'password') throw expired();
  return { row, etag: found.etag, half: found.value, manager };
}

/** Whoever sits at the browser next must not go on with what somebody else has begun. */
export async function endStep(ports: Pick<Ports, 'tables'>, step: string): Promise<void> {
  await removeStep(ports.tables, hashSecret(step));
}

/** Ends the step for good and begins the session. */
async function finish(ports: Ports, { row, etag, half }: OpenStep, account: ManagerAccount): Promise<{ readonly session: string }> {
  if ((await removeStep(ports.tables, row, etag)) === 'changed') throw expired();
  return await startManagerSession(ports, half.companyId, account);
}

export interface StepCode {
  /** Id of the step. */
  readonly step: string | null;
  readonly code: string;
  /** Where the request comes from. */
  readonly address: string;
}

/**
 * Finishes a sign-in with a code of the app or a recovery code; each works once.
 * @returns the session, under a new id
 * @throws Refusal `sign-in-expired`, `wrong-code`, `too-many-attempts`
 */
export async function enterCode(ports: Ports, { step, code, address }: StepCode): Promise<{ readonly session: string }> {
  const open = await openStep(ports, step, 'secondFactor');
  const attempt = await countAttempt(ports, signInGates(open.half.gate, address));
  const { companyId, objectId, generation } = open.half;
  const account = await changeAccount(ports, companyId, objectId, (present) => {
    if (present.sessionGeneration !== generation) throw expired();
    return spendCode(ports, ownerOf(open.manager), present, code);
  });
  const entered = await finish(ports, open, account);
  await attempt.forgive();
  return entered;
}

/** Looked at again in the write: whoever knows a password must not replace a factor that was set up meanwhile. */
const requireNone =
  ({ half }: OpenStep) =>
  ({ secondFactor, sessionGeneration }: ManagerAccount): void => {
    if (sessionGeneration !== half.generation || (secondFactor !== null && secondFactor.confirmed !== null)) throw expired();
  };

/** Shows a secret to whoever has to set up a factor before the first session. @throws Refusal `sign-in-expired` */
export async function offerAtSignIn(ports: Ports, step: string | null): Promise<Pick<NewSecret, 'secret' | 'uri'>> {
  const open = await openStep(ports, step, 'secondFactorSetup');
  return await offerFactor(ports, ownerOf(open.manager), (account) => {
    requireNone(open)(account);
    return { account, effects: [] };
  });
}

/**
 * Takes the first code, and the sign-in is finished.
 * @throws Refusal `sign-in-expired`, `no-second-factor`, `wrong-code`, `too-many-attempts`
 */
export async function confirmAtSignIn(
  ports: Ports,
  { step, code, address }: StepCode,
): Promise<{ readonly session: string; readonly recoveryCodes: readonly string[] }> {
  const open = await openStep(ports, step, 'secondFactorSetup');
  const attempt = await countAttempt(ports, signInGates(open.half.gate, address));
  const { account, recoveryCodes } = await confirmFactor(ports, ownerOf(open.manager), code, requireNone(open));
  const entered = await finish(ports, open, account);
  await attempt.forgive();
  return { ...entered, recoveryCodes };
}
