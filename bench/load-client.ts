// A closed-loop client: a fixed number of connections, each sending its next request when the answer to the last one is there.
import { Agent, request } from 'node:http';

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface LoadAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What one connection does, over and over. `send` is timed; everything around it is not. */
export type LoadStep = (send: (next: LoadRequest) => Promise<LoadAnswer>) => Promise<void>;

/** Times are milliseconds from sending a request to the last byte of its answer. */
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Answers other than 2xx. */
  readonly refused: number;
  /** Requests without an answer. */
  readonly broken: number;
}

function exchange(agent: Agent, { method, url, headers, body }: LoadRequest): Promise<LoadAnswer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const framing = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, ...(body === undefined ? {} : framing) } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const read = Buffer.concat(chunks).toString('utf8');
        const isJson = (answer.headers['content-type'] ?? '').includes('json');
        resolve({ status: answer.statusCode ?? 0, body: isJson && read !== '' ? (JSON.parse(read) as unknown) : read });
      });
    });
    sent.once('error', reject);
    sent.end(text);
  });
}

const rounded = (milliseconds: number) => Math.round(milliseconds * 10) / 10;

/** Requests a second, latencies and failures of what was sent in `seconds`. */
export function summariseLoad(latencies: readonly number[], failures: { refused: number; broken: number }, seconds: number): LoadResult {
  const sorted = latencies.toSorted((left, right) => left - right);
  const at = (share: number) => rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  const perSecond = rounded(sorted.length / seconds);
  return { requests: sorted.length, perSecond, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1), ...failures };
}

/** Runs each step on a connection of its own for so many seconds; a request under way at the end is waited for and counted. */
export async function runLoad(steps: readonly LoadStep[], seconds: number): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: steps.length });
  const latencies: number[] = [];
  const failures = { refused: 0, broken: 0 };
  const started = performance.now();
  const end = started + seconds * 1000;
  const send = async (next: LoadRequest): Promise<LoadAnswer> => {
    const sentAt = performance.now();
    const answer = await exchange(agent, next);
    latencies.push(performance.now() - sentAt);
    if (answer.status < 200 || answer.status > 299) failures.refused += 1;
    return answer;
  };
  await Promise.all(
    steps.map(async (step) => {
      while (performance.now() < end) {
        try {
          await step(send);
        } catch {
          failures.broken += 1;
        }
      }
    }),
  );
  agent.destroy();
  return summariseLoad(latencies, failures, (performance.now() - started) / 1000);
}
