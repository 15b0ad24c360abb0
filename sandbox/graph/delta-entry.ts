// One entry of users/delta as JSON text: a user as far as it was ever set, a tombstone, or only a manager (docs/graph.md §1.3).
import { differences } from '../world/deeds.ts';
import type { Directory } from '../world/directory.ts';
import type { ManagerReference, Snapshot } from '../world/directory-object.ts';
import { makeObjectIds, type ObjectIds } from '../world/object-ids.ts';
import { chance, mix, seedFrom } from '../world/random.ts';
import type { Slot } from './delta-plan.ts';
import { returnedProperties, writeKnown } from './properties.ts';
import type { GraphSettings } from './settings.ts';
import type { Round } from './token.ts';

/** What all entries of one page have in common. */
interface EntryContext {
  readonly directory: Directory;
  readonly round: Round;
  readonly settings: GraphSettings;
  readonly seed: number;
  readonly names: readonly string[];
  readonly withManager: boolean;
  readonly phantomIds: ObjectIds;
  readonly omissionSeed: number;
  /** JSON of users that are still as the baseline has them, by ordinal. */
  readonly kept: (Buffer | undefined)[];
}

/** Prepares the entries of a page; `firstPage` matters to `$select=*` only (item 34). */
export function entryContext(
  directory: Directory,
  round: Round,
  settings: GraphSettings,
  page: { readonly seed: number; readonly firstPage: boolean; readonly keptFor: (selection: string) => (Buffer | undefined)[] },
): EntryContext {
  const shrunk = settings.starSelectShrinks && !page.firstPage && round.select?.includes('*') === true;
  const withManager = round.select?.includes('manager') === true;
  const names = shrunk ? ['id', 'displayName', 'userPrincipalName', 'mail'] : returnedProperties(round.select);
  return {
    directory,
    round,
    settings,
    seed: page.seed,
    names,
    withManager,
    phantomIds: makeObjectIds(seedFrom(`${directory.tenantId} phantoms`)),
    omissionSeed: seedFrom(`${directory.tenantId} omissions`),
    kept: page.keptFor(`${names.join()} ${withManager}`),
  };
}

/** One entry as JSON, or undefined when nothing is said about the object. */
export function writeEntry(slot: Slot, context: EntryContext): string | Buffer | undefined {
  if (slot.kind === 'phantom') {
    return tombstone(context.phantomIds.at(slot.number), slot.number % 3 === 0 ? 'changed' : 'deleted');
  }
  const { directory, settings, round } = context;
  const { ordinal, since, as } = slot.item;
  const coin = settings.newestLast || slot.kind === 'link' ? ordinal : mix(ordinal, slot.repeated ? 1 : 2);
  const version = as ?? (chance(context.seed + 9, coin) < settings.readAheadShare ? directory.version() : (round.versions[0] ?? 0));
  const managerFollows = slot.kind === 'object' && slot.managerApart;
  const manager = context.withManager && !managerFollows && chance(context.omissionSeed, ordinal) >= settings.omittedManagerShare;

  if (
    slot.kind === 'object' &&
    since === null &&
    as === undefined &&
    manager === context.withManager &&
    directory.isUntouched(ordinal, version)
  ) {
    return (context.kept[ordinal] ??= Buffer.from(writeUntouched(ordinal, context)));
  }
  const now = directory.snapshot(ordinal, version);
  if (now === undefined) return undefined;
  const id = now.fields.id;
  const known = since === null ? undefined : directory.snapshot(ordinal, since);
  if (now.state !== 'live') {
    const unheardOf = since !== null && directory.snapshot(ordinal, round.versions[1] ?? 0) === undefined;
    const shortLived = unheardOf && chance(context.seed + 10, ordinal) < settings.shortLivedSilence;
    return shortLived || slot.kind === 'link' ? undefined : tombstone(id, reasonOf(now));
  }
  const elements = manager ? managerElements(slot.item, { version, now, known }, context) : '';
  const annotation = elements === '' ? '' : `,"manager@delta":[${elements}]`;
  if (slot.kind === 'link') return annotation === '' ? undefined : `{"id":"${id}"${annotation}}`;
  const appeared = known === undefined || known.state !== 'live';
  const shown = isUnprovisioned(slot.item, context) ? withoutMailbox(now) : now;
  if (!round.minimal || appeared) return `${writeKnown(shown.fields, context.names)}${annotation}}`;
  const changed = new Set(differences(known, now));
  const names = ['id', ...context.names.filter((name) => changed.has(name))];
  return `${writeKnown(shown.fields, names)}${annotation}}`;
}

/** An object as the baseline has it: with its manager when that is selected. */
function writeUntouched(ordinal: number, { directory, names, withManager }: EntryContext): string {
  const snapshot = directory.snapshot(ordinal, 0);
  if (snapshot === undefined) throw new RangeError(`Object ${ordinal} is not in the baseline.`);
  if (snapshot.state !== 'live') return tombstone(snapshot.fields.id, reasonOf(snapshot));
  const annotation = withManager && snapshot.manager !== null ? `,"manager@delta":[${managerElement(snapshot.manager)}]` : '';
  return `${writeKnown(snapshot.fields, names)}${annotation}}`;
}

function reasonOf(snapshot: Snapshot): 'changed' | 'deleted' {
  return snapshot.state === 'deleted' ? 'changed' : 'deleted';
}

function tombstone(id: string, reason: 'changed' | 'deleted'): string {
  return `{"id":"${id}","@removed":{"reason":"${reason}"}}`;
}

function managerElement(manager: ManagerReference, removed = false): string {
  const annotation = removed ? ',"@removed":{"reason":"deleted"}' : '';
  return `{"@odata.type":"#microsoft.graph.${manager.type}","id":"${manager.id}"${annotation}}`;
}

/** The elements of `manager@delta`, `''` for no statement: an unchanged manager is not repeated (§9 items 35, 36). */
function managerElements(
  item: { readonly ordinal: number; readonly since: number | null },
  { version, now, known }: { readonly version: number; readonly now: Snapshot; readonly known: Snapshot | undefined },
  context: EntryContext,
): string {
  const past = item.since === null ? [] : context.directory.history(item.ordinal, item.since, version);
  const appeared = known === undefined || past.some((snapshot) => snapshot.state !== 'live');
  if (!appeared && past.every((snapshot) => snapshot.manager?.id === now.manager?.id)) return '';
  const former = new Map(
    past.flatMap(({ manager }) => (manager === null || manager.id === now.manager?.id ? [] : [[manager.id, manager] as const])),
  );
  const removed = [...former.values()].map((manager) => managerElement(manager, true));
  if (now.manager === null) return removed.join();
  const present = managerElement(now.manager);
  switch (mix(context.seed, item.ordinal) % 3) {
    case 0:
      return present;
    case 1:
      return [...removed, present].join();
    default:
      return [present, ...removed].join();
  }
}

function isUnprovisioned(
  item: { readonly ordinal: number; readonly since: number | null },
  { directory, round, settings }: EntryContext,
): boolean {
  if (!settings.lateProvisioning || item.since === null || item.since < (round.versions[1] ?? 0)) return false;
  return directory.snapshot(item.ordinal, item.since) === undefined;
}

/** A new user before Exchange and the licences have caught up (item 33). */
function withoutMailbox(snapshot: Snapshot): Snapshot {
  const { mail: _mail, proxyAddresses: _proxies, ...fields } = snapshot.fields;
  return { ...snapshot, fields: { ...fields, assignedLicenses: [] } };
}
