// The preview as a person looks at it: every kind of mail in every language, complete, and without rights.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languages } from '../../shared/domain/company.ts';
import { renderMail } from '../../shared/domain/mail-content.ts';
import { makeSandboxClock } from '../clock.ts';
import { exampleToken, mailExamples, mailKinds } from './examples.ts';
import { type EmailStandIn, startEmail } from './server.ts';

let standIn: EmailStandIn;
beforeAll(async () => {
  standIn = await startEmail({ clock: makeSandboxClock() });
});
afterAll(() => standIn.stop());

const get = (path: string) => fetch(`${standIn.previewUrl}${path}`);
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

it('lists every kind in every language, with its subject, and is found from the inbox', async () => {
  const list = await (await get('')).text();
  const links = Array.from(list.matchAll(/href="\/mail\/preview\/(\w+)\/(\w+)"/g), ([, kind, language]) => `${kind} ${language}`);
  expect(links).toEqual(mailKinds.flatMap((kind) => languages.map((language) => `${kind} ${language}`)));
  expect(list).toContain('>Alpine Dental: Wählen Sie ein neues Passwort</a>');
  expect(await (await fetch(standIn.inboxUrl)).text()).toContain('href="/mail/preview"');
});

describe.each(mailKinds.flatMap((kind) => languages.map((language) => ({ kind, language }))))(
  '$kind in $language',
  ({ kind, language }) => {
    it('is shown with subject, headers, both parts', async () => {
      const mail = renderMail(mailExamples[kind], { language, tokenOf: exampleToken });
      const page = await (await get(`/${kind}/${language}`)).text();
      for (const part of [mail.subject, mail.text, ...Object.entries(mail.headers ?? {}).flat()]) expect(page).toContain(escaped(part));
      expect(page).toContain(`<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mail/preview/${kind}/${language}/html"`);
      const frame = await get(`/${kind}/${language}/html`);
      expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups .*default-src 'none'/);
      expect(await frame.text()).toContain(`<html lang="${language}" dir="ltr">\n<head><base target="_blank">`);
    });
  },
);

it('shows the picture of a company without loading anything', async () => {
  const frame = await (await get('/managerInvited/en/html')).text();
  expect(frame).toContain('<img src="data:image/svg+xml,');
  expect(frame).not.toContain('logo.png');
});

it.each(['/managerInvited/fr', '/toString/en', '/managerInvited', '/managerInvited/en/text'])('knows nothing at %s', async (path) => {
  expect((await get(path)).status).toBeGreaterThanOrEqual(400);
});
