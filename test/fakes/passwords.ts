// Passwords without the cost, held to the same contract as the real ones (test/contracts/passwords.test.ts). Counts its work.
import type { Passwords } from '../../shared/ports/passwords.ts';

export interface FakePasswords extends Passwords {
  /** How many passwords were hashed, compared ones as well. */
  readonly work: () => number;
}

export function makeFakePasswords(): FakePasswords {
  let work = 0;
  let salts = 0;
  return {
    hash: async (password) => {
      work += 1;
      salts += 1;
      return `fake$${salts}$${password}`;
    },
    verify: async (password, hash) => {
      work += 1;
      return hash !== null && hash.replace(/^fake\$\d+\$/, '') === password;
    },
    work: () => work,
  };
}
