// An escaping tagged template: HTML can only be made from literals in the code and escaped values, so no input becomes markup.

const markup = Symbol('markup');

/** A piece of HTML whose every inserted value was escaped. Only `html` makes one. */
export interface Html {
  readonly [markup]: string;
}

/** What may be inserted: text and numbers (escaped), pieces of HTML (as they are), lists of pieces, and null for nothing. */
type Insertion = string | number | Html | readonly Html[] | null;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function insert(value: Insertion): string {
  if (value === null) return '';
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => entities[character] ?? '');
  if (typeof value === 'number') return String(value);
  if (markup in value) return value[markup];
  return value.map((piece) => piece[markup]).join('');
}

/** Makes HTML from a template. Values are safe in text and in quoted attributes, nowhere else: not in unquoted attributes, scripts or styles. */
export function html(literals: TemplateStringsArray, ...values: readonly Insertion[]): Html {
  return { [markup]: literals.reduce((before, literal, index) => before + insert(values[index - 1] ?? null) + literal) };
}

/** The finished text of a piece of HTML. */
export function renderHtml(piece: Html): string {
  return piece[markup];
}
