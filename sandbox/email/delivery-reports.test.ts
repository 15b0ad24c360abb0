// What the stand-in reports of mails that the real SDK sent: to whom, by which id, and in a form the app reads.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeMailSender } from '../../shared/adapters/email.ts';
import { deliveryReportEvent } from '../../shared/contracts/delivery-report.ts';
import type { MailSender } from '../../shared/ports/mail-sender.ts';
import { makeSandboxClock } from '../clock.ts';
import type { DeliveryReport } from './delivery-reports.ts';
import { type EmailStandIn, startEmail } from './server.ts';

let standIn: EmailStandIn;
let sender: MailSender;
let reports: DeliveryReport[];
beforeEach(async () => {
  reports = [];
  standIn = await startEmail({ clock: makeSandboxClock(), report: async (report) => void reports.push(report) });
  sender = makeMailSender({ connectionString: standIn.connectionString }, { senderAddress: 'no-reply@muster.example' });
});
afterEach(async () => await standIn.stop());

async function sendTo(address: string, operationId: string = randomUUID()): Promise<string> {
  const outcome = await sender.send({ operationId, to: [{ address }], subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' });
  expect(outcome.kind).toBe('accepted');
  return operationId;
}

it('tells what became of each mail by the id of its operation, and only what arrived is in the inbox', async () => {
  const faults = standIn.settings.recipientFaults;
  faults.set('ben@contoso.example', 'bounced').set('cleo@contoso.example', 'suppressed').set('dan@contoso.example', 'dropped');
  const ids = [];
  for (const name of ['ada', 'BEN', 'cleo', 'dan']) ids.push(await sendTo(`${name}@contoso.example`));
  expect(reports.map(({ data: { messageId, recipient, status } }) => [messageId, recipient, status])).toEqual([
    [ids[0], 'ada@contoso.example', 'Delivered'],
    [ids[1], 'BEN@contoso.example', 'Bounced'],
    [ids[2], 'cleo@contoso.example', 'Suppressed'],
    [ids[3], 'dan@contoso.example', 'Failed'],
  ]);
  expect(standIn.mails().flatMap(({ to }) => to)).toEqual(['ada@contoso.example']);
  // A mail that bounces was sent; one that is suppressed or dropped was not.
  expect(await Promise.all(ids.map(sender.status))).toEqual(['accepted', 'accepted', 'failed', 'failed']);
});

it('has the form that the app reads', async () => {
  await sendTo('ada@contoso.example');
  expect(reports.map((report) => deliveryReportEvent.safeParse(JSON.parse(JSON.stringify(report))).error)).toEqual([undefined]);
});

it('reports an operation that is repeated once, unless it is mailed again', async () => {
  const operationId = await sendTo('ada@contoso.example');
  await sendTo('ada@contoso.example', operationId);
  expect(reports).toHaveLength(1);
  standIn.settings.deduplicateOperationIds = false;
  await sendTo('ada@contoso.example', operationId);
  expect(reports).toHaveLength(2);
});
