// The pages on which people read what the sandbox mailed: a list, and one page a mail.
import { html, renderHtml, type Html } from '../../shared/domain/html.ts';
import type { ReceivedMail } from './mailbox.ts';

/** For the pages themselves: nothing may be loaded or run; a mail may be framed. */
export const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'";
/** For a mail's own HTML: it is also without an origin, and its links open in a new window. */
export const mailPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

const styles = html`<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }
  iframe { width: 100%; height: 40rem; border: 1px solid #8886; border-radius: .5rem; background: Canvas; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid #8886; border-radius: .5rem; }
  time { white-space: nowrap; font-variant-numeric: tabular-nums; }
</style>`;

/** A page of the mail stand-in. */
export function page(title: string, content: Html): string {
  return renderHtml(html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${styles}</head>
<body><main>${content}</main></body>
</html>`);
}

function shownTime(at: string): Html {
  return html`<time datetime="${at}">${at.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

/** The list, newest first. `to` is the filter in force, if any. */
export function renderInbox(mails: readonly ReceivedMail[], to: string | null): string {
  const rows = mails.toReversed().map(
    (
      mail,
    ) => html`<tr><td>${shownTime(mail.at)}</td><td>${mail.to.join(', ')}</td><td><a href="/inbox/${mail.number}">${mail.subject}</a></td></tr>
`,
  );
  const list = html`<table><thead><tr><th>Time</th><th>To</th><th>Subject</th></tr></thead><tbody>
${rows}</tbody></table>`;
  return page(
    'Inbox',
    html`<h1>Inbox</h1>
<p>Every mail the sandbox has sent. Nothing leaves this computer. <a href="/mail/preview">Preview of every kind of mail</a></p>
<form action="/inbox"><label>To <input name="to" type="email" value="${to ?? ''}"></label> <button>Show</button></form>
<p>${mails.length === 1 ? '1 mail' : `${mails.length} mails`}</p>
${mails.length === 0 ? null : list}`,
  );
}

/** One mail: as HTML in a sandboxed frame, as text, and its headers. */
export function renderMailPage(mail: ReceivedMail): string {
  const attachments = mail.attachmentNames.length === 0 ? [] : [['Attachments', mail.attachmentNames.join(', ')] as const];
  const facts = [
    ['From', mail.from],
    ['To', mail.to.join(', ')],
    ...Object.entries(mail.headers),
    ['Operation id', mail.operationId],
    ...attachments,
  ];
  const rows = facts.map(
    ([name, value]) => html`<tr><th scope="row">${name ?? ''}</th><td>${value ?? ''}</td></tr>
`,
  );
  return page(
    mail.subject,
    html`<p><a href="/inbox">All mails</a></p>
<h1>${mail.subject}</h1>
<p>${shownTime(mail.at)}</p>
<table><tbody>
${rows}</tbody></table>
<h2>HTML part</h2>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/inbox/${mail.number}/html" title="HTML part of the mail"></iframe>
<h2>Text part</h2>
<pre>${mail.plainText}</pre>`,
  );
}

/** A mail's HTML as it is, but its links open in a new window, because a sandboxed frame cannot leave itself. */
export function openLinksOutside(markup: string): string {
  const base = '<base target="_blank">';
  return /<head[^>]*>/i.test(markup) ? markup.replace(/<head[^>]*>/i, (head) => head + base) : base + markup;
}
