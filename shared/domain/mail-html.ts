// Lays a mail out as HTML that mail programs understand: tables, inline styles, complete without its picture, readable in light and dark.
import { html, renderHtml, type Html } from './html.ts';
import type { Language } from './company.ts';
import type { MailDocument } from './mail-texts.ts';

/** Colours cannot be inline for dark mode, so classes repeat them; programs that drop the style element keep the light ones. */
const styles = html`<style>
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .page { background-color: #14171c !important; }
    .card { background-color: #1e232b !important; }
    .words { color: #e8eaee !important; }
    .quiet { color: #a9b0bc !important; }
    .link { color: #8ab4ff !important; }
  }
</style>`;

function paragraph(text: string): Html {
  return html`<p class="words" style="margin:0 0 16px;color:#1c2430;font-size:16px;line-height:24px;">${text}</p>
`;
}

function button(label: string, url: string): Html {
  return html`<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 20px;"><tr>
<td bgcolor="#1f5fbf" style="border-radius:6px;background-color:#1f5fbf;"><a href="${url}" style="display:inline-block;padding:12px 20px;color:#ffffff;font-size:16px;line-height:20px;font-weight:600;text-decoration:none;">${label}</a></td>
</tr></table>
`;
}

function furtherLink(label: string, url: string): Html {
  return html`<p style="margin:0 0 16px;font-size:16px;line-height:24px;"><a class="link" href="${url}" style="color:#1f5fbf;">${label}</a></p>
`;
}

/** Whose mail it is, shown above the heading. */
export interface CompanyHeader {
  readonly name: string;
  /** Absolute https. */
  readonly logoUrl: string | null;
}

/** The name stands beside the picture, so the picture needs no words. It stands on white, because logos are made for that. */
function header({ name, logoUrl }: CompanyHeader): Html {
  const picture =
    logoUrl === null
      ? null
      : html`<img src="${logoUrl}" alt="" height="40" style="display:block;height:40px;width:auto;max-width:240px;margin:0 0 8px;border:0;background-color:#ffffff;border-radius:4px;">
`;
  return html`${picture}<p class="quiet" style="margin:0 0 20px;color:#5b6472;font-size:14px;line-height:20px;">${name}</p>
`;
}

export interface Surroundings {
  readonly language: Language;
  readonly company: CompanyHeader | null;
}

/** The HTML part: a whole document in the given language, which stands at its content again for mail programs that drop the outer elements. */
export function renderHtmlPart(document: MailDocument, { language, company }: Surroundings): string {
  return renderHtml(html`<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${document.subject}</title>
${styles}
</head>
<body class="page" style="margin:0;padding:0;background-color:#f2f4f7;">
<div lang="${language}" dir="ltr">
<div style="display:none;max-height:0;overflow:hidden;">${document.preview}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f2f4f7;"><tr><td align="center" style="padding:24px 12px;">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background-color:#ffffff;border-radius:8px;font-family:'Segoe UI',Helvetica,Arial,sans-serif;text-align:left;"><tr><td style="padding:32px;overflow-wrap:anywhere;word-break:break-word;">
${company === null ? null : header(company)}<h1 class="words" style="margin:0 0 20px;color:#1c2430;font-size:22px;line-height:30px;font-weight:600;">${document.heading}</h1>
${document.paragraphs.map(paragraph)}${document.links.map(({ label, url }, index) => (index === 0 ? button(label, url) : furtherLink(label, url)))}<p class="quiet" style="margin:24px 0 0;color:#5b6472;font-size:13px;line-height:20px;">${document.reason}</p>
</td></tr></table>
</td></tr></table>
</div>
</body>
</html>
`);
}
