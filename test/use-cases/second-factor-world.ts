// Mona with her account, and the app on her phone.
import { Secret, TOTP } from 'otpauth';
import { managerOfSession, type SignedInManager, signInManager } from '../../shared/use-cases/manager-session.ts';
import { acceptInvitation } from '../../shared/use-cases/open-account.ts';
import { confirmOwnFactor, offerOwnFactor, type Proof } from '../../shared/use-cases/second-factor.ts';
import { enterCode } from '../../shared/use-cases/second-factor-sign-in.ts';
import { personFields } from '../builders.ts';
import { goodPassword, makeManagerWorld, type ManagerWorld } from './manager-world.ts';
import { companyId } from './sync-world.ts';

export const stepMs = 30_000;
export const address = '198.51.100.7';
export const monaMail = personFields('mona').mail ?? '';

export interface FactorWorld extends ManagerWorld {
  readonly signIn: (password?: string, from?: string) => ReturnType<typeof signInManager>;
  readonly manager: (session: string) => Promise<SignedInManager>;
  readonly isOpen: (session: string) => Promise<boolean>;
  /** What the app shows, this many steps from now. */
  readonly code: (secret: string, steps?: number) => string;
  /** Some time passes, so that the next code is another one. */
  readonly nextStep: () => void;
  readonly proof: (change?: Partial<Proof>) => Proof;
  /** Adds a factor in a session of its own. */
  readonly withFactor: () => Promise<{ readonly secret: string; readonly session: string; readonly recoveryCodes: readonly string[] }>;
  /** Signs in as far as the code, and enters it. */
  readonly enter: (code: string) => Promise<string>;
}

/** Mona's account is active, with a password and without a second factor. */
export async function makeFactorWorld(): Promise<FactorWorld> {
  const world = await makeManagerWorld();
  const { ports } = world;
  await world.decide('approve', 'mona', 'ada', 'bo');
  await world.invite(['mona']);
  await acceptInvitation(ports, { token: (await world.links())[0] ?? '', password: goodPassword });
  ports.clock.advance(1000);
  const signIn: FactorWorld['signIn'] = async (password = goodPassword, from = address) =>
    await signInManager(ports, { companyId, mail: monaMail, password, address: from });
  const manager: FactorWorld['manager'] = async (session) => {
    const found = await managerOfSession(ports, session);
    if (found === undefined) throw new Error('Mona is not signed in.');
    return found;
  };
  const code: FactorWorld['code'] = (secret, steps = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 }).generate({
      timestamp: ports.clock.now().getTime() + steps * stepMs,
    });
  const nextStep = () => ports.clock.advance(stepMs);
  const proof: FactorWorld['proof'] = (change = {}) => ({ password: goodPassword, code: null, address, ...change });
  return {
    ...world,
    signIn,
    manager,
    isOpen: async (session) => (await managerOfSession(ports, session)) !== undefined,
    code,
    nextStep,
    proof,
    withFactor: async () => {
      const { session: first } = await signIn();
      nextStep();
      const { secret } = await offerOwnFactor(ports, await manager(first), proof());
      const confirmed = await confirmOwnFactor(ports, await manager(first), { code: code(secret), address });
      nextStep();
      return { secret, ...confirmed };
    },
    enter: async (typed) => (await enterCode(ports, { step: (await signIn()).session, code: typed, address })).session,
  };
}
