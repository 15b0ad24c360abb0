// What accounts of real directories are taken for, and that no decisive signal is ever outvoted in favour of a person.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggestKind, suggestedDecision } from '../../shared/domain/account-kind.ts';
import type { KindEvidence } from '../../shared/domain/account-kind.ts';
import { readAccount } from '../../shared/domain/account-kind-facts.ts';
import { kindRules } from '../../shared/domain/account-kind-rules.ts';
import { accountKinds } from '../../shared/domain/user.ts';
import type { AccountKind, DirectoryFields } from '../../shared/domain/user.ts';

interface Example {
  readonly what: string;
  readonly fields: DirectoryFields;
  readonly evidence?: KindEvidence;
  readonly kind: AccountKind;
}

const blocked = { accountEnabled: false, assignedLicenses: [] } as const;
const licensed = { accountEnabled: true, assignedLicenses: ['sku-1'] } as const;

/** The row the default `GET /users` gives for a name and an address; further fields replace the nulls. */
function row(displayName: string, local: string, more: DirectoryFields = {}): DirectoryFields {
  const address = `${local}@contoso.com`;
  const empty = { givenName: null, surname: null, jobTitle: null, officeLocation: null, mobilePhone: null, preferredLanguage: null };
  return { displayName, mail: address, userPrincipalName: address, businessPhones: [], ...empty, ...more };
}

function named(givenName: string, surname: string, more: DirectoryFields = {}): DirectoryFields {
  return row(`${givenName} ${surname}`, `${givenName}.${surname}`.toLowerCase(), { givenName, surname, ...more });
}

