// Finds the users in an export, whatever wraps them: one Graph page, many pages, a bare list, or one page or user on each line.

/** An export that cannot be read; the message says what is wrong and where. */
export class ExportUnreadable extends Error {
  override readonly name = 'ExportUnreadable';
}

/** One user object as found, with the place to name when something is wrong with it. */
interface FoundUser {
  readonly place: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Reads the bytes of a file as text: UTF-8, or UTF-16 as Windows tools write it, each with or without a byte order mark.
 */
export function decodeExport(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** Lists the users of an export in order. @throws ExportUnreadable when there is no JSON, or something other than users in it. */
export function usersOfExport(text: string): readonly FoundUser[] {
  const content = text.replace(/^\uFEFF/, '').trim();
  if (content === '') throw new ExportUnreadable('The export is empty.');
  const whole = parse(content);
  if (whole.ok) return usersOf(whole.value, '');
  const lines = content.split(/\r?\n/);
  const first = parse(lines[0] ?? '');
  if (lines.length === 1 || !first.ok) throw new ExportUnreadable(`The export is not JSON: ${whole.message}`);
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = parse(line);
    if (!parsed.ok) throw new ExportUnreadable(`Line ${index + 1} is not JSON: ${parsed.message}`);
    return usersOf(parsed.value, `line ${index + 1}, `);
  });
}

function parse(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function usersOf(value: unknown, place: string): readonly FoundUser[] {
  if (!Array.isArray(value)) return pageOrUser(value, place, '');
  const parts: readonly unknown[] = value;
  return parts.flatMap((part, index) => pageOrUser(part, `${place}${isPage(part) ? 'page' : 'user'} ${index}`, ', '));
}

function pageOrUser(value: unknown, place: string, separator: string): readonly FoundUser[] {
  const where = place === '' ? 'The export' : sentenceStart(place.replace(/, $/, ''));
  if (!isObject(value)) throw new ExportUnreadable(`${where} is ${kindOf(value)}; a page or a user was expected.`);
  if (!isPage(value)) {
    if (isObject(value['error']))
      throw new ExportUnreadable(`${where} is an error answer of Graph (${String(value['error']['code'])}), not a page.`);
    if (value['value'] !== undefined)
      throw new ExportUnreadable(`${where}: "value" is ${kindOf(value['value'])}; an array of users was expected.`);
    return [{ place: place === '' ? 'user 0' : place.replace(/, $/, ''), value }];
  }
  return value.value.map((user, index) => {
    const userPlace = `${place}${separator}user ${index}`;
    if (!isObject(user)) throw new ExportUnreadable(`${sentenceStart(userPlace)} is ${kindOf(user)}; an object was expected.`);
    return { place: userPlace, value: user };
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPage(value: unknown): value is { readonly value: readonly unknown[] } {
  return isObject(value) && Array.isArray(value['value']);
}

/** A value's kind in words for a message. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function sentenceStart(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
