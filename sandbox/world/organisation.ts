// Who is what in the bulk of a seeded company, and who reports to whom: computed from ordinals alone.
import type { AccountKind } from '../../shared/domain/user.ts';
import { chance } from './random.ts';

/** Direct reports a manager has. */
const span = 8;

export interface Organisation {
  readonly kindAt: (ordinal: number) => AccountKind;
  /** Ordinal of somebody's manager, always a person outside the cast; null for the head and for a few without manager. */
  readonly managerAt: (ordinal: number) => number | null;
  /** 0 is the head of the company. */
  readonly levelAt: (ordinal: number) => number;
  /** Ordinal of the head, or null when the company has nobody but the cast. */
  readonly head: number | null;
}

/** Lays out a company: first the accounts one can sign in as, then the awkward cast, then everybody else as a tree. */
export function makeOrganisation(options: {
  readonly accounts: number;
  readonly cast: number;
  readonly users: number;
  readonly seed: number;
}): Organisation {
  const { accounts, cast, users, seed } = options;
  const bulk = accounts + cast;
  const head = accounts > 0 ? 0 : users > bulk ? bulk : null;
  const kindAt = (ordinal: number): AccountKind => (ordinal < bulk || ordinal === head ? 'person' : bulkKind(chance(seed + 20, ordinal)));
  /** The tree holds the head first, then everybody after the cast. */
  const shift = accounts > 0 ? bulk - 1 : bulk;
  const placeOf = (ordinal: number) => (ordinal < bulk ? 0 : ordinal - shift);
  const ordinalAt = (place: number) => (place === 0 ? head : place + shift);
  return {
    kindAt,
    head,
    managerAt: (ordinal) => {
      if (ordinal === head || chance(seed + 21, ordinal) < 0.02) return null;
      let place = Math.max(0, Math.floor((placeOf(ordinal) - 1) / span));
      while (place > 0 && kindAt(place + shift) !== 'person') place--;
      return ordinalAt(place);
    },
    levelAt: (ordinal) => {
      let level = ordinal === head ? 0 : 1;
      for (let place = Math.floor((placeOf(ordinal) - 1) / span); place > 0; place = Math.floor((place - 1) / span)) level++;
      return level;
    },
  };
}

/** What kind of account a place in the bulk of a company holds: mostly people, then guests, shared mailboxes, rooms and the rest. */
function bulkKind(share: number): AccountKind {
  if (share < 0.85) return 'person';
  if (share < 0.91) return 'guest';
  if (share < 0.96) return 'sharedMailbox';
  if (share < 0.98) return 'room';
  if (share < 0.99) return 'equipment';
  return share < 0.993 ? 'resourceAccount' : 'serviceAccount';
}
