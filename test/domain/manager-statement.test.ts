// The four rules for manager statements, and that replaying what was already said does no harm.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyManagerStatement } from '../../shared/domain/manager-statement.ts';
import type { ManagerStatement } from '../../shared/ports/directory.ts';

const examples: readonly { what: string; stored: string | null; statement: ManagerStatement | undefined; next: string | null }[] = [
  { what: 'silence keeps the stored manager', stored: 'ada', statement: undefined, next: 'ada' },
  { what: 'silence keeps having none', stored: null, statement: undefined, next: null },
  { what: 'a first manager is stored', stored: null, statement: { kind: 'set', managerId: 'ada' }, next: 'ada' },
  { what: 'a new manager replaces the stored one', stored: 'ada', statement: { kind: 'set', managerId: 'bo' }, next: 'bo' },
  { what: 'the same manager stays', stored: 'ada', statement: { kind: 'set', managerId: 'ada' }, next: 'ada' },
  { what: 'taking away the stored manager clears it', stored: 'ada', statement: { kind: 'removed', managerIds: ['ada'] }, next: null },
  {
    what: 'the stored manager among several clears it',
    stored: 'ada',
    statement: { kind: 'removed', managerIds: ['bo', 'ada'] },
    next: null,
  },
  {
    what: 'a replayed removal of an earlier manager is ignored',
    stored: 'bo',
    statement: { kind: 'removed', managerIds: ['ada'] },
    next: 'bo',
  },
  { what: 'an empty removal states nothing', stored: 'ada', statement: { kind: 'removed', managerIds: [] }, next: 'ada' },
  {
    what: 'a removal without a stored manager changes nothing',
    stored: null,
    statement: { kind: 'removed', managerIds: ['ada'] },
    next: null,
  },
];

const anyId = fc.constantFrom('ada', 'bo', 'cy');
const anyStatement: fc.Arbitrary<ManagerStatement> = fc.oneof(
  anyId.map((managerId): ManagerStatement => ({ kind: 'set', managerId })),
  fc.array(anyId).map((managerIds): ManagerStatement => ({ kind: 'removed', managerIds })),
);
const anyStored = fc.option(anyId);

describe('applyManagerStatement', () => {
  it.each(examples)('$what', ({ stored, statement, next }) => {
    expect(applyManagerStatement(stored, statement)).toBe(next);
  });

  it('comes to the same end when the same statement is replayed', () => {
    fc.assert(
      fc.property(anyStored, anyStatement, (stored, statement) => {
        const once = applyManagerStatement(stored, statement);
        expect(applyManagerStatement(once, statement)).toBe(once);
      }),
    );
  });

  it('never takes a manager away without naming it', () => {
    fc.assert(
      fc.property(anyId, anyStatement, (stored, statement) => {
        const named = statement.kind === 'removed' && statement.managerIds.includes(stored);
        expect(applyManagerStatement(stored, statement) === null).toBe(named);
      }),
    );
  });
});
