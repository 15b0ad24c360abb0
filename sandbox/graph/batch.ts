// `POST /$batch`: up to 20 requests in one, answered in any order and each for itself (docs/graph.md §3, §9 item 52).
import * as z from 'zod';
import { mix, seedFrom } from '../world/random.ts';
import { type Answer, badRequest, errorAnswer, type ExchangeIds, GraphError, jsonAnswer } from './answer.ts';

const largestBatch = 20;

const batchSchema = z.object({
  requests: z.array(
    z.object({
      id: z.string(),
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
      dependsOn: z.array(z.string()).optional(),
    }),
  ),
});

export type BatchPart = z.infer<typeof batchSchema>['requests'][number];

/** Runs the parts with `run` and puts their answers together, shuffled. @throws GraphError 400 for a batch Graph refuses. */
export function answerBatch(body: string, run: (part: BatchPart) => Answer, ids: ExchangeIds): Answer {
  const parts = readParts(body);
  const answers = new Map<string, Answer>();
  for (const part of parts) {
    const failed = (part.dependsOn ?? []).some((id) => (answers.get(id)?.status ?? 424) >= 400);
    answers.set(
      part.id,
      failed ? errorAnswer(new GraphError(424, 'FailedDependency', 'A request this one depends on has failed.'), ids) : run(part),
    );
  }
  const seed = seedFrom(body);
  const shuffled = [...answers].toSorted(([first], [second]) => mix(seed, seedFrom(first)) - mix(seed, seedFrom(second)));
  const responses = shuffled.map(([id, answer]) => ({ id, status: answer.status, headers: titled(answer.headers), body: bodyOf(answer) }));
  return jsonAnswer(JSON.stringify({ responses }));
}

function readParts(body: string): readonly BatchPart[] {
  const parsed = batchSchema.safeParse(parseJson(body));
  if (!parsed.success) throw badRequest('Invalid batch payload format.');
  const { requests } = parsed.data;
  if (requests.length > largestBatch) throw badRequest(`Number of batch request steps exceeds the maximum value of ${largestBatch}.`);
  if (new Set(requests.map((part) => part.id)).size < requests.length) throw badRequest('Request Id duplicated in the batch.');
  return requests;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.');
  }
}

/** Parts carry their headers in the capitalised form. */
function titled(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), value]),
  );
}

function bodyOf({ headers, body }: Answer): unknown {
  return (headers['content-type'] ?? '').includes('json') ? JSON.parse(body.toString()) : body.toString();
}
