// Whatever the bench starts is stopped again, also when it is interrupted in the middle.

import { ownChildren } from './measure.ts';

type Stop = () => Promise<unknown>;
const running = new Set<Stop>();

/** Notes how to stop something; the result stops it, once. */
export function stoppable(stop: Stop): () => Promise<void> {
  running.add(stop);
  return async () => {
    if (running.delete(stop)) await stop();
  };
}

/** Stops everything that still runs, latest first. Nothing that refuses to stop keeps the rest running. */
export async function stopAll(): Promise<void> {
  const stops = [...running].toReversed();
  running.clear();
  for (const stop of stops) {
    try {
      await stop();
    } catch (error) {
      process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/** Stops everything on Ctrl+C and on being asked to end. Both may come: from the terminal, and passed on by who started this. */
export function stopOnSignals(): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void stopAll().finally(() => {
        // What was only being started has not said yet how to stop it.
        for (const pid of ownChildren()) process.kill(pid, 'SIGTERM');
        process.exit(130);
      });
    });
  }
}
