// Lays a mail out as text: short lines of meaning, and each address alone on its line so that every program can follow it.
import type { MailDocument } from './mail-texts.ts';

/** The text part, with line feeds and no wrapped lines. */
export function renderTextPart(document: MailDocument): string {
  const links = document.links.map(({ label, url }) => `${label}:\n${url}`);
  return `${[document.heading, ...document.paragraphs, ...links, `--\n${document.reason}`].join('\n\n')}\n`;
}
