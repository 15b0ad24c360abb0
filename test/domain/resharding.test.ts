// When users move to more shards, what a commit does meanwhile, and when an old generation may go.
import { describe, expect, it } from 'vitest';
import {
  generationOf,
  isMoving,
  moveAfterCommit,
  outgrown,
  removableGeneration,
  type Reshard,
  switched,
} from '../../shared/domain/resharding.ts';
import { buildRound, buildSyncState } from '../builders.ts';

const now = new Date('2026-03-02T12:00:00.000Z');
const reshard: Reshard = { generation: 6, shards: 128, stage: 'copy', copied: { shard: 0, after: 'x' } };
const moving = buildSyncState({ fence: 5, round: buildRound(), generation: 2, shards: 1, reshard });

it.each([
  [500, 1, null],
  [6400, 1, null],
  [6401, 1, 4],
  [100_000, 1, 32],
  [100_000, 8, 32],
  [100_000, 16, null],
  [10, 16, null],
  [1_000_000, 16, 64],
  [1_000_000, 64, null],
])('%i people in %i shards move to %j', (people, shards, expected) => {
  expect(outgrown(people, shards)).toBe(expected);
});

describe('a move', () => {
  it.each([
    ['while its round runs', {}, true],
    ['not when its round has ended', { round: null }, false],
    ['not under a newer round', { fence: 6 }, false],
    ['not when it was given up', { reshard: { ...reshard, stage: 'givenUp' as const } }, false],
    ['not when it is done', { generation: 6, reshard: null }, false],
  ])('may come to its end %s', (_when, change, expected) => {
    expect(isMoving({ ...moving, ...change }, generationOf(5))).toBe(expected);
  });

  it('ends with the new generation in use, the old one retired, and no counts remembered', () => {
    const retired = [
      { generation: 3, shards: 8, at: 'long ago' },
      { generation: 6, shards: 128, at: 'just now' },
    ];
    expect(switched({ ...moving, retired }, reshard, now.toISOString())).toEqual({
      ...moving,
      generation: 6,
      shards: 128,
      heads: null,
      reshard: null,
      retired: [retired[0], { generation: 2, shards: 1, at: now.toISOString() }],
    });
  });
});

describe('a commit to a shard', () => {
  const announced = { to: 6, commits: 3, sealed: false };
  const sealed = { ...announced, sealed: true };
  it.each([
    ['of a decision, without a move', undefined, null, undefined, undefined],
    ['of a decision goes along with the move', announced, null, undefined, { ...announced, commits: 4 }],
    ['of a decision is not made under a seal', sealed, null, undefined, 'sealed'],
    ['of a decision forgets a move that was given up', sealed, null, 6, undefined],
    ['of a decision is bound by the seal of another move', sealed, null, 4, 'sealed'],
    ['of the round itself goes along', announced, 5, undefined, { ...announced, commits: 4 }],
    ['of a late copy of the round is refused', sealed, 5, undefined, 'stale'],
    ['of a later round forgets the move', sealed, 6, undefined, undefined],
  ] as const)('%s', (_what, move, fence, voidMove, expected) => {
    expect(moveAfterCommit(move, { fence, voidMove })).toEqual(expected);
  });
});

describe('a generation that was left', () => {
  const at = '2026-03-02T11:00:00.000Z';
  it.each([
    ['can be removed after an hour', { generation: 1, shards: 4, at }, true],
    ['not before', { generation: 1, shards: 4, at: '2026-03-02T11:00:00.001Z' }, false],
    ['not while it is being filled', { generation: 6, shards: 4, at }, false],
    ['not while it is in use', { generation: 2, shards: 4, at }, false],
  ])('%s', (_when, retired, expected) => {
    expect(removableGeneration({ ...moving, retired: [retired] }, now)).toEqual(expected ? retired : undefined);
  });
});
