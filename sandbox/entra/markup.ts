// HTML as template literals that escape every value, so that a page cannot forget to.

export interface Markup {
  readonly markup: string;
}

type Value = string | Markup | readonly Markup[];

/** Builds markup; strings put in are escaped, markup is taken as it is. */
export function html(texts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: texts.reduce((whole, text, index) => `${whole}${render(values[index - 1] ?? '')}${text}`) };
}

function render(value: Value): string {
  if (typeof value === 'string') return escape(value);
  return 'markup' in value ? value.markup : value.map(render).join('');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
