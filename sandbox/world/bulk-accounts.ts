// The many shared mailboxes, rooms, guests and service accounts of a larger company, one for each ordinal.
import type { AccountKind } from '../../shared/domain/user.ts';
import { equipment, guest, resourceAccount, room, serviceAccount, sharedMailbox } from './accounts.ts';
import type { Snapshot } from './directory-object.ts';
import { equipmentNames, offices, plainName, serviceNames, sharedNames } from './names.ts';
import { createdAt, type People } from './people.ts';
import { mix, pick } from './random.ts';

/** The account of some kind at an ordinal; undefined for persons, who are made elsewhere. */
export function bulkAccount(
  kind: AccountKind,
  place: { readonly ordinal: number; readonly id: string; readonly domain: string; readonly seed: number; readonly people: People },
): Snapshot | undefined {
  const { ordinal, id, domain, seed, people } = place;
  const base = { id, domain, created: createdAt(seed, ordinal) };
  const named = (word: string) => ({
    ...base,
    alias: `${plainName(word).replaceAll(' ', '-')}.${ordinal}`,
    displayName: `${word} ${ordinal}`,
  });
  switch (kind) {
    case 'sharedMailbox':
      return sharedMailbox(named(pick(sharedNames, seed, ordinal)), mix(seed, ordinal) % 3 === 0);
    case 'room':
      return room(named('Meeting Room'), pick(offices, seed, ordinal).city);
    case 'equipment':
      return equipment(named(pick(equipmentNames, seed, ordinal)));
    case 'resourceAccount':
      return resourceAccount(named('Call Queue'));
    case 'serviceAccount':
      return serviceAccount(named(`svc-${pick(serviceNames, seed, ordinal)}`));
    case 'guest': {
      const address = `${people.userPrincipalName(ordinal).split('@')[0] ?? ''}@partner.example`;
      return guest({ ...base, displayName: people.displayName(ordinal) }, address, mix(seed, ordinal) % 4 !== 0);
    }
    case 'person':
    case 'unknown':
      return undefined;
    default:
      return kind satisfies never;
  }
}