const examples: readonly Example[] = [
  // The default fields of GET /users alone.
  { what: 'an ordinary row', fields: named('Adele', 'Vance', { jobTitle: 'Retail Manager', officeLocation: '18/2111' }), kind: 'person' },
  { what: 'given name and surname only', fields: named('Adele', 'Vance'), kind: 'person' },
  { what: 'a job title without name parts', fields: row('Sara Davis', 'SaraD', { jobTitle: 'Finance VP' }), kind: 'person' },
  { what: 'a name and nothing else', fields: row('Alex Wilber', 'AlexW'), kind: 'unknown' },
  { what: 'a given name only', fields: row('Oscar Ward', 'oscarward', { givenName: 'Oscar' }), kind: 'unknown' },
  {
    what: 'a given name and a job title',
    fields: row('Grady Archie', 'GradyA', { givenName: 'Grady', jobTitle: 'Designer' }),
    kind: 'person',
  },
  { what: 'the room of the sample tenant', fields: row('Conf Room Adams', 'Adams'), kind: 'room' },
  {
    what: 'the administrator of the sample tenant',
    fields: row('MOD Administrator', 'admin', { givenName: 'MOD', surname: 'Administrator', mail: null, mobilePhone: '425-555-0101' }),
    kind: 'serviceAccount',
  },
  { what: 'nothing at all', fields: {}, kind: 'unknown' },
  { what: 'only nulls', fields: { displayName: null, mail: null, userPrincipalName: null, userType: null }, kind: 'unknown' },
  // Names from everywhere.
  { what: 'a Japanese name', fields: row('山田 太郎', 't.yamada', { givenName: '太郎', surname: '山田' }), kind: 'person' },
  { what: 'a Korean name', fields: row('김민준', 'mjkim', { givenName: '민준', surname: '김' }), kind: 'person' },
  { what: 'a Russian name', fields: row('Анна Иванова', 'a.ivanova', { givenName: 'Анна', surname: 'Иванова' }), kind: 'person' },
  { what: 'an Arabic name', fields: row('ليلى حداد', 'l.haddad', { givenName: 'ليلى', surname: 'حداد' }), kind: 'person' },
  { what: 'a Hindi name', fields: row('अनिल कुमार', 'a.kumar', { givenName: 'अनिल', surname: 'कुमार' }), kind: 'person' },
  {
    what: 'a Dutch name with particles',
    fields: row('Jan van der Berg', 'j.vdberg', { givenName: 'Jan', surname: 'van der Berg' }),
    kind: 'person',
  },
  {
    what: 'one single name and an employee number',
    fields: row('Suharto', 'suharto', { givenName: 'Suharto', employeeId: '117' }),
    kind: 'person',
  },
  // Names that hold or are such words.
  { what: 'Roomi Khan', fields: named('Roomi', 'Khan', licensed), kind: 'person' },
  { what: 'Sala Nguyen with a licence', fields: named('Sala', 'Nguyen', licensed), kind: 'person' },
  { what: 'Sala Nguyen with a job title', fields: named('Sala', 'Nguyen', { jobTitle: 'Nurse' }), kind: 'person' },
  { what: 'Sala Nguyen without either', fields: named('Sala', 'Nguyen'), kind: 'unknown' },
  { what: 'a Brazilian surname', fields: named('Marcos', 'Sales', { jobTitle: 'Engenheiro' }), kind: 'person' },
  { what: 'a surname like a device', fields: named('Petra', 'Beamer', licensed), kind: 'person' },
  { what: 'a surname like a list of vacancies', fields: named('Laurene', 'Jobs', { department: 'Board' }), kind: 'person' },
  { what: 'a room attendant', fields: named('Ines', 'Costa', { jobTitle: 'Room Attendant' }), kind: 'person' },
  { what: 'a department in the display name', fields: { ...named('Anna', 'Schmidt'), displayName: 'Schmidt, Anna (HR)' }, kind: 'person' },
  { what: 'an owner who signs in as info', fields: row('Marie Dupont', 'info', { givenName: 'Marie', surname: 'Dupont' }), kind: 'person' },
  { what: 'an information desk with name parts', fields: named('Info', 'Marie'), kind: 'sharedMailbox' },
  { what: 'an information desk with name parts and a job title', fields: named('Info', 'Marie', { jobTitle: 'Host' }), kind: 'unknown' },
  { what: 'a first name inside a capitalised surname', fields: named('Ana', 'DeSales'), kind: 'person' },
  // Rooms.
  { what: 'a German room', fields: row('Besprechungsraum 2. OG', 'bespr2'), kind: 'room' },
  { what: 'a Spanish room', fields: row('Sala Madrid', 'madrid'), kind: 'room' },
  { what: 'a French room', fields: row('Salle de réunion Monet', 'monet'), kind: 'room' },
  { what: 'a Dutch room', fields: row('Vergaderzaal 3', 'vz3'), kind: 'room' },
  { what: 'a Danish room', fields: row('Mødelokale 1', 'lokale1'), kind: 'room' },
  { what: 'a Swedish room', fields: row('Mötesrum Vasa', 'vasa'), kind: 'room' },
  { what: 'a Russian room', fields: row('Переговорная 5', 'pg5'), kind: 'room' },
  { what: 'a Japanese room', fields: row('第一会議室', 'kaigi1'), kind: 'room' },
  { what: 'a Chinese room', fields: row('三楼会议室', 'hys3'), kind: 'room' },
  { what: 'a Korean room', fields: row('회의실A', 'hui-a'), kind: 'room' },
  { what: 'a Turkish room', fields: row('Toplantı Odası', 'oda'), kind: 'room' },
  { what: 'a room named in the address only', fields: row('Everest', 'MeetingRoom3'), kind: 'room' },
  { what: 'a licensed Teams room', fields: row('Boardroom', 'boardroom', licensed), kind: 'room' },
  { what: 'a room by its mailbox alone', fields: named('Adele', 'Vance', licensed), evidence: { mailboxPurpose: 'room' }, kind: 'room' },
  { what: 'a room by job title', fields: row('Everest', 'everest', { jobTitle: 'Meeting Room' }), kind: 'room' },
  // Equipment.
  { what: 'a device by employee type', fields: row('Kit 7', 'kit7', { employeeType: 'Equipment' }), kind: 'equipment' },
  { what: 'a projector', fields: row('Projector 2', 'projector2'), kind: 'equipment' },
  { what: 'a German projector', fields: row('Beamer Halle 3', 'beamer3'), kind: 'equipment' },
  { what: 'a company car', fields: row('Dienstwagen B-XY 123', 'wagen'), kind: 'equipment' },
  { what: 'equipment by its mailbox', fields: row('Kit 7', 'kit7'), evidence: { mailboxPurpose: 'equipment' }, kind: 'equipment' },
  // Shared mailboxes.
  { what: 'info', fields: row('Contoso', 'info'), kind: 'sharedMailbox' },
  { what: 'accounts payable', fields: row('Rechnungen', 'rechnungen', blocked), kind: 'sharedMailbox' },
  { what: 'sales', fields: row('Sales', 'sales', blocked), kind: 'sharedMailbox' },
  { what: 'a French reception', fields: row('Accueil', 'accueil'), kind: 'sharedMailbox' },
  {
    what: 'a new shared mailbox, still enabled',
    fields: row('Vertrieb Süd', 'vertrieb-sued', { accountEnabled: true }),
    kind: 'sharedMailbox',
  },
  { what: 'an address without owner', fields: row('Projekt Phoenix', 'phoenix', blocked), kind: 'sharedMailbox' },
  {
    what: 'shared by its mailbox, with a name',
    fields: named('Anna', 'Schmidt'),
    evidence: { mailboxPurpose: 'shared' },
    kind: 'sharedMailbox',
  },
  {
    what: 'a functional mailbox by employee type',
    fields: row('Phoenix', 'phoenix', { employeeType: 'Shared Mailbox' }),
    kind: 'sharedMailbox',
  },
  // Programs, devices, administrators.
  { what: 'a scanner', fields: row('Scanner', 'scanner01', licensed), kind: 'serviceAccount' },
  { what: 'a sender of automatic mail', fields: row('Contoso', 'no-reply'), kind: 'serviceAccount' },
  { what: 'a sender in camel case', fields: row('Contoso', 'NoReply'), kind: 'serviceAccount' },
  { what: 'a service account with prefix', fields: row('svc-phoenix', 'svc-phoenix', { accountEnabled: true }), kind: 'serviceAccount' },
  {
    what: 'a service account with an owner department',
    fields: row('svc_erp', 'svc_erp', { department: 'Operations', ...licensed }),
    kind: 'serviceAccount',
  },
  { what: 'a service account by job title', fields: row('Phoenix', 'phoenix', { jobTitle: 'Service Account' }), kind: 'serviceAccount' },
  {
    what: 'the second account of an administrator',
    fields: { ...named('John', 'Smith', { assignedLicenses: [] }), userPrincipalName: 'adm-jsmith@contoso.com' },
    kind: 'unknown',
  },
  {
    what: 'the synchronisation account',
    fields: {
      displayName: 'On-Premises Directory Synchronization Service Account',
      userPrincipalName: 'Sync_DC01_a1b2c3d4e5f6@contoso.onmicrosoft.com',
    },
    kind: 'serviceAccount',
  },
  { what: 'an older synchronisation account', fields: row('MSOL_0a1b2c3d4e5f', 'MSOL_0a1b2c3d4e5f'), kind: 'serviceAccount' },
  { what: 'an AAD_ account', fields: row('AAD_0a1b2c3d4e5f', 'AAD_0a1b2c3d4e5f'), kind: 'serviceAccount' },
  {
    what: 'a Dutch person whose address begins with Aad_',
    fields: row('Aad de Wit', 'aad_dewit', { givenName: 'Aad', surname: 'de Wit' }),
    kind: 'person',
  },
  { what: 'a health mailbox', fields: row('HealthMailbox-EX01-001', 'HealthMailbox0659e34'), kind: 'serviceAccount' },
  {
    what: 'the discovery mailbox',
    fields: row('Discovery Search Mailbox', 'DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}'),
    kind: 'serviceAccount',
  },
  { what: 'an arbitration mailbox', fields: row('Microsoft Exchange', 'SystemMailbox{1f05a927-0a1b}'), kind: 'serviceAccount' },
  {
    what: 'federated e-mail',
    fields: row('Microsoft Exchange Federation Mailbox', 'FederatedEmail.4c1f4d8b-8179'),
    kind: 'serviceAccount',
  },
  { what: 'the migration mailbox', fields: row('Microsoft Exchange Migration', 'Migration.8f3e7716-2011'), kind: 'serviceAccount' },
  // Teams resources.
  {
    what: 'an auto attendant',
    fields: row('Main Line', 'mainline', { department: 'Microsoft Communication Application Instance', ...licensed }),
    kind: 'resourceAccount',
  },
  {
    what: 'the other spelling',
    fields: row('Main Line', 'mainline', { department: 'Microsoft Communications Application Instance' }),
    kind: 'resourceAccount',
  },
  { what: 'a call queue by name', fields: row('Call Queue North', 'cq-north', { accountEnabled: false }), kind: 'resourceAccount' },
  { what: 'a resource by job title', fields: row('Main Line', 'mainline', { jobTitle: 'Resource Account' }), kind: 'resourceAccount' },
  // Guests.
  { what: 'a guest', fields: { ...named('Lin', 'Wei', { jobTitle: 'Auditor' }), userType: 'Guest' }, kind: 'guest' },
  {
    what: 'a guest without user type',
    fields: { ...named('Lin', 'Wei'), userType: null, userPrincipalName: 'lin_fabrikam.com#EXT#@contoso.com' },
    kind: 'guest',
  },
  {
    what: 'an external member',
    fields: { ...named('Lin', 'Wei'), userType: 'Member', userPrincipalName: 'lin_fabrikam.com#ext#@contoso.com' },
    kind: 'guest',
  },
  { what: 'an invitation not yet accepted', fields: { ...row('Lin', 'lin'), externalUserState: 'PendingAcceptance' }, kind: 'guest' },
  { what: 'an invited account', fields: { ...row('Lin', 'lin'), creationType: 'Invitation' }, kind: 'guest' },
  {
    what: 'a guest who was made a member',
    fields: { ...named('Lin', 'Wei'), userType: 'Member', externalUserState: 'Accepted' },
    kind: 'person',
  },
  { what: 'a guest named like a room', fields: { ...row('Conference', 'conf'), userType: 'Guest' }, kind: 'guest' },
  // Leavers and newcomers.
  { what: 'blocked, without licence, but with a job', fields: named('Ben', 'Okafor', { jobTitle: 'Driver', ...blocked }), kind: 'person' },
  {
    what: 'blocked, without licence, but with a department',
    fields: named('Ben', 'Okafor', { department: 'Fleet', ...blocked }),
    kind: 'person',
  },
  {
    what: 'blocked, without licence, but with reports',
    fields: named('Ben', 'Okafor', blocked),
    evidence: { hasReports: true },
    kind: 'person',
  },
  { what: 'blocked, without licence, and nothing else', fields: named('Ben', 'Okafor', blocked), kind: 'unknown' },
  {
    what: 'blocked, unlicensed and hidden, with a job',
    fields: named('Ben', 'Okafor', { jobTitle: 'Driver', showInAddressList: false, ...blocked }),
    kind: 'person',
  },
  { what: 'a hidden person', fields: named('Ben', 'Okafor', { showInAddressList: false }), kind: 'person' },
  { what: 'a surname like a machine', fields: named('Peter', 'Drucker', { jobTitle: 'Consultant' }), kind: 'person' },
  { what: 'a name and no mail yet', fields: named('Ben', 'Okafor', { mail: null }), kind: 'person' },
  // Things that prove nothing.
  { what: 'a licence alone', fields: row('Phoenix', 'phoenix', licensed), kind: 'unknown' },
  { what: 'an ordinary mailbox alone', fields: row('Phoenix', 'phoenix', licensed), evidence: { mailboxPurpose: 'user' }, kind: 'unknown' },
  { what: 'an unreadable mailbox', fields: named('Adele', 'Vance'), evidence: { mailboxPurpose: 'unknown' }, kind: 'person' },
  { what: 'a blocked account without an address', fields: { displayName: 'Phoenix', ...blocked }, kind: 'unknown' },
  { what: 'reports alone', fields: row('Phoenix', 'phoenix'), evidence: { hasReports: true }, kind: 'person' },
];

