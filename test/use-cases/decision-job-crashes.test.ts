// A crash, a second copy or a cancellation at any single call to storage or lists: nobody is decided or counted twice, nor forgotten.
import { expect, it } from 'vitest';
import { workOnDecisionJob } from '../../shared/use-cases/decision-job-steps.ts';
import { cancelDecisionJob } from '../../shared/use-cases/decision-jobs.ts';
import { companyId, type JobWorld, makeJobWorld, person } from './decision-job-world.ts';

/** Two slices. */
const many = 1020;
/** One slice, of several shards. */
const few = 40;
const arrange = async (count: number): Promise<JobWorld> => await makeJobWorld(Array.from({ length: count }, (_, index) => person(index)));

/** Starts a job and works on it; `act` is called ahead of each call with its number. @returns how many calls there were */
async function disturb(world: JobWorld, act: (call: number, jobId: string) => void): Promise<{ calls: number; jobId: string }> {
  const { jobId } = await world.request();
  let calls = 0;
  world.ports.beforeEachCall(() => act((calls += 1), jobId));
  await workOnDecisionJob(world.ports, { companyId, jobId }).catch(() => undefined);
  world.ports.beforeEachCall(undefined);
  return { calls, jobId };
}

const everyCall = async (count: number): Promise<number> => (await disturb(await arrange(count), () => undefined)).calls;

it('a crash at any call changes nothing in the end', async () => {
  const calls = await everyCall(many);
  for (let crashAt = 1; crashAt <= calls; crashAt += 1) {
    const world = await arrange(many);
    const { jobId } = await disturb(world, (call) => {
      if (call === crashAt) throw new Error('The process died.');
    });
    const job = await world.play({ jobId });
    expect(job, `crash at call ${crashAt} of ${calls}`).toMatchObject({
      state: 'done',
      collected: many,
      tally: { decided: many, unchanged: 0, refused: 0, dropped: 0 },
    });
    await world.check(job);
  }
});

it('a crash at any call and a cancellation afterwards leave a true record', async () => {
  const calls = await everyCall(few);
  for (let crashAt = 1; crashAt <= calls; crashAt += 1) {
    const world = await arrange(few);
    const { jobId } = await disturb(world, (call) => {
      if (call === crashAt) throw new Error('The process died.');
    });
    await cancelDecisionJob(world.ports, { companyId, jobId, by: 'Blake' });
    await world.check(await world.play({ jobId }));
  }
});

it('a second copy that begins at any call does the work once', async () => {
  const calls = await everyCall(few);
  for (let at = 1; at <= calls; at += 1) {
    const world = await arrange(few);
    let copy: Promise<unknown> | undefined;
    const { jobId } = await disturb(world, (call, id) => {
      if (call === at) copy = workOnDecisionJob(world.ports, { companyId, jobId: id });
    });
    await copy;
    const job = await world.play({ jobId });
    expect(job, `copy at call ${at} of ${calls}`).toMatchObject({ state: 'done', tally: { decided: few, unchanged: 0, refused: 0 } });
    await world.check(job);
  }
});
