// Runs the host as a child process, so that its shifted clock, its certificates and its crashes stay its own.
import type { SandboxClock } from '../clock.ts';
import type { EventLoopDelay } from './event-loop.ts';
import { type HostChild, startHostChild } from './host-child.ts';

/** What to run and how. */
export interface LaunchOptions {
  /** The deployed bundle (CommonJS). */
  readonly appFile: string;
  /** SQLite file; made when missing, taken up when present. */
  readonly stateFile: string;
  readonly hostJson: string;
  /** 0 or absent = a free port. */
  readonly port?: number;
  /** The app's settings. Of the launcher's own environment only PATH, the home and the temporary folder are passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: SandboxClock;
  /** Receives each line the host and the app print; without it they are dropped. */
  readonly onLine?: (line: string) => void;
  /** Start again on the same port when the process dies by itself or is killed, as Azure does. */
  readonly restartOnCrash?: boolean;
}

/** A running host. */
export interface HostProcess {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** The present process; changes after a restart. */
  readonly pid: number;
  /**
   * Waits until the host has nothing left to do at the present time of the clock.
   * @throws Error listing what is still busy after `timeout` milliseconds (60 s) of real time.
   */
  readonly settle: (timeout?: number) => Promise<void>;
  /** Waits until the host lives at the clock's present time. `settle` does this too. */
  readonly clockReached: () => Promise<void>;
  /** Asks the process to end (SIGTERM) and waits for it. */
  readonly stop: () => Promise<void>;
  /** Kills the process on the spot (SIGKILL) and waits for its end; with `restartOnCrash` another one follows. */
  readonly kill: () => Promise<void>;
  /** The most memory the present process ever held, in bytes. */
  readonly peakResidentBytes: () => Promise<number>;
  /** How late the present process's event loop has been since it served, or since the last reset; in milliseconds. */
  readonly eventLoopDelay: () => Promise<EventLoopDelay>;
  readonly resetEventLoopDelay: () => Promise<void>;
}

/** Starts a host and waits until it serves. @throws Error with the host's last lines when it does not come up. */
export async function launchHost(options: LaunchOptions): Promise<HostProcess> {
  const onLine = options.onLine ?? (() => {});
  const start = (atPort: number) => startHostChild({ clock: options.clock, environment: environmentFor(options, atPort), onLine });
  let wanted = true;
  let present = await start(options.port ?? 0);
  let running = Promise.resolve(present);
  let clockSteps: readonly Promise<void>[] = [];
  const { port } = present;
  const url = `http://127.0.0.1:${port}`;

  const restartWhenGone = async (child: HostChild) => {
    await child.exited;
    if (!wanted || options.restartOnCrash !== true) return;
    onLine('the host process ended unexpectedly; starting it again');
    running = start(port);
    try {
      present = await running;
      void restartWhenGone(present);
    } catch (error) {
      onLine(String(error));
    }
  };
  void restartWhenGone(present);
  const stopFollowing = options.clock.onAdvance(() => {
    clockSteps = [...clockSteps, present.setClock()];
  });
  const clockReached = async () => {
    await running;
    const steps = clockSteps;
    await Promise.all(steps);
    clockSteps = clockSteps.slice(steps.length);
  };

  const status = async () =>
    (await (await fetch(`${url}/admin/host/status`)).json()) as { peakResidentBytes: number; eventLoopDelay: EventLoopDelay };

  return {
    url,
    port,
    get pid() {
      return present.pid;
    },
    clockReached,
    settle: async (timeout = 60_000) => {
      await clockReached();
      const response = await fetch(`${url}/admin/host/settle?timeout=${timeout}`, { method: 'POST' });
      const answer = await response.text();
      if (!response.ok) throw new Error(`The host has not settled: ${answer}`);
    },
    stop: async () => {
      wanted = false;
      stopFollowing();
      // A restart under way must come up before it can be asked to end; one that failed has nothing to end.
      await Promise.allSettled([running]);
      await present.end('SIGTERM');
    },
    kill: async () => {
      if (options.restartOnCrash !== true) stopFollowing();
      await present.end('SIGKILL');
    },
    peakResidentBytes: async () => (await status()).peakResidentBytes,
    eventLoopDelay: async () => (await status()).eventLoopDelay,
    resetEventLoopDelay: async () => {
      const response = await fetch(`${url}/admin/host/event-loop-delay`, { method: 'DELETE' });
      if (!response.ok) throw new Error(`The host answered ${response.status}.`);
    },
  };
}

function environmentFor(options: LaunchOptions, port: number): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    ...options.env,
    MUSTER_HOST_APP: options.appFile,
    MUSTER_HOST_STATE: options.stateFile,
    MUSTER_HOST_JSON: options.hostJson,
    MUSTER_HOST_PORT: String(port),
    MUSTER_HOST_CLOCK_OFFSET: String(options.clock.offset()),
    MUSTER_HOST_COLOUR: process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? '1' : '0',
  };
}
