// A directory full of people whose names and properties break spreadsheets, pages and stores: nobody is lost, nothing is shown unsafely.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserView } from '../../sandbox/api.ts';
import type { Json } from '../../sandbox/world/directory-object.ts';
import { everybodyOf } from '../scenarios/directory-match.ts';
import { minute, openStage, type Stage, type StageCompany } from '../scenarios/stage.ts';
import { checkExchange } from './exchange.ts';

const formulas = ['=HYPERLINK("https://evil.example","click")', '+1', '@x', '-2', '=1+1', '\t=1', '＝1＋1', ' =2', '\r\n=3', '"=4'];
const names = [
  ...formulas,
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><b>bold</b>',
  '&amp;&lt;',
  'محمد العربي',
  '\u202Etxt.exe gnp',
  'שרה כהן',
  'Ana 👩‍👩‍👧‍👦🏳️‍🌈',
  '山田 太郎',
  'Zoë Ångström',
  'a\u0301\u0327\u0489'.repeat(20),
  'Line\nBreak',
  'Null\u0000Byte',
  'Half\uD83D',
  '{{constructor.constructor("x")()}}',
  "Robert'); DROP TABLE Students;--",
  '%0d%0aSet-Cookie: x=1',
  '../../etc/passwd',
  '__proto__',
  'x'.repeat(256),
  '\u200B',
  ',;"\'',
];
const huge = 'ж'.repeat(65_536);

let stage: Stage;
let company: StageCompany;
const hired = new Map<string, string>();
const oddFields: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  'no name': { displayName: null, givenName: null, surname: null },
  'no mail': { mail: null, proxyAddresses: [] },
  'neither name nor mail': { displayName: null, mail: null, proxyAddresses: [], givenName: null, surname: null },
  'empty texts': { displayName: '', mail: '', department: '', jobTitle: '' },
  'a huge title': { jobTitle: huge, department: huge },
  'a mail that others have': { mail: 'same@odd.example' },
  'the same mail': { mail: 'same@odd.example' },
  'the same mail in capitals': { mail: 'SAME@ODD.EXAMPLE' },
};

beforeAll(async () => {
  stage = await openStage();
  company = await stage.createCompany({ name: 'Odd', users: 25 });
  names.forEach((displayName, index) =>
    hired.set(displayName, company.deeds.hire({ displayName, alias: `odd.${index}`, fields: { displayName } })),
  );
  Object.entries(oddFields).forEach(([what, fields], index) =>
    hired.set(what, company.deeds.hire({ displayName: what, alias: `bare.${index}`, fields })),
  );
  await stage.integrate(company);
  await stage.passUntil(async () => (await company.admin.sync(company.companyId)).lastRoundAt !== null, 20 * minute);
});
afterAll(async () => await stage?.stop());

const liveIds = () => {
  const { directory, tenant } = company;
  const objects = Array.from({ length: directory.objectCount() }, (_, ordinal) => directory.snapshot(ordinal));
  return objects.flatMap((object) => (object?.state === 'live' ? [`${tenant.tenantId}_${object.fields.id}`] : [])).toSorted();
};
const userOf = async (what: string): Promise<UserView> => {
  const answer = await company.admin.raw(`/companies/${company.companyId}/users/${company.tenant.tenantId}_${hired.get(what) ?? ''}`);
  checkExchange({
    method: 'GET',
    path: `/api/v1/companies/${company.companyId}/users/${company.tenant.tenantId}_${hired.get(what) ?? ''}`,
    requestBody: undefined,
    contentType: 'application/json',
    ...answer,
  });
  return answer.body as UserView;
};

