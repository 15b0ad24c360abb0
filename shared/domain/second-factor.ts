// A manager's second factor: a secret shared with an authenticator app (RFC 6238), and codes on paper for the day the phone is gone.
// Transitions are total by type.

/**
 * - `none`: there is none.
 * - `offered`: a secret was shown, and no code of it has been seen yet.
 * - `confirmed`: a code was right; from now on every sign-in by password asks for one.
 * - `replacing`: confirmed, and a new secret was shown; the old one counts until a code of the new one was right.
 */
export const factorStates = ['none', 'offered', 'confirmed', 'replacing'] as const;
export type FactorState = (typeof factorStates)[number];

export const factorEvents = ['offer', 'confirm', 'remove', 'reset'] as const;
export type FactorEvent = (typeof factorEvents)[number];

/** `refused`: cannot happen in that state. Removing is the manager's own doing, resetting an admin's. */
export const factorTransitions = {
  none: { offer: 'offered', confirm: 'refused', remove: 'refused', reset: 'refused' },
  offered: { offer: 'offered', confirm: 'confirmed', remove: 'refused', reset: 'none' },
  confirmed: { offer: 'replacing', confirm: 'refused', remove: 'none', reset: 'none' },
  replacing: { offer: 'replacing', confirm: 'confirmed', remove: 'none', reset: 'none' },
} as const satisfies Record<FactorState, Record<FactorEvent, FactorState | 'refused'>>;

export interface ConfirmedFactor {
  readonly sealedSecret: string;
  readonly confirmedAt: string;
  /** The newest step of 30 seconds whose code was used: it and all before it open nothing any more. */
  readonly lastStep: number;
  /** Hashes of the recovery codes that are left. */
  readonly recoveryHashes: readonly string[];
}

export interface OfferedFactor {
  readonly sealedSecret: string;
  readonly offeredAt: string;
}

export interface SecondFactor {
  readonly confirmed: ConfirmedFactor | null;
  readonly offered: OfferedFactor | null;
}

/** Long enough to install an app, short enough that a forgotten page is worth nothing. */
const offerMs = 15 * 60_000;

/** The offer that still counts. */
export function openOffer(factor: SecondFactor | null, now: Date): OfferedFactor | null {
  const offered = factor?.offered ?? null;
  return offered !== null && now.getTime() - Date.parse(offered.offeredAt) < offerMs ? offered : null;
}

export function factorStateOf(factor: SecondFactor | null, now: Date): FactorState {
  const isOffered = openOffer(factor, now) !== null;
  if (factor === null || factor.confirmed === null) return isOffered ? 'offered' : 'none';
  return isOffered ? 'replacing' : 'confirmed';
}

/** What an event leads to, for a factor as it is now. */
export const nextFactorState = (factor: SecondFactor | null, event: FactorEvent, now: Date): FactorState | 'refused' =>
  factorTransitions[factorStateOf(factor, now)][event];

/** What a right password leads to besides a session. */
export const signInSteps = ['secondFactor', 'secondFactorSetup'] as const;
export type SignInStep = (typeof signInSteps)[number];

/** Whoever has a factor is asked for it, also where the company does not ask; `null` when the password is enough. */
export function stepAfterPassword(factor: SecondFactor | null, isRequired: boolean): SignInStep | null {
  if (factor !== null && factor.confirmed !== null) return 'secondFactor';
  return isRequired ? 'secondFactorSetup' : null;
}

export const stepSeconds = 30;

/** Steps whose codes count: the present one and its neighbours, since clocks differ and fingers are slow. */
export function acceptedSteps(now: Date): readonly number[] {
  const present = Math.floor(now.getTime() / (stepSeconds * 1000));
  return [present - 1, present, present + 1];
}

/** What a code was found to be. */
export interface JudgedCode {
  /** The step it belongs to, if any. */
  readonly step: number | null;
  /** The hash it has as a recovery code. */
  readonly recoveryHash: string;
}

/** Uses a code up; `null` when it is none, or was used before. */
export function useCode(
  factor: ConfirmedFactor,
  { step, recoveryHash }: JudgedCode,
): { readonly factor: ConfirmedFactor; readonly isRecovery: boolean } | null {
  const left = factor.recoveryHashes.filter((hash) => hash !== recoveryHash);
  if (left.length < factor.recoveryHashes.length) return { factor: { ...factor, recoveryHashes: left }, isRecovery: true };
  if (step === null || step <= factor.lastStep) return null;
  return { factor: { ...factor, lastStep: step }, isRecovery: false };
}

export const recoveryCodeCount = 10;
const recoveryGroup = 6;

/** Base32 in groups that can be copied from paper: `abcdef-ghijkl-…`. */
export const showRecoveryCode = (base32: string): string =>
  (base32.toLowerCase().match(new RegExp(`.{1,${recoveryGroup}}`, 'g')) ?? []).join('-');

/** What is compared: how somebody groups, spaces or capitalises a code does not matter. */
export const plainCode = (typed: string): string => typed.toLowerCase().replaceAll(/[\s-]/g, '');
