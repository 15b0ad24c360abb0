// Effects are stored with the change that causes them and arrive, whatever dies in between; nothing arrives twice.
import { beforeEach, expect, it } from 'vitest';
import type { AuditEntry } from '../../shared/domain/audit.ts';
import { listAudit } from '../../shared/storage/audit.ts';
import type { Ports } from '../../shared/ports/ports.ts';
import { type Effect, effectWrite, openMarks } from '../../shared/storage/outbox.ts';
import { recoverEffects, withEffects } from '../../shared/use-cases/effects.ts';
import { type FakePorts, makeFakePorts } from '../fakes/ports.ts';

const companyId = 'company1';
const partition = 'company1-1-0';
const place = { table: 'users', partition } as const;
const minuteMs = 60_000;

let ports: FakePorts;
beforeEach(() => {
  ports = makeFakePorts();
});

function mailOf(mailId: string): Effect {
  const content = {
    kind: 'newUsersFound',
    companyName: 'Contoso',
    newCount: 1,
    pendingCount: 1,
    listUrl: 'https://muster.example',
  } as const;
  const to = [{ address: 'avery@contoso.example', name: 'Avery' }];
  const createdAt = ports.clock.now().toISOString();
  return { kind: 'mail', mail: { mailId, operationId: ports.ids.newUuid(), companyId, lane: 'notice', to, content, createdAt } };
}

function auditOf(auditId: string): Effect {
  const entry: AuditEntry = {
    auditId,
    companyId,
    at: ports.clock.now().toISOString(),
    by: 'Avery',
    action: 'usersApproved',
    summary: 'Approved 1 user.',
    reason: null,
    objectIds: ['ada'],
  };
  return { kind: 'audit', entry };
}

const commit = async (...effects: readonly Effect[]) => await ports.tables.users.write(partition, effects.map(effectWrite));
const delivered = async () => ({
  mails: ports.mailQueue.messages.map(({ body }) => body.mailId),
  audit: (await listAudit(ports.tables, companyId, { after: null, limit: 100 })).entries.map(({ auditId }) => auditId).toSorted(),
});
async function marks(): Promise<number> {
  let count = 0;
  for await (const _mark of openMarks(ports.tables)) count += 1;
  return count;
}
const outboxIsEmpty = async () => {
  for await (const row of ports.tables.users.range({ partition })) return row.row;
  return true;
};

it('delivers what a change stored and leaves nothing behind', async () => {
  const result = await withEffects(ports, companyId, [place], async () => {
    await commit(mailOf('m1'), auditOf('a1'), auditOf('a2'));
    return 'result';
  });
  expect(result).toBe('result');
  expect(await delivered()).toEqual({ mails: ['m1'], audit: ['a1', 'a2'] });
  expect([await marks(), await outboxIsEmpty()]).toEqual([0, true]);
});

it('delivers what other operations left at the same place', async () => {
  await commit(mailOf('left'));
  await withEffects(ports, companyId, [place], async () => await commit(auditOf('a1')));
  expect(await delivered()).toEqual({ mails: ['left'], audit: ['a1'] });
});

it('without a place just makes the change', async () => {
  const before = ports.tables.calls();
  expect(await withEffects(ports, companyId, [], async () => 'result')).toBe('result');
  expect(ports.tables.calls()).toBe(before);
});

it('reports a failed change and keeps what it may have stored', async () => {
  const change = async () => {
    await commit(mailOf('m1'));
    throw new Error('broke off');
  };
  await expect(withEffects(ports, companyId, [place], change)).rejects.toThrow('broke off');
  ports.clock.advance(2 * minuteMs);
  expect(await recoverEffects(ports)).toBe(1);
  expect(await delivered()).toEqual({ mails: ['m1'], audit: [] });
});

it('does not take a late delivery for a failed change', async () => {
  ports.mailQueue.isAway = true;
  expect(await withEffects(ports, companyId, [place], async () => (await commit(mailOf('m1'))).kind)).toBe('done');
  ports.mailQueue.isAway = false;
  ports.clock.advance(2 * minuteMs);
  await recoverEffects(ports);
  expect(await delivered()).toEqual({ mails: ['m1'], audit: [] });
});

it('after a crash at any call delivers everything exactly once', async () => {
  for (let at = 1; ; at += 1) {
    ports = makeFakePorts();
    let calls = 0;
    let stored = false;
    ports.beforeEachCall(() => {
      if ((calls += 1) >= at) throw new Error('crash');
    });
    const run = withEffects(ports, companyId, [place], async () => {
      await commit(mailOf('m1'), auditOf('a1'));
      stored = true;
    });
    await run.catch(() => undefined);
    ports.beforeEachCall(undefined);
    ports.clock.advance(2 * minuteMs);
    await recoverEffects(ports);
    expect(await delivered()).toEqual(stored ? { mails: ['m1'], audit: ['a1'] } : { mails: [], audit: [] });
    ports.clock.advance(60 * minuteMs);
    await recoverEffects(ports);
    expect(await delivered()).toEqual(stored ? { mails: ['m1'], audit: ['a1'] } : { mails: [], audit: [] });
    expect([await marks(), await outboxIsEmpty()]).toEqual([0, true]);
    if (calls < at) return;
  }
});

