// Whatever happens in a directory, a client that follows the feed and upserts by id ends with exactly the directory (docs/graph.md §1.4).
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeedRefused } from '../world/deeds.ts';
import type { Directory } from '../world/directory.ts';
import { seedDirectory } from '../world/seed.ts';
import { type Entry, type GraphFixture, entriesOf, linkOf, startFixture, tenantA } from './graph-fixture.ts';
import { defaultSettings, type GraphSettings } from './settings.ts';

let fixture: GraphFixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.stop());

interface Known {
  readonly displayName: unknown;
  readonly manager: string | null;
}

/** A client's copy of the directory: upserts by id, managers by the rules of docs/graph.md §2. */
function apply(copy: Map<string, Known>, entry: Entry): void {
  if ('@removed' in entry) {
    copy.delete(entry.id);
    return;
  }
  const known = copy.get(entry.id) ?? { displayName: undefined, manager: null };
  const elements = (entry['manager@delta'] ?? []) as readonly { readonly id: string; readonly '@removed'?: unknown }[];
  const set = elements.find((element) => element['@removed'] === undefined);
  const cleared = elements.some((element) => element.id === known.manager);
  const manager = set?.id ?? (cleared ? null : known.manager);
  copy.set(entry.id, { displayName: 'displayName' in entry ? entry['displayName'] : known.displayName, manager });
}

function actual(directory: Directory): Map<string, Known> {
  const users = new Map<string, Known>();
  for (let ordinal = 0; ordinal < directory.objectCount(); ordinal++) {
    const snapshot = directory.snapshot(ordinal);
    if (snapshot?.state !== 'live') continue;
    users.set(snapshot.fields.id, { displayName: snapshot.fields.displayName, manager: snapshot.manager?.id ?? null });
  }
  return users;
}

const deedNames = ['hire', 'leave', 'purge', 'restore', 'rename', 'changeManager', 'clearManager', 'rehire', 'advance'] as const;
const deed = fc.record({ name: fc.constantFrom(...deedNames), who: fc.nat(200), other: fc.nat(200), text: fc.string({ maxLength: 8 }) });
const share = fc.constantFrom(0, 0.02, 0.3, 1);

const settings: fc.Arbitrary<Partial<GraphSettings>> = fc.record({
  smallestPage: fc.integer({ min: 1, max: 10 }),
  largestPage: fc.integer({ min: 10, max: 60 }),
  emptyPageShare: share,
  emptyPageRun: fc.integer({ min: 1, max: 5 }),
  tombstoneShare: fc.constantFrom(0, 0.05, 0.5),
  repeatShare: share,
  replayShare: share,
  falsePositiveShare: fc.constantFrom(0, 0.1),
  lagRounds: fc.integer({ min: 0, max: 2 }),
  readAheadShare: share,
  separateManagerShare: share,
  lateProvisioning: fc.boolean(),
  newestLast: fc.boolean(),
});

/** Does a deed to somebody of the directory; deeds that are not possible there do nothing. */
function happen({ name, who, other, text }: { name: (typeof deedNames)[number]; who: number; other: number; text: string }): void {
  const directory = fixture.world.directory(tenantA);
  if (directory === undefined) throw new Error('The fixture has no directory.');
  const deeds = fixture.world.deeds(tenantA);
  const idOf = (place: number) => directory.idAt(place % directory.objectCount());
  const doings: Readonly<Record<typeof name, () => void>> = {
    hire: () => void deeds.hire({ displayName: `Hired ${text}`, alias: `hired.${directory.version()}`, managerId: idOf(other) }),
    leave: () => deeds.leave(idOf(who)),
    purge: () => deeds.purge(idOf(who)),
    restore: () => deeds.restore(idOf(who)),
    rename: () => deeds.rename(idOf(who), { displayName: text }),
    changeManager: () => deeds.changeManager(idOf(who), idOf(other)),
    clearManager: () => deeds.changeManager(idOf(who), null),
    rehire: () => void deeds.rehire(idOf(who)),
    advance: () => fixture.clock.advance(60_000),
  };
  try {
    doings[name]();
  } catch (error) {
    if (!(error instanceof DeedRefused)) throw error;
  }
}

it('replaying the feed by keyed upsert always reconstructs the directory', async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(fc.array(deed, { maxLength: 6 }), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      async (chosen, batches, seed) => {
        fixture.world.put(seedDirectory({ tenantId: tenantA, domain: 'alpine.example', users: 40, seed }));
        Object.assign(fixture.graph.settings(tenantA), defaultSettings, { omittedManagerShare: 0, throttle: false }, chosen);
        const copy = new Map<string, Known>();
        let link = '/users/delta?$select=displayName,manager';
        const remaining = [...batches];
        const quietRounds = (chosen.lagRounds ?? 0) + 3;
        for (let quiet = 0; quiet < quietRounds; ) {
          const page = await fixture.get(link);
          expect([page.status, page.text.slice(0, 200)]).toEqual([200, page.text.slice(0, 200)]);
          for (const entry of entriesOf(page)) apply(copy, entry);
          const deltaLink = linkOf(page, 'deltaLink');
          link = linkOf(page, 'nextLink') ?? deltaLink ?? '';
          if (remaining.length > 0) for (const each of remaining.shift() ?? []) happen(each);
          else if (deltaLink !== undefined) quiet++;
        }
        const directory = fixture.world.directory(tenantA);
        expect(copy).toEqual(directory === undefined ? undefined : actual(directory));
      },
    ),
    { numRuns: 40, endOnFailure: true },
  );
});
