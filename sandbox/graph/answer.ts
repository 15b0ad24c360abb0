// The answers of the Graph stand-in before they go over the wire, so that single requests and the parts of a batch share every route.

/** One answer. `body` is JSON, or plain text when the content type says so; big pages come as bytes. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What identifies one exchange (§9 item 53). */
export interface ExchangeIds {
  readonly requestId: string;
  /** The caller's own id, or the request id when it sent none. */
  readonly clientRequestId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A refusal that ends the request; the server adds ids and the date (docs/graph.md §3 "Body"). */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

const jsonType = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

export function jsonAnswer(body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': jsonType, ...headers }, body };
}

const comma = Buffer.from(',');

/** A page's bytes: everything before the entries, the entries, and the end. Entries rendered earlier are only copied. */
export function pageBytes(head: string, entries: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(head)];
  for (const entry of entries) {
    if (parts.length > 1) parts.push(comma);
    parts.push(typeof entry === 'string' ? Buffer.from(entry) : entry);
  }
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}

/** The error object of Graph: code, message and the ids somebody would quote to support. */
export function errorAnswer(error: GraphError, ids: ExchangeIds): Answer {
  const innerError = {
    date: new Date(ids.now).toISOString().slice(0, 19),
    'request-id': ids.requestId,
    'client-request-id': ids.clientRequestId,
  };
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', ...error.headers },
    body: JSON.stringify({ error: { code: error.code, message: error.message, innerError } }),
  };
}

export const badRequest = (message: string) => new GraphError(400, 'Request_BadRequest', message);
export const unsupportedQuery = (message: string) => new GraphError(400, 'Request_UnsupportedQuery', message);
export const notFound = (name: string) =>
  new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`,
  );