describe('suggestKind', () => {
  it.each(examples)('$what: $kind', ({ fields, evidence, kind }) => {
    expect(suggestKind(fields, evidence).kind).toBe(kind);
  });

  it('asks about a blocked person instead of denying them', () => {
    const { kind, reasons } = suggestKind(named('Ben', 'Okafor', { jobTitle: 'Driver', ...blocked }));
    expect(kind).toBe('person');
    expect(reasons[0]).toBe('Given name and surname are filled in.');
    expect(reasons).toContain('Sign-in is blocked: a leaver, or somebody who has not started?');
  });

  it('names the word it recognised, first', () => {
    expect(suggestKind(row('Besprechungsraum 2. OG', 'bespr2')).reasons).toEqual([
      'The name or address contains “besprechungsraum”, a word used for rooms.',
    ]);
  });

  it('says that nothing speaks for a person when nothing does', () => {
    expect(suggestKind({}).reasons).toEqual(['Nothing the directory says shows that this is a person.']);
  });

  it('says that the signals contradict each other when they do', () => {
    const { reasons } = suggestKind(named('Ben', 'Okafor', blocked));
    expect(reasons[0]).toBe('Some of what the directory says speaks for a person and as much against.');
    expect(reasons).toContain('Given name and surname are filled in.');
  });

  it('quotes the directory on one line, without characters that could fool an admin', () => {
    const { reasons } = suggestKind(named('Eve', 'Hall', { jobTitle: 'Chief\r\n\u202EApprove\u0007 me' }));
    expect(reasons).toContain('The job title is “Chief Approve me”.');
  });
});

