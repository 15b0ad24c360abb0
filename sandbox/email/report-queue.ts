// Event Grid's part in delivery reports: puts each into the queue, one event a message.
import { ServiceBusClient } from '@azure/service-bus';
import type { DeliveryReport } from './delivery-reports.ts';

export const reportQueue = 'mail-reports';

export interface ReportQueue {
  readonly send: (report: DeliveryReport) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Costs nothing before the first report. */
export function openReportQueue(connectionString: string): ReportQueue {
  const client = new ServiceBusClient(connectionString);
  const sender = client.createSender(reportQueue);
  return {
    send: async (report) => {
      const contentType = 'application/cloudevents+json; charset=utf-8';
      await sender.sendMessages({ body: Buffer.from(JSON.stringify(report)), messageId: report.id, contentType });
    },
    stop: async () => await client.close(),
  };
}
