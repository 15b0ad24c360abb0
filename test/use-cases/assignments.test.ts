// What the training platform says of courses ends the same in whatever order it comes, however often, and whoever else writes meanwhile.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assignment } from '../../shared/domain/assignment.ts';
import { statementItem } from '../../shared/contracts/assignments.ts';
import { readCourses } from '../../shared/storage/assignments.ts';
import { type Statement, stateAssignments, userAssignments } from '../../shared/use-cases/assignments.ts';
import { readCompanyState } from '../../shared/storage/company-state.ts';
import { personFields, storeCompany, tenantId } from '../builders.ts';
import { makeFakePorts } from '../fakes/ports.ts';
import { companyId, makeSyncWorld, type SyncWorld } from './sync-world.ts';

const course = (courseId: string, change: Partial<Assignment> = {}): Assignment => ({
  courseId,
  title: `Course ${courseId}`,
  assignedOn: '2026-02-01',
  dueOn: '2026-03-20',
  progress: 0,
  completedAt: null,
  link: `https://learn.example/${courseId}`,
  ...change,
});

const says = (
  objectId: string,
  version: number,
  assignment: Assignment | null = course('a'),
  courseId = assignment?.courseId ?? 'a',
): Statement => ({
  user: { objectId },
  courseId,
  version,
  assignment,
});

const mailOf = (name: string) => personFields(name).mail ?? '';

async function makeWorld(...names: readonly string[]): Promise<SyncWorld> {
  const world = await makeSyncWorld({ pageSize: 50 });
  for (const name of names) world.tenant.put(name, personFields(name));
  await world.sync();
  return world;
}

const state = async ({ ports }: SyncWorld, ...statements: readonly Statement[]) => await stateAssignments(ports, companyId, statements);
const coursesOf = async ({ ports }: SyncWorld, objectId: string) => (await readCourses(ports.tables, companyId, [objectId])).get(objectId);

const read = async ({ ports }: SyncWorld, objectId: string) =>
  await userAssignments(ports, companyId, `${tenantId}_${objectId}`, await readCompanyState(ports.tables, companyId));

