// What the rules for account kinds look at, read once from a user object: texts on one line, names judged, hinting words found.
import { hintingWordsIn } from './account-kind-words.ts';
import type { HintingWord } from './account-kind-words.ts';
import { foldText, shortLine } from './person-text.ts';
import type { DirectoryFields } from './user.ts';

/** What Muster may know beyond the user object itself. */
export interface KindEvidence {
  /** Graph's `mailboxSettings.userPurpose`; `unknown` when it could not be read, which never speaks against a person. */
  readonly mailboxPurpose?: 'user' | 'shared' | 'room' | 'equipment' | 'linked' | 'others' | 'unknown';
  /** Somebody names this account as manager. */
  readonly hasReports?: boolean;
}

/** What the rules look at, read once. Texts are single lines, empty when the directory states nothing. */
export interface Account {
  readonly fields: DirectoryFields;
  readonly evidence: KindEvidence;
  /** Local part of the user principal name and of the mail address. */
  readonly localParts: readonly string[];
  readonly displayName: string;
  readonly jobTitle: string;
  /** Job title and employee type as the rules compare them, folded. */
  readonly roles: Readonly<Record<'jobTitle' | 'employeeType', string>>;
  /**
   * `clear`: given name and surname, no hinting word in them. `doubtful`: one of the two is a word that is also a name (Sala Nguyen).
   * `partial`: only one of the two. `label`: they are no person's name (MOD Administrator). `none`: neither.
   */
  readonly nameParts: 'clear' | 'doubtful' | 'partial' | 'label' | 'none';
  /** Hinting words of the display name and the local parts. */
  readonly words: readonly HintingWord[];
}

export function readAccount(fields: DirectoryFields, evidence: KindEvidence): Account {
  const localPartOf = (address: string | null | undefined): string => stated(address).split('@', 1)[0] ?? '';
  const localParts = [...new Set([localPartOf(fields.userPrincipalName), localPartOf(fields.mail)])].filter((text) => text !== '');
  const displayName = stated(fields.displayName);
  const jobTitle = stated(fields.jobTitle);
  return {
    fields,
    evidence,
    localParts,
    displayName,
    jobTitle,
    roles: { jobTitle: foldText(jobTitle), employeeType: foldText(stated(fields.employeeType)) },
    nameParts: namePartsOf(stated(fields.givenName), stated(fields.surname)),
    words: [displayName, ...localParts].flatMap(hintingWordsIn),
  };
}

/** One short line of what the directory states; empty when it states nothing readable. */
export function stated(text: string | null | undefined): string {
  return shortLine(text ?? '', 80);
}

function namePartsOf(given: string, surname: string): Account['nameParts'] {
  const parts = [given, surname].filter((text) => /\p{L}/u.test(text));
  const words = parts.map(hintingWordsIn);
  if (parts.length === 0) return 'none';
  if (words.flat().some((word) => !word.alsoName) || words.every((found) => found.length > 0)) return 'label';
  if (parts.length === 1) return 'partial';
  return words.flat().length === 0 ? 'clear' : 'doubtful';
}
