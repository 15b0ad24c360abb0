// Which objects a delta round is about and in which order: worked out again for each page from the round alone, so that no page needs memory of another.
import type { Directory } from '../world/directory.ts';
import type { Change } from '../world/directory-object.ts';
import { chance, makePermutation, mix, seedFrom } from '../world/random.ts';
import { untrackedProperties } from './properties.ts';
import type { GraphSettings } from './settings.ts';
import type { Round } from './token.ts';

/** One object of a round. */
interface RoundItem {
  readonly ordinal: number;
  /** The client is taken to know the object as of this version; null in a first round. */
  readonly since: number | null;
  /** Set when an old state is to be shown instead of the round's (item 29). */
  readonly as?: number;
}

/** What stands at one position of a round. */
export type Slot =
  /** A user or the tombstone of one; without its manager when that comes on a `link` slot. */
  | { readonly kind: 'object'; readonly item: RoundItem; readonly managerApart: boolean; readonly repeated: boolean }
  /** Only the manager of a user (item 37). */
  | { readonly kind: 'link'; readonly item: RoundItem }
  /** The tombstone of an object nobody knew (item 24). */
  | { readonly kind: 'phantom'; readonly number: number };

export interface RoundPlan {
  readonly seed: number;
  readonly size: number;
  readonly slot: (position: number) => Slot;
}

/** Lays out a round. Positions run over objects, phantoms and repeats in random order (item 32), then over managers told apart. */
export function planRound(directory: Directory, round: Round, settings: GraphSettings): RoundPlan {
  const seed = seedFrom(`${round.tenantId} ${round.nonce}`);
  const { count, itemAt } = itemsOf(directory, round, settings, seed);
  const first = round.versions.length === 1 && round.ids === null;
  const phantoms = first ? roundRandomly((count * settings.tombstoneShare) / (1 - Math.min(0.99, settings.tombstoneShare)), seed) : 0;
  const repeatShare = round.expanded && settings.expandRepeatsUsers ? Math.max(settings.repeatShare, 0.3) : settings.repeatShare;
  const repeats = Math.min(count, roundRandomly(count * repeatShare, seed + 1));
  const withManager = round.select?.includes('manager') === true;
  const links = withManager ? Math.min(count, roundRandomly(count * settings.separateManagerShare, seed + 2)) : 0;

  const mixed = count + phantoms + repeats;
  const order = makePermutation(Math.max(1, mixed), seed + 3);
  const repeated = makePermutation(Math.max(1, count), seed + 4);
  const apart = makePermutation(Math.max(1, count), seed + 5);
  const object = (index: number, again: boolean): Slot => ({
    kind: 'object',
    item: itemAt(index),
    managerApart: links > 0 && apart.positionOf(index) < links,
    repeated: again,
  });
  const slot = (position: number): Slot => {
    if (position >= mixed) return { kind: 'link', item: itemAt(apart.at(position - mixed)) };
    const place = order.at(position);
    if (place < count) return object(place, false);
    return place < count + phantoms ? { kind: 'phantom', number: place - count } : object(repeated.at(place - count - phantoms), true);
  };
  return { seed, size: mixed + links, slot };
}

function itemsOf(
  directory: Directory,
  round: Round,
  settings: GraphSettings,
  seed: number,
): { readonly count: number; readonly itemAt: (index: number) => RoundItem } {
  const [to = 0] = round.versions;
  if (round.versions.length === 1 && round.ids === null) {
    return { count: directory.objectCount(to), itemAt: (ordinal) => ({ ordinal, since: null }) };
  }
  const wanted = round.ids?.flatMap((id) => directory.ordinalOfId(id) ?? []);
  const items =
    round.versions.length === 1
      ? [...new Set(wanted)].filter((ordinal) => ordinal < directory.objectCount(to)).map((ordinal) => ({ ordinal, since: null }))
      : changedItems(directory, round, settings, seed).filter((item) => wanted === undefined || wanted.includes(item.ordinal));
  return { count: items.length, itemAt: (index) => items[index] ?? { ordinal: 0, since: null } };
}

/** Objects with something to report since the round before, and whatever lag, replays and false positives add. */
function changedItems(directory: Directory, round: Round, settings: GraphSettings, seed: number): readonly RoundItem[] {
  const [to = 0, previous = 0] = round.versions;
  const since = new Map<number, number>();
  const old = new Map<number, RoundItem>();
  const add = (ordinal: number, version: number) => since.set(ordinal, Math.min(version, since.get(ordinal) ?? version));
  for (let age = 0; age + 1 < round.versions.length; age++) {
    const until = round.versions[age] ?? 0;
    const from = round.versions[age + 1] ?? 0;
    for (const change of directory.changes(from, until)) {
      if (!isReported(change, round.select, settings)) continue;
      const delay = settings.lagRounds === 0 ? 0 : mix(mix(until, change.ordinal), 7) % (settings.lagRounds + 1);
      const provisioned = settings.lateProvisioning && change.kind === 'created' && age === delay + 1;
      const newAgain = settings.alternateOldAndNew && age === delay + 2;
      if (age === delay || provisioned || newAgain) add(change.ordinal, from);
      else if (settings.alternateOldAndNew && age === delay + 1 && change.kind !== 'created') {
        old.set(change.ordinal, { ordinal: change.ordinal, since: from, as: from });
      }
    }
  }
  if (settings.replayShare > 0) {
    for (const change of directory.changes(Math.max(0, previous - replayable), previous)) {
      if (chance(seed + 6, change.version) < settings.replayShare) add(change.ordinal, change.version - 1);
    }
  }
  const objects = directory.objectCount(to);
  const falsePositives = roundRandomly(objects * settings.falsePositiveShare, seed + 7);
  const someone = makePermutation(Math.max(1, objects), seed + 8);
  for (let index = 0; index < Math.min(objects, falsePositives); index++) add(someone.at(index), to);
  for (const ordinal of since.keys()) old.delete(ordinal);
  return [...[...since].map(([ordinal, version]) => ({ ordinal, since: version })), ...old.values()];
}

/** How many of the latest changes can be replayed. */
const replayable = 2_000;

/** Whether a change of these properties makes an entry for somebody who selected these (§9 items 13, 25). */
function isReported(change: Change, select: readonly string[] | null, settings: GraphSettings): boolean {
  const everything = select === null || select.includes('*');
  const touched = change.properties.some(
    (name) => !untrackedProperties.has(name) && (everything ? name !== 'manager' : select.includes(name)),
  );
  if (change.kind === 'changed' || (change.kind === 'restored' && settings.restoreNeedsChange)) return touched;
  return true;
}

/** A whole number near `value`, the fraction decided by the seed. */
function roundRandomly(value: number, seed: number): number {
  return Math.floor(value) + (chance(seed, 9) < value % 1 ? 1 : 0);
}