describe('a statement', () => {
  it('is told what it did, in the order of the statements', async () => {
    const world = await makeWorld('ada', 'bo');
    expect(await state(world, says('ada', 5), says('bo', 1), says('nobody', 1))).toEqual(['created', 'created', 'unknownUser']);
    expect(await state(world, says('ada', 4), says('bo', 2, course('a', { progress: 50 })), says('ada', 5))).toEqual([
      'outdated',
      'updated',
      'unchanged',
    ]);
    expect(await state(world, says('ada', 5, course('a', { title: 'Other' })), says('bo', 3, null))).toEqual(['conflict', 'removed']);
    // A late message from before the removal does not bring the course back.
    expect(await state(world, says('bo', 2, course('a', { progress: 50 })))).toEqual(['outdated']);
  });

  it.each([
    ['our id', { userId: `${tenantId}_ada` }, 'created'],
    ['the id of another tenant', { userId: '22222222-2222-4222-8222-222222222222_ada' }, 'unknownUser'],
    ['the object id', { objectId: 'ada' }, 'created'],
    ['the mail address', { mail: mailOf('ada') }, 'created'],
    ['the mail address in other letters', { mail: ` ${mailOf('ada').toUpperCase()} ` }, 'created'],
    ['an address of nobody', { mail: 'nobody@contoso.example' }, 'unknownUser'],
    ['no address', { mail: '' }, 'unknownUser'],
  ] as const)('names the user by %s', async (_, user, outcome) => {
    const world = await makeWorld('ada');
    expect(await state(world, { ...says('ada', 1), user })).toEqual([outcome]);
    expect((await coursesOf(world, 'ada'))?.size ?? 0).toBe(outcome === 'created' ? 1 : 0);
  });

  it('by an address that two people have is refused; who has left does not count', async () => {
    const world = await makeWorld('ada');
    world.tenant.put('other-ada', personFields('ada'));
    await world.sync();
    expect(await state(world, { ...says('ada', 1), user: { mail: mailOf('ada') } })).toEqual(['ambiguousUser']);
    world.tenant.purge('ada');
    await world.sync('full');
    expect(await world.withPresence('removed')).toEqual(['ada']);
    expect(await state(world, { ...says('ada', 1), user: { mail: mailOf('ada') } })).toEqual(['created']);
    expect((await coursesOf(world, 'other-ada'))?.size).toBe(1);
  });

  it('about more courses than a user may have is refused, and those before it stay', async () => {
    const world = await makeWorld('ada');
    const many = Array.from({ length: 201 }, (_, number) => says('ada', 1, course(`c${number}`)));
    const outcomes = await state(world, ...many);
    expect(outcomes.slice(0, 200).every((outcome) => outcome === 'created')).toBe(true);
    expect(outcomes.at(-1)).toBe('tooManyCourses');
    expect(await state(world, says('ada', 2, course('c7', { progress: 10 })))).toEqual(['updated']);
  });

  it('about a course that was taken away makes room for another one, however many there have been', async () => {
    const world = await makeWorld('ada');
    const nameOf = (number: number) => `c${String(number).padStart(4, '0')}`;
    const given = Array.from({ length: 1_000 }, (_, number) => number);
    for (const number of given.slice(0, 200)) await state(world, says('ada', number, course(nameOf(number))));
    for (const number of given.slice(200)) {
      const removal = says('ada', number, null, nameOf(number - 200));
      expect(await state(world, removal, says('ada', number, course(nameOf(number))))).toEqual(['removed', 'created']);
      // It is gone, also for a late message from before.
      expect(await state(world, says('ada', number - 200, course(nameOf(number - 200), { progress: 1 })))).toEqual(['outdated']);
    }
    const shown = (await read(world, 'ada'))?.assignments.map(({ courseId }) => courseId) ?? [];
    expect(shown.toSorted()).toEqual(given.slice(-200).map(nameOf));
    expect((await coursesOf(world, 'ada'))?.size).toBe(800);
    // A course that comes back needs room as well.
    expect(await state(world, says('ada', 1_000, course(nameOf(799))))).toEqual(['tooManyCourses']);
  });

  it.each([
    ['marks that JSON writes as two characters', '"', '"', '.1'],
    ['marks in titles alone', '"', 'x', '.1'],
    ['other signs that JSON writes as two', '\\', '\\', '.1'],
    ['control characters', 'x', '\u0001', '.1'],
    ['any script', '安', '安', '.1'],
    ['two halves each', '😀', '😀', '.1'],
    ['digits', '1', '1', `.${'1'.repeat(10_000)}`],
  ])(
    'about as many courses as there may be, with the longest texts of %s, is stored or told to be wrong',
    async (_, letter, sign, digits) => {
      const world = await makeWorld('ada');
      const version = Number.MAX_SAFE_INTEGER;
      const statements = Array.from({ length: 200 }, (__, number) => {
        const title = letter.repeat(250 / letter.length);
        const link = `https://learn.example/${sign.repeat(978 / sign.length)}`;
        const completedAt = `2026-03-02T08:00:00${digits}Z`;
        const longest = course(String(number).padEnd(100, 'c'), { title, link, completedAt, progress: 100 });
        return { said: { ...longest, objectId: 'ada', version }, statement: says('ada', version, longest) };
      });
      const valid = statements.filter(({ said }) => statementItem.safeParse(said).success);
      const outcomes = await state(world, ...valid.map(({ statement }) => statement));
      expect(outcomes.every((outcome) => outcome === 'created')).toBe(true);
    },
  );

  it('before the first sync concerns nobody', async () => {
    const ports = makeFakePorts();
    await storeCompany(ports.tables);
    await expect(stateAssignments(ports, companyId, [says('ada', 1)])).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('statements in any order', () => {
  const statements = fc.array(
    fc.record({
      objectId: fc.constantFrom('ada', 'bo'),
      courseId: fc.constantFrom('a', 'b'),
      version: fc.nat(6),
      isRemoval: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('and however often end with the highest version', async () => {
    await fc.assert(
      fc.asyncProperty(statements, fc.array(fc.nat(11), { maxLength: 12 }), async (said, repeats) => {
        const world = await makeWorld('ada', 'bo');
        // A version says one thing only, as a platform's does.
        const all = said.map(({ objectId, courseId, version, isRemoval }) =>
          says(objectId, version, isRemoval && version % 2 === 1 ? null : course(courseId, { progress: version }), courseId),
        );
        const consistent = all.filter(
          (one, index) =>
            all.findIndex(
              (other) =>
                JSON.stringify(other.user) === JSON.stringify(one.user) && other.courseId === one.courseId && other.version === one.version,
            ) === index,
        );
        const played = [...consistent, ...repeats.flatMap((index) => consistent[index % consistent.length] ?? [])];
        for (const one of played) await state(world, one);
        for (const objectId of ['ada', 'bo']) {
          const courses = (await coursesOf(world, objectId)) ?? new Map();
          for (const courseId of ['a', 'b']) {
            const own = consistent.filter(
              ({ user, courseId: each }) => 'objectId' in user && user.objectId === objectId && each === courseId,
            );
            const newest = own.toSorted((left, right) => right.version - left.version)[0];
            expect(courses.get(courseId)).toEqual(newest && { version: newest.version, assignment: newest.assignment });
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('from several writers at once lose nothing', async () => {
    const names = Array.from({ length: 30 }, (_, number) => `user-${number}`);
    const world = await makeWorld(...names);
    const writers = ['a', 'b', 'c'].map(async (courseId) => await state(world, ...names.map((name) => says(name, 1, course(courseId)))));
    for (const outcomes of await Promise.all(writers)) expect(outcomes.every((outcome) => outcome === 'created')).toBe(true);
    for (const name of names) expect([...((await coursesOf(world, name))?.keys() ?? [])].toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('are stored once more without harm after a crash at any call', async () => {
    const names = ['ada', 'bo', 'cy', 'di'];
    for (let fault = 1; fault < 60; fault += 1) {
      const world = await makeWorld(...names);
      let calls = 0;
      world.ports.beforeEachCall(() => {
        calls += 1;
        if (calls === fault) throw new Error('The process died.');
      });
      const said = names.map((name) => says(name, 1));
      const died = await state(world, ...said).then(
        () => false,
        () => true,
      );
      world.ports.beforeEachCall(undefined);
      for (const outcome of await state(world, ...said)) expect(['created', 'unchanged']).toContain(outcome);
      for (const name of names) expect((await coursesOf(world, name))?.get('a')?.version).toBe(1);
      if (!died) return;
    }
    throw new Error('More calls than expected.');
  });
});

describe('the courses of a user', () => {
  it('say what they are today in the company’s time zone, and whether they count', async () => {
    const world = await makeWorld('ada');
    await state(
      world,
      says('ada', 1, course('late', { dueOn: '2026-03-01' })),
      says('ada', 1, course('soon', { dueOn: '2026-03-08' })),
      says('ada', 1, course('free', { dueOn: null })),
      says('ada', 1, course('done', { dueOn: '2026-01-01', completedAt: '2026-02-01T00:00:00.000Z', progress: 100 })),
      says('ada', 1, null, 'gone'),
    );
    world.ports.clock.set(new Date('2026-03-02T10:00:00Z'));
    const found = await read(world, 'ada');
    expect(found?.isActive).toBe(false);
    expect(found?.assignments.map(({ courseId, status }) => [courseId, status])).toEqual([
      ['done', 'done'],
      ['late', 'overdue'],
      ['soon', 'dueSoon'],
      ['free', 'open'],
    ]);
    await world.decide('approve', 'ada');
    expect((await read(world, 'ada'))?.isActive).toBe(true);
  });

  it('are nobody’s when there is no such user here', async () => {
    const world = await makeWorld('ada');
    expect(await read(world, 'bo')).toBeUndefined();
    expect((await read(world, 'ada'))?.assignments).toEqual([]);
  });
});

it('a bulk of 5,000 costs a read and a hundredth of a write a person', async () => {
  const names = Array.from({ length: 500 }, (_, number) => `user-${number}`);
  const world = await makeWorld(...names);
  let calls = 0;
  world.ports.beforeEachCall(() => {
    calls += 1;
  });
  const statements = names.flatMap((name) => Array.from({ length: 10 }, (_, number) => says(name, 1, course(`c${number}`))));
  expect((await state(world, ...statements)).every((outcome) => outcome === 'created')).toBe(true);
  // The company's state, the user and the courses of each, and a transaction for each of 16 partitions.
  expect(calls).toBeLessThan(2 * names.length + 60);
});
