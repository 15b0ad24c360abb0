// When a second factor counts, and how often a code does.
import { describe, expect, it } from 'vitest';
import {
  acceptedSteps,
  type ConfirmedFactor,
  factorEvents,
  type FactorState,
  factorStateOf,
  factorStates,
  factorTransitions,
  plainCode,
  type SecondFactor,
  showRecoveryCode,
  stepAfterPassword,
  useCode,
} from '../../shared/domain/second-factor.ts';

const now = new Date('2026-03-02T08:00:00.000Z');
const confirmed: ConfirmedFactor = {
  sealedSecret: 'sealed',
  confirmedAt: '2026-03-01T08:00:00.000Z',
  lastStep: 100,
  recoveryHashes: ['one', 'two'],
};
const offered = { sealedSecret: 'new', offeredAt: '2026-03-02T07:50:00.000Z' };
const factors: Readonly<Record<FactorState, SecondFactor | null>> = {
  none: null,
  offered: { confirmed: null, offered },
  confirmed: { confirmed, offered: null },
  replacing: { confirmed, offered },
};

describe('a second factor', () => {
  it.each(factorStates)('that is %s is known for it', (state) => {
    expect(factorStateOf(factors[state], now)).toBe(state);
  });

  it('is offered for a quarter of an hour', () => {
    const late = new Date('2026-03-02T08:05:00.000Z');
    expect(factorStateOf(factors.offered, late)).toBe('none');
    expect(factorStateOf(factors.replacing, late)).toBe('confirmed');
  });

  it('is only ever confirmed after it was offered, and never lost by an offer', () => {
    for (const state of factorStates) {
      expect(factorTransitions[state].confirm).toBe(state === 'offered' || state === 'replacing' ? 'confirmed' : 'refused');
      expect(factorTransitions[state].offer).toBe(factors[state]?.confirmed ? 'replacing' : 'offered');
      for (const event of factorEvents) expect([...factorStates, 'refused']).toContain(factorTransitions[state][event]);
    }
  });

  it.each([
    ['none', false, null],
    ['none', true, 'secondFactorSetup'],
    ['offered', false, null],
    ['offered', true, 'secondFactorSetup'],
    ['confirmed', false, 'secondFactor'],
    ['confirmed', true, 'secondFactor'],
    ['replacing', false, 'secondFactor'],
  ] as const)('that is %s, required: %s, leads from the password to %s', (state, isRequired, next) => {
    expect(stepAfterPassword(factors[state], isRequired)).toBe(next);
  });
});

describe('a code', () => {
  it('counts for its own half minute and the two beside it', () => {
    expect(acceptedSteps(new Date(90_000))).toEqual([2, 3, 4]);
    expect(acceptedSteps(new Date(119_999))).toEqual([2, 3, 4]);
  });

  it.each([
    ['the step after the last one used', 101, 101],
    ['the last step used', 100, undefined],
    ['an older step', 99, undefined],
    ['no step', null, undefined],
  ])('of %s', (_, step, lastStep) => {
    expect(useCode(confirmed, { step, recoveryHash: 'none' })?.factor.lastStep).toBe(lastStep);
  });

  it('for recovery is gone once it was used, and changes nothing else', () => {
    const used = useCode(confirmed, { step: null, recoveryHash: 'one' });
    expect(used).toEqual({ factor: { ...confirmed, recoveryHashes: ['two'] }, isRecovery: true });
    expect(used && useCode(used.factor, { step: null, recoveryHash: 'one' })).toBeNull();
  });

  it('is read as it is written on paper', () => {
    expect(showRecoveryCode('ABCDEFGHIJKLMNOPQRSTUVWX')).toBe('abcdef-ghijkl-mnopqr-stuvwx');
    expect(plainCode(' ABCDEF-ghijkl mnopqr-stuvwx ')).toBe('abcdefghijklmnopqrstuvwx');
    expect(plainCode('123 456')).toBe('123456');
  });
});
