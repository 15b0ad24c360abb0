// What happens to a mail when handling it fails altogether.
import { expect, it } from 'vitest';
import { sendMailOrPutBack } from '../../shared/use-cases/send-mail.ts';
import { makeFakePorts } from '../fakes/ports.ts';

it('a mail that cannot be handled while storage is away waits a minute instead of using up its deliveries', async () => {
  const [ports, companyId] = [makeFakePorts(), 'company1'];
  ports.tables.failWith(() => {
    throw new Error('storage is away');
  });
  await sendMailOrPutBack(ports, { companyId, mailId: 'mail1', attempt: 3 });
  expect(ports.mailQueue.messages.map(({ messageId, at }) => [messageId, at])).toEqual([
    ['mail1:4', new Date(ports.clock.now().getTime() + 60_000)],
  ]);
  await expect(sendMailOrPutBack(ports, { companyId, mailId: 'mail1', attempt: 200 })).rejects.toThrow('storage is away');
});
