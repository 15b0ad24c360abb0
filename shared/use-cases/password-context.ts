// What a new password is held against: words everybody knows about the person, and the passwords everybody chooses.
import type { PasswordContext } from '../domain/password.ts';
import type { User } from '../domain/user.ts';

let commonPasswords: Promise<ReadonlySet<string>> | undefined;

/**
 * 49,233 passwords from published breaches (zxcvbn-ts). Only 308 of them are long enough to be chosen here; the others count as stems.
 * Unpacked when the first password is chosen and not at the start, which it would make a tenth longer.
 */
async function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'].map((word) => word.toLowerCase()));
}

const product = 'muster';

/** The context of one person of one company. */
export async function passwordContextOf({ fields }: Pick<User, 'fields'>, companyName: string): Promise<PasswordContext> {
  commonPasswords ??= loadCommonPasswords();
  const common = await commonPasswords;
  const { displayName, givenName, surname, mail, userPrincipalName } = fields;
  const texts = [displayName, givenName, surname, mail, userPrincipalName, companyName, product];
  const words = texts.flatMap((text) => (text ?? '').split(/[^\p{L}\p{N}]+/u));
  return { words: [...new Set(words)].filter((word) => word !== ''), isCommon: (text) => common.has(text) };
}
