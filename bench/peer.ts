// Runs another program beside the product: a process of its own, so that its CPU time and memory are its own.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stoppable } from './cleanup.ts';
import type { Answer, Question } from './peers/answer.ts';

export interface Peer {
  readonly ask: <T>(ask: string, input: unknown) => Promise<T>;
  readonly stop: () => Promise<void>;
}

export type PeerName = 'drain' | 'backstage' | 'store' | 'write-floor' | 'load-bundle';

async function answerOf(child: ChildProcess, question: Question): Promise<Answer> {
  return await new Promise<Answer>((resolve) => {
    const answered = (message: unknown) => {
      child.off('exit', ended);
      resolve(message as Answer);
    };
    const ended = () => resolve({ ok: false, error: 'The program ended before it answered.' });
    child.once('message', answered);
    child.once('exit', ended);
    child.send(question);
  });
}

/** Starts a program of bench/peers. `caFile` is the authority of the sandbox, which Node reads only when it starts. */
export function startPeer(name: PeerName, environment: Readonly<Record<string, string>> = {}): Peer {
  const child = fork(fileURLToPath(new URL(`peers/${name}.ts`, import.meta.url)), [], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = stoppable(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  return {
    ask: async <T>(ask: string, input: unknown) => {
      const answer = await answerOf(child, { ask, input });
      if (!answer.ok) throw new Error(`${name}: ${answer.error}`);
      return answer.value as T;
    },
    stop,
  };
}
