// In which language and with which picture a mail is sent: as the company has it at that moment, and only to its people.
import { beforeEach, expect, it } from 'vitest';
import { exampleLogoUrl, mailExamples, mailKinds } from '../../sandbox/email/examples.ts';
import { type Company, defaultSettings, type Settings } from '../../shared/domain/company.ts';
import { isForPeople, type MailKind } from '../../shared/domain/mail-content.ts';
import { createCompany, readSettings, replaceSettings } from '../../shared/storage/companies.ts';
import { createSendRecord } from '../../shared/storage/mails.ts';
import { sendMail } from '../../shared/use-cases/send-mail.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const company: Company = {
  companyId: 'company1',
  mspId: 'msp1',
  name: 'Alpine Dental',
  expectedDomain: null,
  createdAt: '2026-03-01T00:00:00.000Z',
};
const spanish: Settings = { ...defaultSettings, language: 'es', logoUrl: exampleLogoUrl };

let ports: FakePorts;
beforeEach(async () => {
  ports = makeFakePorts();
  await createCompany(ports.tables, company, spanish, []);
});

async function store(kind: MailKind, companyId = company.companyId): Promise<void> {
  const mail = {
    mailId: kind,
    operationId: ports.ids.newUuid(),
    companyId,
    lane: 'account' as const,
    to: [{ address: `${kind}@alpinedental.example`, name: 'Zoë Brunner' }],
    content: mailExamples[kind],
    createdAt: ports.clock.now().toISOString(),
  };
  await createSendRecord(ports.tables, { mail, state: 'queued', attempts: 0, notBefore: null, finishedAt: null, problem: null });
}

/** What arrived of a stored mail after one delivery of its message. */
async function sent(kind: MailKind, companyId = company.companyId) {
  await sendMail(ports, { companyId, mailId: kind, attempt: 0 });
  const mails = ports.mailSender.delivered(`${kind}@alpinedental.example`);
  const html = mails[0]?.html ?? '';
  return {
    arrived: mails.length,
    language: /<html lang="(\w+)"/.exec(html)?.[1],
    hasPicture: html.includes(`<img src="${exampleLogoUrl}"`),
  };
}

it.each(mailKinds.filter(isForPeople))('to a manager or a member of a team wears the company’s language and picture: %s', async (kind) => {
  await store(kind);
  expect(await sent(kind)).toEqual({ arrived: 1, language: 'es', hasPicture: true });
});

it.each(mailKinds.filter((kind) => !isForPeople(kind)))('to an admin stays plain and in English: %s', async (kind) => {
  await store(kind);
  expect(await sent(kind)).toEqual({ arrived: 1, language: 'en', hasPicture: false });
});

it('follows a change of the settings that came while it waited', async () => {
  await store('managerInvited');
  const { etag } = await readSettings(ports.tables, company.companyId);
  await replaceSettings(ports.tables, company.companyId, { settings: { ...spanish, language: 'de', logoUrl: null }, etag, effects: [] });
  expect(await sent('managerInvited')).toEqual({ arrived: 1, language: 'de', hasPicture: false });
});

it('is sent with the defaults when its company is gone', async () => {
  await store('managerInvited', 'gone');
  expect(await sent('managerInvited', 'gone')).toEqual({ arrived: 1, language: 'en', hasPicture: false });
});
