// Numbers with the right form of the word behind them, by the rules of a language.

/** Word forms by plural category (Unicode CLDR); a language names those it has, and always `other`. */
export type PluralForms = { readonly other: string } & { readonly [Category in Intl.LDMLPluralRule]?: string };

/** Makes a function that writes a count and its word: `count(1, { one: 'person is', other: 'people are' })` is "1 person is". */
export function makePlural(language: string): (count: number, forms: PluralForms) => string {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (count, forms) => `${numbers.format(count)} ${forms[rules.select(count)] ?? forms.other}`;
}
