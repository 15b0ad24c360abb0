// The pages on which every mail of the product can be looked at in every language, with made-up content, before anybody gets one.
import { type Language, languages } from '../../shared/domain/company.ts';
import { html, type Html } from '../../shared/domain/html.ts';
import { type MailKind, type RenderedMail, renderMail } from '../../shared/domain/mail-content.ts';
import { exampleLogoUrl, exampleToken, mailExamples, mailKinds } from './examples.ts';
import { openLinksOutside, page } from './inbox-page.ts';

/** Drawn here, because the pages load nothing from outside. */
const exampleLogo = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><path d="M4 36 24 6l12 18 8-10 16 22z" fill="#1f5fbf"/></svg>',
)}`;

export interface PreviewedMail {
  readonly kind: MailKind;
  readonly language: Language;
}

/** Finds what a path such as `/mail/preview/managerInvited/de` names. */
export function previewedMail(kind: string, language: string): PreviewedMail | undefined {
  const knownKind = mailKinds.find((each) => each === kind);
  const knownLanguage = languages.find((each) => each === language);
  return knownKind && knownLanguage && { kind: knownKind, language: knownLanguage };
}

const render = ({ kind, language }: PreviewedMail): RenderedMail =>
  renderMail(mailExamples[kind], { language, logoUrl: exampleLogoUrl, tokenOf: exampleToken });

const addressOf = ({ kind, language }: PreviewedMail): string => `/mail/preview/${kind}/${language}`;

function languageLinks(kind: MailKind): readonly Html[] {
  return languages.map((language) => html`<a href="${addressOf({ kind, language })}" lang="${language}">${language}</a> `);
}

/** The list of all mails, with the subject of each in each language. */
export function renderPreviewList(): string {
  const rows = mailKinds.flatMap((kind) =>
    languages.map((language, index) => {
      const name = index === 0 ? html`<th scope="rowgroup" rowspan="${languages.length}">${kind}</th>` : null;
      const { subject } = render({ kind, language });
      return html`<tr>${name}<td>${language}</td><td><a href="${addressOf({ kind, language })}" lang="${language}">${subject}</a></td></tr>
`;
    }),
  );
  return page(
    'Mail preview',
    html`<h1>Mail preview</h1>
<p>Every mail of Muster in every language, with made-up content. Mails to admins are sent in English only. <a href="/inbox">Mail that was sent</a></p>
<table><thead><tr><th>Kind</th><th>Language</th><th>Subject</th></tr></thead><tbody>
${rows}</tbody></table>`,
  );
}

/** One mail: subject, headers, the HTML part in a frame without rights, and the text part. */
export function renderPreview(mail: PreviewedMail): string {
  const { subject, text, headers } = render(mail);
  const rows = Object.entries(headers ?? {}).map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
  );
  const headerTable = html`<h2>Headers</h2>
<table><tbody>
${rows}</tbody></table>`;
  return page(
    `${mail.kind} (${mail.language})`,
    html`<p><a href="/mail/preview">All mails</a></p>
<h1 lang="${mail.language}">${subject}</h1>
<p>${mail.kind}: ${languageLinks(mail.kind)}</p>
${rows.length === 0 ? null : headerTable}
<h2>HTML part</h2>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="${addressOf(mail)}/html" title="HTML part of the mail"></iframe>
<h2>Text part</h2>
<pre lang="${mail.language}">${text}</pre>`,
  );
}

/** The HTML part alone, with a drawn picture in the place of the company's. */
export function renderPreviewFrame(mail: PreviewedMail): string {
  return openLinksOutside(render(mail).html.replace(exampleLogoUrl, exampleLogo));
}
