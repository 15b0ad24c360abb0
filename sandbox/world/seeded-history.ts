// The past every seeded tenant has: a renamed user, a mail address that changed hands, and an account that was deleted and made anew under its old name.
import { castRoles } from './awkward-cast.ts';
import { deedsOf } from './deeds.ts';
import type { Directory } from './directory.ts';

/** When the seeded history happened: long before anything the sandbox's clock shows. */
const longAgo = Date.UTC(2024, 5, 1);

/** Lets the awkward cast live through its history; the cast begins at ordinal `firstRole`. Directories too small for the cast have none. */
export function applySeededHistory(directory: Directory, firstRole: number): void {
  const idOf = (role: number) => directory.idAt(firstRole + role);
  if (directory.objectCount() <= firstRole + castRoles.recreated) return;
  const deeds = deedsOf(directory, () => longAgo);
  const { domain } = directory;
  deeds.rename(idOf(castRoles.renamed), { displayName: 'Nadia After', userPrincipalName: `nadia.after@${domain}` });
  deeds.change(idOf(castRoles.renamed), { surname: 'After' });
  deeds.rename(idOf(castRoles.mailGivenUp), { mail: `Paula.PASSES2@${domain}` });
  deeds.rename(idOf(castRoles.mailTakenOver), { mail: `paula.passes@${domain}` });
  deeds.leave(idOf(castRoles.recreated));
  deeds.purge(idOf(castRoles.recreated));
  deeds.rehire(idOf(castRoles.recreated));
}
