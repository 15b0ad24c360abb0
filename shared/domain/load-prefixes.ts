// How a directory is cut into parts that are read side by side: by the beginnings of user principal names, which every user has.

/** What a user principal name may consist of before its `@`, without regard to case (documented for Entra's sign-in names). */
const nameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789'.-_!#^~".split('');

/** Longer prefixes are not cut again: this deep, only counts that contradict each other lead. */
const longestPrefix = 16;

/** Below this many users the delta chain needs fewer turns: N/200 pages and N/999 of managers, against about 9 + N/8,000. */
const partitionedAbove = 3_000;

/** Whether reading in parts takes at most half the turns of the delta chain. */
export function partitioningPays(users: number): boolean {
  return users > partitionedAbove;
}

/**
 * The parts of a prefix, `''` being everybody: together they hold everyone whose name goes on with a known character, each once. The
 * `@` goes on after a whole local part (`a@…` belongs to `a@`), so it cannot begin a name.
 */
export function partsOf(prefix: string): readonly string[] {
  return [...nameCharacters, ...(prefix === '' ? [] : ['@'])].map((character) => prefix + character);
}

export function canBeCut(prefix: string): boolean {
  return prefix.length < longestPrefix;
}

/** The `$filter` for a prefix other than `''`, not yet encoded for an address; OData doubles a quote inside a text. */
export function prefixFilter(prefix: string): string {
  return `startswith(userPrincipalName,'${prefix.replaceAll("'", "''")}')`;
}
