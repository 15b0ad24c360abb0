// Transactions of Table Storage on the wire: many writes as one multipart body, and the parts of the answer.
import type { WriteRequest } from './table-requests.ts';
import { escapeCharacters } from './table-values.ts';

// JSON on one line and encoded addresses hold no line break, so no content can look like one of these.
const batch = 'batch_writes';
const changeset = 'changeset_writes';

export const batchHeaders = { 'Content-Type': `multipart/mixed; boundary=${batch}` };

const opening = `--${batch}\r\nContent-Type: multipart/mixed; boundary=${changeset}\r\n\r\n`;
const partOpening = `--${changeset}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n`;
const partHeaders =
  'Content-Type: application/json\r\nAccept: application/json;odata=minimalmetadata\r\nPrefer: return-no-content\r\nDataServiceVersion: 3.0;\r\n';
const closing = `--${changeset}--\r\n--${batch}--\r\n`;

/** Azurite looks for the JSON of each part with a pattern that ends at a line or paragraph separator, which JSON leaves as it is. */
const separators = /[\u2028\u2029]/g;

/**
 * The body of a transaction, one string
 * (https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions, "Sample request").
 */
export function encodeBatch(writes: readonly WriteRequest[]): string {
  let text = opening;
  for (const { method, address, etag, body } of writes) {
    const guard = etag === undefined ? '' : `If-Match: ${etag}\r\n`;
    text += `${partOpening}${method} ${address} HTTP/1.1\r\n${partHeaders}${guard}\r\n${body ?? ''}\r\n`;
  }
  text += closing;
  // Two searches cost nothing where every character fits in a byte, and the pattern a third of everything else here.
  return text.includes('\u2028') || text.includes('\u2029') ? escapeCharacters(text, separators) : text;
}

export interface BatchPart {
  readonly status: number;
  readonly etag: string | undefined;
  /** The JSON of a refusal; nothing after a success. */
  readonly body: string;
}

const statusLine = '\nHTTP/1.1 ';
const etagHeader = /^ETag: *(.+?)\r?$/im;

function readPart(text: string): BatchPart {
  return {
    status: Number(text.slice(0, 3)),
    etag: etagHeader.exec(text)?.[1],
    body: text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1),
  };
}

/** The parts of an answered transaction, in the order of its writes; a refused transaction has one part, the refusal. */
export function decodeBatch(answer: string): readonly BatchPart[] {
  const parts: BatchPart[] = [];
  let start = answer.indexOf(statusLine);
  while (start !== -1) {
    const next = answer.indexOf(statusLine, start + statusLine.length);
    parts.push(readPart(answer.slice(start + statusLine.length, next === -1 ? undefined : next)));
    start = next;
  }
  return parts;
}
