// What happens to a mail when handling it fails altogether.
import { expect, it } from 'vitest';
import { changeQuotaWindow, createSendRecord } from '../../shared/storage/mails.ts';
import { sendMailOrPutBack } from '../../shared/use-cases/send-mail.ts';
import { makeFakePorts } from '../fakes/ports.ts';

const companyId = 'company1';
const away = () => {
  throw new Error('storage is away');
};

it('a mail that cannot be handled while storage is away waits a minute instead of using up its deliveries', async () => {
  const ports = makeFakePorts();
  ports.tables.failWith(away);
  await sendMailOrPutBack(ports, { companyId, mailId: 'mail1', attempt: 3 });
  expect(ports.mailQueue.messages.map(({ messageId, body, at }) => [messageId, body.failures, at])).toEqual([
    ['mail1:4', 1, new Date(ports.clock.now().getTime() + 60_000)],
  ]);
  await expect(sendMailOrPutBack(ports, { companyId, mailId: 'mail1', attempt: 203, failures: 200 })).rejects.toThrow('storage is away');
});

it('a mail that has waited for the quota hundreds of times is put back like any other', async () => {
  const ports = makeFakePorts();
  ports.tables.failWith(away);
  await sendMailOrPutBack(ports, { companyId, mailId: 'mail1', attempt: 350 });
  expect(ports.mailQueue.messages).toMatchObject([{ messageId: 'mail1:351', body: { failures: 1 } }]);
});

it('failures are counted in a row: a mail that has waited for the quota since begins anew', async () => {
  const ports = makeFakePorts();
  const mail = {
    mailId: 'mail1',
    operationId: ports.ids.newUuid(),
    companyId,
    lane: 'account',
    to: [{ address: 'ada@contoso.example', name: 'Ada' }],
    content: { kind: 'newUsersFound', companyName: 'Contoso', newCount: 1, pendingCount: 1, listUrl: 'https://muster.example/pending' },
    createdAt: ports.clock.now().toISOString(),
  } as const;
  await createSendRecord(ports.tables, { mail, state: 'queued', attempts: 0, notBefore: null, finishedAt: null, problem: null });
  await changeQuotaWindow(ports.tables, (window) => ({
    ...window,
    pausedUntil: new Date(ports.clock.now().getTime() + 60_000).toISOString(),
  }));
  await sendMailOrPutBack(ports, { companyId, mailId: 'mail1', attempt: 5, failures: 5 });
  expect(ports.mailQueue.messages.map(({ body }) => body)).toEqual([{ companyId, mailId: 'mail1', attempt: 6 }]);
});
