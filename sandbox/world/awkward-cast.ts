// The awkward accounts every seeded tenant has, however small: one of each account kind and the cases that break naive matching
// (docs/graph.md §9 item 55).
import {
  equipment,
  guest,
  licencesOf,
  memberFields,
  resourceAccount,
  room,
  serviceAccount,
  sharedMailbox,
  skus,
  syncAccount,
} from './accounts.ts';
import type { ManagerReference, Snapshot, UserFields } from './directory-object.ts';

/** What the cast needs to know of the directory it joins. */
interface CastContext {
  readonly domain: string;
  readonly idAt: (role: number) => string;
  readonly headId: string | null;
  /** Id of a contact; contacts are not in `/users` but can be managers. */
  readonly contactId: string;
}

/** Places of the cast that seeded history and tests refer to. */
export const castRoles = {
  renamed: 0,
  disabled: 1,
  unlicensed: 2,
  twin: 3,
  twinAdmin: 4,
  equalMail: 5,
  otherEqualMail: 6,
  mailGivenUp: 7,
  mailTakenOver: 8,
  recreated: 9,
  sharedDisabled: 10,
  sharedEnabled: 11,
  room: 12,
  equipment: 13,
  resourceAccount: 14,
  syncService: 15,
  onPremisesConnector: 16,
  healthMailbox: 17,
  service: 18,
  guest: 19,
  guestWithoutType: 20,
} as const;

export const castSize = Object.keys(castRoles).length;

const created = '2019-03-01T08:00:00Z';

/** The account in one role of the cast, as it was before the seeded history. */
export function castMember(role: number, context: CastContext): Snapshot {
  const base = { id: context.idAt(role), domain: context.domain, created };
  const named = (alias: string, displayName: string) => ({ ...base, alias, displayName });
  const managerOf = (other: number): ManagerReference => ({ id: context.idAt(other), type: 'user' });
  const head: ManagerReference | null = context.headId === null ? null : { id: context.headId, type: 'user' };
  const person = (given: string, surname: string, alias: string, more: Partial<UserFields> = {}, manager = head): Snapshot => ({
    state: 'live',
    truth: { kind: 'person', purpose: more.mail === null ? 'none' : 'user' },
    manager,
    fields: {
      ...memberFields(named(alias, `${given} ${surname}`)),
      assignedLicenses: licencesOf(skus.business),
      department: 'Operations',
      givenName: given,
      jobTitle: 'Specialist',
      surname,
      ...more,
    },
  });

  switch (role) {
    case castRoles.renamed:
      return person('Nadia', 'Before', 'nadia.before');
    case castRoles.disabled:
      return person('Leo', 'Leaver', 'leo.leaver', { accountEnabled: false });
    case castRoles.unlicensed:
      return person('Una', 'Unlicensed', 'una.unlicensed', { assignedLicenses: licencesOf() }, managerOf(role));
    case castRoles.twin:
      return person('Tara', 'Twin', 'tara.twin', { employeeId: '900001' }, managerOf(castRoles.recreated));
    case castRoles.twinAdmin: {
      const without = { assignedLicenses: licencesOf(), mail: null, proxyAddresses: [], jobTitle: null, department: null };
      return person('Tara', 'Twin', 'adm-tara.twin', { ...without, displayName: 'Tara Twin (Admin)', employeeId: '900001' }, null);
    }
    case castRoles.equalMail:
      return person('Ed', 'Equal', 'ed.equal', {}, managerOf(castRoles.otherEqualMail));
    case castRoles.otherEqualMail:
      return person('Eddy', 'Equal', 'eddy.equal', { mail: `ed.equal@${context.domain}` }, managerOf(castRoles.equalMail));
    case castRoles.mailGivenUp:
      return person('Paula', 'Passes', 'paula.passes', {}, { id: context.contactId, type: 'orgContact' });
    case castRoles.mailTakenOver:
      return person('Þórður', '小龙 Łęcki', 'thordur.lecki', { jobTitle: 'Ingénieur ☕' }, managerOf(castRoles.guest));
    case castRoles.recreated:
      return person('Siobhán', "O'Malley-D'Arcy", "siobhan.o'malley");
    case castRoles.sharedDisabled:
      return sharedMailbox(named('info', 'Info'), false);
    case castRoles.sharedEnabled:
      return sharedMailbox(named('bookings', 'Bookings'), true);
    case castRoles.room:
      return room(named('room.matterhorn', 'Conf Room Matterhorn'), 'Zürich');
    case castRoles.equipment:
      return equipment(named('projector', 'Projector'));
    case castRoles.resourceAccount:
      return resourceAccount(named('main.line', 'Main Line Auto Attendant'));
    case castRoles.syncService:
      return syncAccount(base, 'DC01', '4f2a9c1e7b3d');
    case castRoles.onPremisesConnector:
      return serviceAccount(named('MSOL_4f2a9c1e7b3d', 'MSOL_4f2a9c1e7b3d'));
    case castRoles.healthMailbox: {
      const mailbox = serviceAccount(named('HealthMailbox0659e34f', 'HealthMailbox-EX01-001'));
      return { ...mailbox, fields: { ...mailbox.fields, mail: `HealthMailbox0659e34f@${context.domain}` } };
    }
    case castRoles.service:
      return serviceAccount(named('svc-backup', 'svc-backup'));
    case castRoles.guest:
      return guest({ ...base, displayName: 'Gina Guest' }, 'gina.guest@partner.example', true);
    case castRoles.guestWithoutType:
      return guest({ ...base, displayName: 'gus@supplier.example' }, 'gus@supplier.example', false);
    default:
      throw new RangeError(`The awkward cast has no role ${role}.`);
  }
}