const anyText = fc.option(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.nat(0xff_ff).map((unit) => String.fromCharCode(unit)) }),
    fc.constantFrom(
      '',
      ' ',
      'Anna',
      'Room',
      'Sala',
      'info@contoso.com',
      'svc-erp@contoso.com',
      'a_b#EXT#@contoso.com',
      'Guest',
      'Member',
      'Invitation',
      'Service Account',
    ),
  ),
);
const textFields = [
  'displayName',
  'givenName',
  'surname',
  'mail',
  'userPrincipalName',
  'jobTitle',
  'department',
  'mobilePhone',
  'employeeId',
  'employeeType',
  'userType',
  'creationType',
  'externalUserState',
] as const;
const anyFields: fc.Arbitrary<DirectoryFields> = fc.record(
  {
    ...(Object.fromEntries(textFields.map((name) => [name, anyText])) as Record<(typeof textFields)[number], typeof anyText>),
    accountEnabled: fc.option(fc.boolean()),
    assignedLicenses: fc.option(fc.array(fc.constant('sku-1'), { maxLength: 2 })),
    showInAddressList: fc.option(fc.boolean()),
  },
  { requiredKeys: [] },
);
const anyEvidence: fc.Arbitrary<KindEvidence> = fc.record(
  { mailboxPurpose: fc.constantFrom('user', 'shared', 'room', 'equipment', 'linked', 'others', 'unknown'), hasReports: fc.boolean() },
  { requiredKeys: [] },
);

