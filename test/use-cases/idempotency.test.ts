// The same request under the same key is done once and answered alike; a different one is refused before it does anything.
import { beforeEach, expect, it } from 'vitest';
import { withIdempotency } from '../../shared/use-cases/idempotency.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const hourMs = 3_600_000;
let ports: FakePorts;
let done: number;
beforeEach(() => {
  ports = makeFakePorts();
  done = 0;
});

const work = async () => ({ number: (done += 1) });
const ask = async (key: string | null, request: unknown = { approve: ['ada'] }, companyId = 'company1') =>
  await withIdempotency(ports, { companyId, key, request }, work);

it('without a key is done each time', async () => {
  expect([await ask(null), await ask(null)]).toEqual([{ number: 1 }, { number: 2 }]);
});

it('with the same key is done once and answered alike', async () => {
  expect([await ask('key'), await ask('key'), await ask('key')]).toEqual([{ number: 1 }, { number: 1 }, { number: 1 }]);
  expect(done).toBe(1);
});

it('takes any characters as a key', async () => {
  await ask('a/b#c?d\\e\u0001ü');
  expect(await ask('a/b#c?d\\e\u0001ü')).toEqual({ number: 1 });
});

it('keeps keys of companies apart', async () => {
  expect([await ask('key'), await ask('key', undefined, 'company2')]).toEqual([{ number: 1 }, { number: 2 }]);
});

it('refuses another request under the same key before it does anything, also while the first is at it', async () => {
  const slow = withIdempotency(ports, { companyId: 'company1', key: 'key', request: 1 }, async () => {
    await expect(ask('key', 2)).rejects.toMatchObject({ code: 'idempotency-mismatch' });
    return await work();
  });
  expect(await slow).toEqual({ number: 1 });
  await expect(ask('key', 2)).rejects.toMatchObject({ code: 'idempotency-mismatch' });
  expect(done).toBe(1);
});

it('gives two equal requests at the same moment one answer from then on', async () => {
  await Promise.all([ask('key'), ask('key')]);
  const later = await ask('key');
  expect(await ask('key')).toEqual(later);
});

it('does the work again after it failed', async () => {
  const fails = async () => await Promise.reject(new Error('broke off'));
  const request = { approve: ['ada'] };
  await expect(withIdempotency(ports, { companyId: 'company1', key: 'key', request }, fails)).rejects.toThrow('broke off');
  expect(await ask('key', request)).toEqual({ number: 1 });
});

it('after a crash at any call ends with one answer for all later requests', async () => {
  for (let crashAt = 1; ; crashAt += 1) {
    ports = makeFakePorts();
    let calls = 0;
    ports.beforeEachCall(() => {
      if ((calls += 1) >= crashAt) throw new Error('crash');
    });
    await ask('key').catch(() => undefined);
    ports.beforeEachCall(undefined);
    const answer = await ask('key');
    const before = done;
    expect(await ask('key')).toEqual(answer);
    expect(done).toBe(before);
    if (calls < crashAt) return;
  }
});

it('forgets a key after two days', async () => {
  await ask('key');
  ports.clock.advance(48 * hourMs - 1);
  expect(await ask('key')).toEqual({ number: 1 });
  ports.clock.advance(1);
  expect(await ask('key', 'something else')).toEqual({ number: 2 });
  expect(await ask('key', 'something else')).toEqual({ number: 2 });
});
