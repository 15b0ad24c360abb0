// Which passwords are refused, and why.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  explainPassword,
  longestPassword,
  normalisePassword,
  type PasswordProblem,
  passwordProblems,
  shortestPassword,
  whyPasswordRefused,
} from '../../shared/domain/password.ts';

const common = new Set(['password', 'passwordpassword', 'letmein', 'unbelievable', 'sunshine']);
const context = {
  words: ['Ada', 'Lovelace', 'ada.lovelace', 'contoso', 'Contoso Ltd', 'Muster'],
  isCommon: (text: string) => common.has(text),
};

describe('a password', () => {
  it.each<[string, PasswordProblem | null]>([
    ['correct horse battery staple', null],
    ['Vier Hühner im Regen', null],
    ['тихая зелёная лампа', null],
    ['雨の日に傘を四本持って歩く', null],
    ['xK9#mQ2$vL7p', null],
    ['elevenchars', 'tooShort'],
    // Twelve UTF-16 units, six characters.
    ['🦊🦊🦊🦊🦊🦊', 'tooShort'],
    ['x'.repeat(129), 'tooLong'],
    ['passwordpassword', 'common'],
    ['Password1234', 'common'],
    ['!!Password!!', 'common'],
    ['P@ssw0rd2026', 'common'],
    ['letmeinletmein', 'common'],
    ['12345Sunshine!', 'common'],
    ['Únbelievable1', 'common'],
    ['aaaaaaaaaaaa', 'repeated'],
    ['abcabcabcabc', 'repeated'],
    ['qwertyuiopas', 'repeated'],
    ['012345678901', 'repeated'],
    ['zyxwvutsrqponm', 'repeated'],
    ['contoso2026!', 'personal'],
    ['AdaLovelace1', 'personal'],
    ['L0velace-2026', 'personal'],
    ['lovelace likes green tea', null],
    ['muster-tree-garden', null],
  ])('%s: %s', (password, problem) => {
    expect(whyPasswordRefused(password, context)).toBe(problem);
  });

  it('is the same however its letters were composed', () => {
    expect(normalisePassword('Hu\u0308hner im Regen')).toBe(normalisePassword('H\u00fchner im Regen'));
  });

  it('is judged by nothing but its length when it is random', () => {
    const characters = fc.constantFrom(...Array.from('bdfgjkmnpqrvwxzBDFGJKMNPQRVWXZ2689#%&*+-=?'));
    fc.assert(
      fc.property(fc.array(characters, { minLength: 1, maxLength: 160 }), (letters) => {
        const password = letters.join('');
        const problem = whyPasswordRefused(password, { words: [], isCommon: () => false });
        if (problem !== 'repeated') {
          const expected = letters.length < shortestPassword ? 'tooShort' : letters.length > longestPassword ? 'tooLong' : null;
          expect(problem).toBe(expected);
        }
      }),
    );
  });

  it('that is refused comes with a next step', () => {
    for (const problem of passwordProblems) expect(explainPassword(problem)).toMatch(/[.]$/);
  });
});
