// One life of the host process: started, told about the clock, ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { SandboxClock } from '../clock.ts';
import type { FromHost, ToHost } from './messages.ts';

/** A host process that serves. */
export interface HostChild {
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process is gone and all it printed has been read. */
  readonly exited: Promise<void>;
  /** Tells the process the clock's present offset; resolves when it lives by it (or is gone). */
  readonly setClock: () => Promise<void>;
  /** Sends a signal and waits for the end. */
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

/** What a host process is started with. */
export interface HostChildOptions {
  readonly clock: SandboxClock;
  readonly environment: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
}

const entry = fileURLToPath(new URL('main.ts', import.meta.url));

/** The setting by which Azure Functions starts a Node worker with arguments of V8. */
const workerArguments = ({ languageWorkers__node__arguments: words = '' }: NodeJS.ProcessEnv) =>
  words.split(' ').filter((word) => word !== '');

/** Starts the process and waits until it serves. @throws Error with its last lines when it ends before that. */
export async function startHostChild({ clock, environment, onLine }: HostChildOptions): Promise<HostChild> {
  const child = spawn(process.execPath, [...workerArguments(environment), entry], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    readLines(stream, (line) => {
      lastLines.push(line);
      if (lastLines.length > 20) lastLines.shift();
      onLine(line);
    });
  }
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const setClock = async () => {
    const offset = clock.offset();
    const heard = nextMessage(child, (message) => message.type === 'clock' && message.offset >= offset);
    send(child, { type: 'clock', offset });
    await Promise.race([heard, exited]);
  };

  const ready = await Promise.race([nextMessage(child, (message) => message.type === 'ready'), exited]);
  if (ready?.type !== 'ready') {
    throw new Error(`The host did not start (exit code ${String(child.exitCode)}):\n${lastLines.join('\n')}`);
  }
  // The clock may have moved while the host was starting.
  await setClock();
  return {
    port: ready.port,
    pid: child.pid ?? -1,
    exited,
    setClock,
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}

/** A process that is gone cannot hear; its successor starts at the present time. */
function send(child: ChildProcess, message: ToHost): void {
  if (child.connected) child.send(message, () => {});
}

function nextMessage(child: ChildProcess, fits: (message: FromHost) => boolean): Promise<FromHost> {
  return new Promise((resolve) => {
    const listener = (message: FromHost) => {
      if (!fits(message)) return;
      child.off('message', listener);
      resolve(message);
    };
    child.on('message', listener);
  });
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine);
}
