// Which passwords managers may choose: long ones that are neither well known nor made of what everybody knows about the person
// (NIST SP 800-63B §3.1.1.2, OWASP ASVS 5 §6.2). No rules about digits or signs: they make passwords worse.

export const shortestPassword = 12;
/** Long enough for every pass phrase and short enough that hashing one costs what it should. */
export const longestPassword = 128;

export const passwordProblems = ['tooShort', 'tooLong', 'common', 'personal', 'repeated'] as const;
export type PasswordProblem = (typeof passwordProblems)[number];

export interface PasswordContext {
  /** Names of the person, the company and the product, and the parts of the mail address. */
  readonly words: readonly string[];
  /** Whether a text, lower case, is on the list of common passwords. */
  readonly isCommon: (text: string) => boolean;
}

/** One form of a password whatever keyboard it was typed on (RFC 8265 §4.2: no case mapping, NFC). */
export const normalisePassword = (password: string) => password.normalize('NFC');

const lookAlikes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

const plain = (text: string) => text.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '');
/** With signs that stand for letters read as these letters; not at the end, where they are decoration. */
const unmasked = (text: string) => text.replaceAll(/[0134578@$!](?=.*\p{L})/gu, (sign) => lookAlikes[sign] ?? sign);

/** The password without what people put before and behind a word: digits and signs. */
const stemOf = (text: string) => text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');

/** A shorter text that the password merely repeats, or the text itself. */
function unitOf(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1) {
    const unit = text.slice(0, length);
    if (unit.repeat(Math.ceil(text.length / length)).slice(0, text.length) === text) return unit;
  }
  return text;
}

const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', 'qwertyuiopasdfghjklzxcvbnm', 'qwertzuiopasdfghjklyxcvbnm'];
const runs = rows.flatMap((row) => [row, Array.from(row).toReversed().join('')]);
const isRun = (text: string) => runs.some((run) => run.includes(text));

const charactersIn = (text: string) => Array.from(text).length;

const shortestPersonalWord = 4;
/** So much must be left when everything personal is taken out. */
const leastUnpersonal = 8;

/** Why a password is refused; `null` when it may be used. */
export function whyPasswordRefused(password: string, { words, isCommon }: PasswordContext): PasswordProblem | null {
  const normal = normalisePassword(password);
  const length = charactersIn(normal);
  if (length < shortestPassword) return 'tooShort';
  if (length > longestPassword) return 'tooLong';
  const forms = [...new Set([plain(normal), unmasked(plain(normal))])];
  if (forms.some((form) => unitOf(form).length < 4 || isRun(form))) return 'repeated';
  const known = (text: string) => text !== '' && (isCommon(text) || isCommon(unitOf(text)));
  if (forms.some((form) => known(form) || known(stemOf(form)))) return 'common';
  const personal = words.map(plain).filter((word) => charactersIn(word) >= shortestPersonalWord);
  const isPersonal = (form: string) => {
    const left = personal.reduce((text, word) => text.replaceAll(word, ''), form);
    return left !== form && charactersIn(left) < leastUnpersonal;
  };
  return forms.some(isPersonal) ? 'personal' : null;
}

const sentences: Readonly<Record<PasswordProblem, string>> = {
  tooShort: `Use at least ${shortestPassword} characters. Several words that have nothing to do with each other are easy to remember.`,
  tooLong: `Use at most ${longestPassword} characters.`,
  common: 'Too many people use this password, or one that differs by digits and signs alone. Choose another one.',
  personal: 'This is made of your name, your company or your mail address. Choose something nobody can look up.',
  repeated: 'This repeats a few characters, or follows the keyboard. Choose something else.',
};

export const explainPassword = (problem: PasswordProblem) => sentences[problem];
