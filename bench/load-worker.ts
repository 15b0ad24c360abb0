// Sends the load from a process of its own, so that the stand-ins beside it do not make answers look late.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LoadResult } from './load-client.ts';
import { driveRoute, type LoadOrder } from './load-routes.ts';

export interface LoadWorker {
  /** One order at a time. @throws Error when the process ends before it answers. */
  readonly drive: (order: LoadOrder) => Promise<LoadResult>;
  readonly stop: () => Promise<void>;
}

/** Starts the process. */
export function startLoadWorker(): LoadWorker {
  const child = fork(fileURLToPath(import.meta.url));
  return {
    drive: async (order) =>
      await new Promise<LoadResult>((resolve, reject) => {
        const ended = () => reject(new Error('The process that sends the load ended.'));
        child.once('exit', ended);
        child.once('message', (result) => {
          child.off('exit', ended);
          resolve(result as LoadResult);
        });
        child.send(order);
      }),
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.on('message', (order: LoadOrder) => {
    void driveRoute(order).then((result) => process.send?.(result));
  });
}
