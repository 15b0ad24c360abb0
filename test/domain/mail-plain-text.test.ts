// The text part as somebody reads it whose mail program shows nothing else.
import { describe, expect, it } from 'vitest';
import { exampleToken, mailExamples, mailKinds } from '../../sandbox/email/examples.ts';
import { languages } from '../../shared/domain/company.ts';
import { renderMail } from '../../shared/domain/mail-content.ts';
import { mailTexts } from '../../shared/domain/mail-texts.ts';

const every = mailKinds.flatMap((kind) => languages.map((language) => ({ kind, language })));

describe('the text part', () => {
  it('reads well in German', () => {
    expect(renderMail(mailExamples.weeklyReminder, { language: 'de', tokenOf: exampleToken }).text).toBe(`Guten Tag Zoë Brunner

Ihr Team bei Alpine Dental: 3 Kurse sind überfällig, 1 ist bald fällig, und 12 wurden seit der letzten E-Mail abgeschlossen.

José Núñez: 2 überfällig, 1 bald fällig.

Seán O’Brien: 1 überfällig.

Und 1 weitere Person.

Ihr Team öffnen:
https://muster.example/team

Stand dieser Woche ohne Anmeldung ansehen:
https://muster.example/status#token=status1.example-secret

Diese wöchentlichen E-Mails beenden:
https://muster.example/unsubscribe#token=unsubscribe1.example-secret

--
Sie erhalten diese E-Mail, weil Sie bei Alpine Dental ein Team leiten.
`);
  });

  it('reads well in Spanish', () => {
    expect(renderMail(mailExamples.passwordReset, { language: 'es', tokenOf: exampleToken }).text).toBe(`Hola, Zoë Brunner

Alguien ha pedido una contraseña nueva para su cuenta. Si ha sido usted, elíjala ahora.

El enlace funciona una sola vez, durante 60 minutos. Si no ha sido usted, no haga nada: su contraseña sigue siendo la misma.

Elegir una contraseña nueva:
https://muster.example/password#token=reset1.example-secret

--
Recibe este correo porque tiene una cuenta para la formación de Alpine Dental.
`);
  });

  it.each(every)('has no markup, no entities and no stray blanks: $kind in $language', ({ kind, language }) => {
    const { text } = renderMail({ ...mailExamples[kind], companyName: 'Müller & Söhne “A<B>”' }, { language, tokenOf: exampleToken });
    expect(text).toContain('Müller & Söhne “A<B>”');
    expect(text).not.toMatch(/&(?:[a-z]+|#\d+);|<\/?[a-z]|[^\S\n]$|\t|\r|\n{3}/m);
    expect(text.endsWith('.\n')).toBe(true);
  });

  it.each(every)('has each link whole and alone on its line, under its words: $kind in $language', ({ kind, language }) => {
    const lines = renderMail(mailExamples[kind], { language, tokenOf: exampleToken }).text.split('\n');
    const { links } = mailTexts(mailExamples[kind], language);
    const shown = lines.flatMap((line, index) => (line.startsWith('https://') ? [{ label: lines[index - 1], url: line }] : []));
    const token = (tokenId: string | undefined) => (tokenId === undefined ? '' : `#token=${exampleToken(tokenId)}`);
    expect(shown).toEqual(links.map(({ label, url, tokenId }) => ({ label: `${label}:`, url: `${url}${token(tokenId)}` })));
    expect(lines.filter((line) => line.length > 78 && !line.includes(' '))).toEqual([]);
  });
});
