// Who is below a manager, however odd the directory is.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descend, startWalk, type TreeWalk } from '../../shared/domain/team-tree.ts';

type Directory = ReadonlyMap<string, readonly string[]>;

function walk(rootId: string, directory: Directory): TreeWalk {
  let tree = startWalk(rootId);
  while (tree.open.length > 0) tree = descend(tree, new Map(tree.open.map((id) => [id, directory.get(id) ?? []])));
  return tree;
}

const shape = ({ members }: TreeWalk) => [...members.values()].map(({ objectId, managerId, depth }) => `${objectId}<${managerId}@${depth}`);

describe('a tree', () => {
  it('has everybody below, level by level', () => {
    const directory = new Map([
      ['ceo', ['cto', 'cfo']],
      ['cto', ['dev1', 'dev2']],
      ['dev1', ['intern']],
    ]);
    expect(shape(walk('ceo', directory))).toEqual(['cto<ceo@1', 'cfo<ceo@1', 'dev1<cto@2', 'dev2<cto@2', 'intern<dev1@3']);
    expect(shape(walk('cto', directory))).toEqual(['dev1<cto@1', 'dev2<cto@1', 'intern<dev1@2']);
    expect(shape(walk('intern', directory))).toEqual([]);
  });

  it('ends where a circle closes, and never holds the manager himself', () => {
    const circle = new Map([
      ['a', ['b', 'a']],
      ['b', ['c']],
      ['c', ['a', 'b']],
    ]);
    expect(shape(walk('a', circle))).toEqual(['b<a@1', 'c<b@2']);
  });

  it('ends somewhere even when the directory does not', () => {
    const chain = new Map(Array.from({ length: 500 }, (_, number) => [`p${number}`, [`p${number + 1}`]]));
    expect(walk('p0', chain).members.size).toBe(30);
  });

  it('meets everybody once, in any directory', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    fc.assert(
      fc.property(fc.dictionary(ids, fc.array(ids)), (reports) => {
        const { members } = walk('a', new Map(Object.entries(reports)));
        expect(members.has('a')).toBe(false);
        for (const { objectId, managerId } of members.values()) expect(reports[managerId]).toContain(objectId);
      }),
    );
  });
});