it('leaves a young operation alone', async () => {
  await withEffects(ports, companyId, [place], async () => {
    await commit(mailOf('m1'));
    expect(await recoverEffects(ports)).toBe(0);
    expect(await delivered()).toEqual({ mails: [], audit: [] });
  });
});

it('keeps the mark of an operation that is merely slow: what it stores afterwards is found too', async () => {
  const slow = withEffects(ports, companyId, [place], async () => {
    await commit(mailOf('m1'));
    ports.clock.advance(5 * minuteMs);
    await recoverEffects(ports);
    await commit(mailOf('m2'));
    throw new Error('crash');
  });
  await expect(slow).rejects.toThrow('crash');
  await recoverEffects(ports);
  expect(await delivered()).toEqual({ mails: ['m1', 'm2'], audit: [] });
});

it('goes on past a place that cannot be delivered', async () => {
  const bad = { table: 'users', partition: 'company0-1-0' } as const;
  await ports.tables.users.write(bad.partition, [{ kind: 'upsert', row: '~outbox~x', properties: { json0: '{"kind":"unknown"}' } }]);
  await withEffects(ports, 'company0', [bad], async () => await Promise.reject(new Error('crash'))).catch(() => undefined);
  const crash = async () => {
    await commit(mailOf('m1'));
    throw new Error('crash');
  };
  await withEffects(ports, companyId, [place], crash).catch(() => undefined);
  ports.clock.advance(2 * minuteMs);
  expect(await recoverEffects(ports)).toBe(1);
  expect(await delivered()).toEqual({ mails: ['m1'], audit: [] });
  expect(ports.logged.map(({ level }) => level)).toContain('error');
});

it('delivers what waits behind an effect that cannot be read, which stays with its mark', async () => {
  const newer = { kind: 'upsert', row: '~outbox~0', properties: { json0: '{"kind":"unknown"}' } } as const;
  const crash = async () => {
    await ports.tables.users.write(partition, [newer]);
    await commit(mailOf('m1'));
    throw new Error('crash');
  };
  await withEffects(ports, companyId, [place], crash).catch(() => undefined);
  await withEffects(ports, companyId, [place], async () => await commit(auditOf('a1')));
  expect(await delivered()).toEqual({ mails: ['m1'], audit: ['a1'] });
  await commit(mailOf('m2'));
  ports.clock.advance(2 * minuteMs);
  expect(await recoverEffects(ports)).toBe(1);
  ports.clock.advance(60 * minuteMs);
  await recoverEffects(ports);
  expect((await delivered()).mails).toEqual(['m1', 'm2']);
  expect([await marks(), await outboxIsEmpty()]).toEqual([1, '~outbox~0']);
  expect(ports.logged.map(({ level }) => level)).toEqual(['warning', 'error', 'error']);
});

it('goes on past a mark that cannot be read', async () => {
  await ports.tables.companies.write('~marks', [{ kind: 'upsert', row: 'company0~1', properties: { json0: '{}' } }]);
  const crash = async () => {
    await commit(mailOf('m1'));
    throw new Error('crash');
  };
  await withEffects(ports, companyId, [place], crash).catch(() => undefined);
  ports.clock.advance(2 * minuteMs);
  expect(await recoverEffects(ports)).toBe(1);
  expect(ports.logged).toContainEqual(expect.objectContaining({ level: 'error', facts: { markId: 'company0~1' } }));
});

it('ends in time while the queue is away and each try takes long, asks once for a place, and delivers everything later', async () => {
  const crash = async () => {
    throw new Error('crash');
  };
  for (let number = 0; number < 60; number += 1) {
    const shard = `company1-1-${number}`;
    await ports.tables.users.write(shard, [effectWrite(mailOf(`m${number}`))]);
    for (let mark = 0; mark < 3; mark += 1)
      await withEffects(ports, companyId, [{ table: 'users', partition: shard }], crash).catch(() => undefined);
  }
  ports.clock.advance(2 * minuteMs);
  const start = ports.clock.now().getTime();
  const tried: string[] = [];
  const enqueue: Ports['mailQueue']['enqueue'] = async ({ mail }) => {
    tried.push(mail.mailId);
    ports.clock.advance(10_000);
    throw new Error('The queue is away.');
  };
  await recoverEffects({ ...ports, mailQueue: { enqueue } });
  expect(ports.clock.now().getTime() - start).toBeLessThanOrEqual(5 * minuteMs);
  expect(new Set(tried).size).toBe(tried.length);
  await recoverEffects(ports);
  expect((await delivered()).mails).toHaveLength(60);
});

it('run twice at once delivers each effect once', async () => {
  await withEffects(ports, companyId, [place], async () => {
    await commit(mailOf('m1'), mailOf('m2'), auditOf('a1'));
    throw new Error('crash');
  }).catch(() => undefined);
  ports.clock.advance(2 * minuteMs);
  await Promise.all([recoverEffects(ports), recoverEffects(ports)]);
  expect(await delivered()).toEqual({ mails: ['m1', 'm2'], audit: ['a1'] });
});
