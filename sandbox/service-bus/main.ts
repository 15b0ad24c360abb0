// Runs the Service Bus stand-in as a process of its own, so that it can be killed without warning.
// Settings: MUSTER_SB_STATE (SQLite file), MUSTER_SB_PORT (0 or absent: a free one), MUSTER_SB_QUEUES (JSON array of queues).
// When it is ready it prints one line of JSON: {"port":…,"connectionString":"…"}. SIGTERM and SIGINT stop it cleanly.

import process from 'node:process';
import { makeSandboxClock } from '../clock.ts';
import { type ServiceBusQueue, startServiceBus } from './server.ts';

const { MUSTER_SB_STATE: stateFile, MUSTER_SB_PORT: port, MUSTER_SB_QUEUES: queues } = process.env;

const serviceBus = await startServiceBus({
  clock: makeSandboxClock(),
  port: Number(port ?? 0),
  queues: JSON.parse(queues ?? '[]') as readonly ServiceBusQueue[],
  ...(stateFile !== undefined && { stateFile }),
});

const stop = (): void => void serviceBus.stop();
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

console.log(JSON.stringify({ port: serviceBus.port, connectionString: serviceBus.connectionString }));
