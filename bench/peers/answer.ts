// The other end of `startPeer`: a program that answers the questions of the bench, one at a time, and says what each has cost.
import { peakResidentBytes } from '../../sandbox/host/peak-memory.ts';
import type { Figures } from '../samples.ts';

/** One question by the name of what is to be done. */
export interface Question {
  readonly ask: string;
  readonly input: unknown;
}

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** Measures some work of this process: wall time, CPU time and the most memory it has held so far. */
export async function measured<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly figures: Figures }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  return { value, figures: { ms, cpuSeconds: (used.user + used.system) / 1e6, peakMb: peakResidentBytes() / 1_048_576 } };
}

type Skill = (input: never) => Promise<unknown>;

/** Answers questions until the bench ends this process. */
export function answerQuestions(skills: Readonly<Record<string, Skill>>): void {
  process.on('message', (question: Question) => {
    void (async () => {
      let answer: Answer;
      try {
        const skill = skills[question.ask];
        if (skill === undefined) throw new Error(`Nobody knows how to ${question.ask}.`);
        answer = { ok: true, value: await skill(question.input as never) };
      } catch (error) {
        answer = { ok: false, error: error instanceof Error ? `${error.message}${causeOf(error)}` : String(error) };
      }
      process.send?.(answer);
    })();
  });
  process.once('disconnect', () => process.exit(0));
}

const causeOf = (error: Error) => (error.cause instanceof Error ? ` (${error.cause.message})` : '');