describe('suggestKind, for any account', () => {
  it('answers always, always the same, with readable reasons', () => {
    fc.assert(
      fc.property(anyFields, anyEvidence, (fields, evidence) => {
        const suggestion = suggestKind(fields, evidence);
        expect(suggestKind(structuredClone(fields), evidence)).toEqual(suggestion);
        expect(accountKinds).toContain(suggestion.kind);
        expect(suggestion.reasons.length).toBeGreaterThan(0);
        for (const reason of suggestion.reasons) {
          expect(reason.trim()).not.toBe('');
          expect(reason).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u);
          expect(reason.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('suggests the named kind, never a person, once a decisive signal is there', () => {
    const decisive: readonly {
      readonly fields: DirectoryFields;
      readonly evidence: KindEvidence;
      readonly kinds: readonly AccountKind[];
    }[] = [
      { fields: {}, evidence: { mailboxPurpose: 'shared' }, kinds: ['sharedMailbox'] },
      { fields: {}, evidence: { mailboxPurpose: 'room' }, kinds: ['room'] },
      { fields: {}, evidence: { mailboxPurpose: 'equipment' }, kinds: ['equipment'] },
      { fields: { userType: 'Guest' }, evidence: {}, kinds: ['guest'] },
      { fields: { userPrincipalName: 'lin_fabrikam.com#EXT#@contoso.com' }, evidence: {}, kinds: ['guest'] },
      { fields: { userPrincipalName: 'Sync_DC01_a1b2c3d4e5f6@contoso.onmicrosoft.com' }, evidence: {}, kinds: ['serviceAccount', 'guest'] },
      {
        fields: { department: 'Microsoft Communication Application Instance' },
        evidence: {},
        kinds: ['resourceAccount', 'serviceAccount', 'guest'],
      },
    ];
    const anyPurposelessEvidence = anyEvidence.map(({ hasReports = false }): KindEvidence => ({ hasReports }));
    fc.assert(
      fc.property(anyFields, anyPurposelessEvidence, fc.constantFrom(...decisive), (fields, evidence, signal) => {
        const { kind } = suggestKind({ ...fields, ...signal.fields }, { ...evidence, ...signal.evidence });
        expect(signal.kinds).toContain(kind);
      }),
    );
  });

  it('never takes an account for a person that has no name part pair, job title, employee data or reports', () => {
    fc.assert(
      fc.property(anyFields, anyEvidence, (fields, evidence) => {
        const anonymous: DirectoryFields = { ...fields, surname: null, jobTitle: null, employeeId: null, employeeType: null };
        expect(suggestKind(anonymous, { ...evidence, hasReports: false }).kind).not.toBe('person');
      }),
    );
  });

  it('does not hold fields that were never stated against a person', () => {
    const neverStated = named('Adele', 'Vance');
    for (const fields of [neverStated, { ...neverStated, accountEnabled: null, assignedLicenses: null, userType: null }]) {
      expect(suggestKind(fields)).toEqual({ kind: 'person', reasons: ['Given name and surname are filled in.'] });
    }
  });
});

describe('the rules', () => {
  it('have an id each', () => {
    expect(new Set(kindRules.map((rule) => rule.id)).size).toBe(kindRules.length);
  });

  it.each(kindRules)('$id is met by one of the examples', (rule) => {
    const met = examples.filter(({ fields, evidence = {} }) => rule.reason(readAccount(fields, evidence)) !== null);
    expect(met).not.toEqual([]);
  });
});

describe('suggestedDecision', () => {
  it('proposes to approve persons only, and to look where the directory cannot tell', () => {
    expect(Object.fromEntries(accountKinds.map((kind) => [kind, suggestedDecision(kind)]))).toEqual({
      person: 'approve',
      sharedMailbox: 'deny',
      room: 'deny',
      equipment: 'deny',
      serviceAccount: 'deny',
      resourceAccount: 'deny',
      guest: 'look',
      unknown: 'look',
    });
  });
});
