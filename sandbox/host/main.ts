// The child process in which the deployed bundle runs: shifts the clock, starts the host, and listens to the launcher.
import { startHost, type Host } from './host.ts';
import { makeHostLog } from './log.ts';
import type { FromHost, ToHost } from './messages.ts';
import { readHostSettings } from './settings.ts';
import { installShiftedDate } from './shifted-date.ts';

/** How long running functions get to finish after SIGTERM, in milliseconds. */
const grace = 10_000;

const settings = readHostSettings(process.env);
const date = installShiftedDate(settings.clockOffset);
const log = makeHostLog({ colour: settings.colour, write: (line) => process.stdout.write(`${line}\n`) });
let host: Host | undefined;
let stopping = false;

process.on('message', (message: ToHost) => {
  date.setOffset(message.offset);
  host?.clockMoved();
  tell({ type: 'clock', offset: message.offset });
});
process.on('SIGTERM', stop);
// Without its launcher nobody would ever stop this process.
process.on('disconnect', stop);

try {
  host = await startHost(settings, log);
  log.message('information', `host ready on http://127.0.0.1:${host.port}`);
  tell({ type: 'ready', port: host.port });
} catch (error) {
  log.message('critical', error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}

function tell(message: FromHost): void {
  if (process.connected) process.send?.(message);
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), grace).unref();
  void (host?.stop() ?? Promise.resolve()).then(() => process.exit(0));
}
