// The set a round remembers people in behaves as a map from id to flags, through growth and through storage.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeIdSet, managerStated, seenAlive, seenGone } from '../../shared/domain/id-set.ts';

const flags = fc.integer({ min: 1, max: 7 });
const additions = fc.array(fc.tuple(fc.oneof(fc.uuid(), fc.string({ maxLength: 3 })), flags), { maxLength: 300 });

describe('an id set', () => {
  it('keeps every flag of every id', () => {
    fc.assert(
      fc.property(additions, (added) => {
        const set = makeIdSet();
        const model = new Map<string, number>();
        for (const [id, flag] of added) {
          expect(set.add(id, flag)).toBe(!model.has(id));
          model.set(id, (model.get(id) ?? 0) | flag);
        }
        expect(set.size()).toBe(model.size);
        for (const [id, flag] of model) expect(set.flags(id)).toBe(flag);
        expect(set.flags('an id nobody added')).toBe(0);
      }),
    );
  });

  it('is the same after it was stored in pieces, in any order, some of them twice', () => {
    fc.assert(
      fc.property(additions, fc.nat(50), fc.boolean(), (added, piece, twice) => {
        const set = makeIdSet();
        const pieces: Uint8Array[] = [];
        for (const [index, [id, flag]] of added.entries()) {
          set.add(id, flag);
          if (index % (piece + 1) === 0) pieces.push(set.takeNew());
        }
        pieces.push(set.takeNew());
        expect(set.takeNew().byteLength).toBe(0);
        const restored = makeIdSet();
        for (const bytes of [...pieces.toReversed(), ...(twice ? pieces : [])]) restored.absorb(bytes);
        expect(restored.size()).toBe(set.size());
        for (const [id] of added) expect(restored.flags(id)).toBe(set.flags(id));
        expect(restored.takeNew().byteLength).toBe(0);
      }),
    );
  });

  it('stores nine bytes an id, once, and again only for news', () => {
    const set = makeIdSet();
    set.add('ada', seenAlive);
    set.add('ada', seenAlive);
    set.add('blaise', seenGone);
    expect(set.takeNew().byteLength).toBe(18);
    set.add('ada', seenAlive);
    expect(set.takeNew().byteLength).toBe(0);
    set.add('ada', managerStated);
    expect(set.takeNew().byteLength).toBe(9);
  });

  it('reads bytes that begin in the middle of a buffer', () => {
    const set = makeIdSet();
    set.add('ada', seenAlive);
    const bytes = set.takeNew();
    const shifted = new Uint8Array(bytes.byteLength + 5);
    shifted.set(bytes, 5);
    const restored = makeIdSet();
    restored.absorb(shifted.subarray(5));
    expect(restored.flags('ada')).toBe(seenAlive);
  });

  it('tells a hundred thousand ids apart, also ones that look alike', () => {
    const set = makeIdSet();
    const ids = Array.from({ length: 100_000 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
    for (const id of ids) set.add(id, seenAlive);
    expect(set.size()).toBe(ids.length);
    expect(ids.every((id) => set.flags(id) === seenAlive)).toBe(true);
    expect(set.flags('00000000-0000-4000-8000-000000100000')).toBe(0);
  });
});