describe('a directory of odd people', () => {
  it('is in the list to the last of them, on every page size and in both orders', async () => {
    const expected = liveIds();
    expect((await everybodyOf(company)).map((user) => user.userId).toSorted()).toEqual(expected);
    for (const query of [{ limit: 7 }, { sort: 'arrival' }, { sort: 'arrival', limit: 11 }]) {
      expect((await company.admin.allUsers(company.companyId, query)).map((user) => user.userId).toSorted()).toEqual(expected);
    }
    expect(await company.admin.counts(company.companyId)).toMatchObject({ found: expected.length });
  });

  it('keeps what the directory says, and shows names on one line with nothing that reverses or hides text', async () => {
    for (const name of names) {
      const user = await userOf(name);
      expect(user.displayName).not.toBe('');
      expect(user.displayName).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u200B]/u);
      expect(user.displayName.isWellFormed()).toBe(true);
      const isPlain = !/[\p{Cc}\p{Cs}\u202E\u200B]|^\s|\s$/u.test(name);
      if (isPlain) expect(user.displayName).toBe(name);
    }
  });

  it('falls back to mail and user name where there is no name', async () => {
    expect((await userOf('no name')).displayName).toBe((await userOf('no name')).mail);
    const bare = await userOf('neither name nor mail');
    expect(bare).toMatchObject({ mail: null, displayName: bare.userPrincipalName });
    expect(await userOf('no mail')).toMatchObject({ mail: null, displayName: 'no mail' });
    expect((await userOf('empty texts')).displayName).toBe((await userOf('empty texts')).userPrincipalName);
  });

  it('keeps properties of 128 KB, and people who share a mail address apart', async () => {
    expect(await userOf('a huge title')).toMatchObject({ jobTitle: huge, department: huge });
    const same = await Promise.all(['a mail that others have', 'the same mail', 'the same mail in capitals'].map(userOf));
    expect(new Set(same.map((user) => user.userId)).size).toBe(3);
    expect(same.every((user) => user.recreatedFrom === null)).toBe(true);
  });

  it('is decided, found and listed like any other', async () => {
    const all = await company.admin.allUsers(company.companyId);
    const result = await company.admin.decideMany(
      company.companyId,
      'approve',
      all.map((user) => user.userId),
    );
    expect(result).toMatchObject({ decided: all.length, refused: 0, notFound: 0 });
    expect((await company.admin.allUsers(company.companyId, { status: 'approved' })).length).toBe(all.length);
    const found = await company.admin.allUsers(company.companyId, { status: 'approved', search: 'robert students' });
    expect(found.map((user) => user.displayName)).toEqual(["Robert'); DROP TABLE Students;--"]);
    const byDepartment = await company.admin.allUsers(company.companyId, { status: 'approved', search: '太郎' });
    expect(byDepartment.map((user) => user.displayName)).toEqual(['山田 太郎']);
    const audience = await company.admin.audience(company.companyId);
    expect(audience.members).toHaveLength(all.length);
  });

  it('is exported without a cell that a spreadsheet would calculate, and read back whole', async () => {
    const { body, headers } = await company.admin.raw(`/companies/${company.companyId}/users.csv?status=approved`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toContain('attachment');
    const rows = parseCsv(String(body));
    expect(rows).toHaveLength(liveIds().length + 1);
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u);
    const ids = rows.slice(1).map((row) => row.at(-1) ?? '');
    expect(ids.toSorted()).toEqual(liveIds());
    expect(rows.map((row) => row[0])).toContain('\'=HYPERLINK("https://evil.example","click")');
  });

  it('reaches mails and the audit log only as text', async () => {
    const user = await userOf('<script>alert(1)</script>');
    await company.admin.decide(company.companyId, user, 'deny', '<b>because</b> =1+1');
    const [entry] = await company.admin.audit(company.companyId);
    expect(entry).toMatchObject({ summary: 'Denied <script>alert(1)</script>.', reason: '<b>because</b> =1+1' });
    await stage.pass(5 * minute);
    const mails = stage.mailsTo(company.adminMail);
    expect(mails.length).toBeGreaterThan(0);
    for (const mail of mails) {
      expect(mail.subject).not.toMatch(/[\r\n\u202E]/u);
      expect(mail.html ?? '').not.toMatch(/<script|<img|onerror=(?!.*&)|<b>bold/i);
    }
  });

  it('changes to odd values and back without losing anybody', async () => {
    const id = hired.get('Zoë Ångström') ?? '';
    for (const displayName of ['=cmd|calc', '\u202Eevil', '', 'Zoë Ångström']) {
      company.deeds.change(id, { displayName, department: displayName.repeat(3) });
      await stage.syncNow(company);
      expect(await company.admin.counts(company.companyId)).toMatchObject({ found: liveIds().length, removed: 0 });
    }
    expect(await userOf('Zoë Ångström')).toMatchObject({ displayName: 'Zoë Ångström', decision: 'approved', presence: 'present' });
  });
});

/** RFC 4180, byte order mark allowed. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const cells = text.replace(/^\uFEFF/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g);
  const rows: string[][] = [[]];
  for (const [whole, quoted, plain = '', end] of cells) {
    if (whole === '' && end === '') break;
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}
