// Holds every exchange of a test against the committed OpenAPI document: what is sent, what is answered, and that both are described.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import document from '../../docs/openapi.json' with { type: 'json' };
import type { Observe } from '../../sandbox/api.ts';

export type Exchange = Parameters<Observe>[0] & { readonly headers?: Headers };

type JsonObject = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly name: string;
  readonly required?: boolean;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: JsonObject;
  readonly responses: Readonly<Record<string, JsonObject>>;
}

interface Described {
  readonly template: string;
  readonly pattern: RegExp;
  readonly method: string;
  readonly operation: Operation;
  /** JSON pointer of the operation in the document. */
  readonly pointer: string;
}

/** An exchange that the document does not describe. */
export class ContractBreach extends Error {
  override readonly name = 'ContractBreach';
}

const root = 'openapi';
/** Formats are spelt out as patterns in the document; `ajv` alone knows none of them. */
const formats = { 'date-time': true, date: true, email: true, uri: true } as const;
const escaped = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

function describe(): readonly Described[] {
  const paths = document.paths as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  const found = Object.entries(paths).flatMap(([template, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      template,
      pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
      method: method.toUpperCase(),
      operation,
      pointer: `#/paths/${escaped(template)}/${method}`,
    })),
  );
  // Literal paths before those with parameters, as the router prefers them.
  return found.toSorted((left, right) => left.template.split('{').length - right.template.split('{').length);
}

const described = describe();

/** Ids of all operations the document knows. */
export const operationIds: readonly string[] = described.map(({ operation }) => operation.operationId);

const bodies = new Ajv2020({ strict: false, allErrors: true, formats }).addSchema(document, root);
/** Parameters arrive as text. */
const texts = new Ajv2020({ strict: false, allErrors: true, coerceTypes: true, formats }).addSchema(document, root);

const sentences = (errors: readonly ErrorObject[] | null | undefined) =>
  (errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message ?? ''} ${JSON.stringify(error.params)}`).join('; ');

function requireValid(checker: Ajv2020, pointer: string, value: unknown, what: string): void {
  const validate = checker.getSchema(`${root}${encodeURI(pointer)}`) ?? checker.compile({ $ref: `${root}${encodeURI(pointer)}` });
  if (validate(value) !== true) throw new ContractBreach(`${what}: ${sentences(validate.errors)}`);
}

/** Follows a reference to a shared component. */
function resolve(part: JsonObject, pointer: string): { readonly part: JsonObject; readonly pointer: string } {
  const reference = part['$ref'];
  if (typeof reference !== 'string') return { part, pointer };
  const target = reference
    .slice(2)
    .split('/')
    .reduce<unknown>((inside, name) => (inside as JsonObject)[name], document);
  return { part: target as JsonObject, pointer: reference };
}

function checkRequest({ path, requestBody }: Exchange, { operation, pattern, pointer }: Described, what: string): void {
  const url = new URL(path, 'http://localhost');
  const params = pattern.exec(decodeURI(url.pathname))?.groups ?? {};
  const sent = { path: params, query: Object.fromEntries(url.searchParams) };
  for (const where of ['path', 'query'] as const) {
    const known = (operation.parameters ?? [])
      .map((parameter, index) => ({ parameter, index }))
      .filter(({ parameter }) => parameter.in === where);
    for (const name of Object.keys(sent[where])) {
      if (!known.some(({ parameter }) => parameter.name === name))
        throw new ContractBreach(`${what}: the ${where} parameter ${name} is not described.`);
    }
    for (const { parameter, index } of known) {
      const value = sent[where][parameter.name];
      if (value === undefined && parameter.required === true)
        throw new ContractBreach(`${what}: the ${where} parameter ${parameter.name} is missing.`);
      if (value !== undefined)
        requireValid(texts, `${pointer}/parameters/${index}/schema`, value, `${what}, ${where} parameter ${parameter.name}`);
    }
  }
  if (!operation.requestBody) {
    if (requestBody !== undefined) throw new ContractBreach(`${what}: a body was taken that is not described.`);
    return;
  }
  const body: unknown = typeof requestBody === 'string' ? JSON.parse(requestBody) : requestBody;
  requireValid(bodies, `${pointer}/requestBody/content/application~1json/schema`, body, `${what}, request body`);
}

function checkAnswer({ status, contentType, body, headers }: Exchange, { operation, pointer }: Described, what: string): void {
  const named = operation.responses[String(status)];
  if (!named) throw new ContractBreach(`${what}: the status ${status} is not described.`);
  const { part: response, pointer: place } = resolve(named, `${pointer}/responses/${status}`);
  for (const name of Object.keys(response['headers'] ?? {})) {
    if (headers && !headers.has(name)) throw new ContractBreach(`${what}: the header ${name} is missing.`);
  }
  const content = response['content'] as JsonObject | undefined;
  if (!content) {
    if (body !== '') throw new ContractBreach(`${what}: an answer without a body has one.`);
    return;
  }
  const type = contentType.split(';')[0] ?? '';
  if (!(type in content)) throw new ContractBreach(`${what}: the content type ${contentType} is not described.`);
  requireValid(bodies, `${place}/content/${escaped(type)}/schema`, body, `${what}, answer`);
  if (type === 'application/problem+json' && (body as { readonly status?: unknown }).status !== status) {
    throw new ContractBreach(`${what}: the problem names another status than the answer has.`);
  }
}

/**
 * Checks one exchange: the answer always, the request where it was accepted.
 * @throws ContractBreach naming what differs.
 */
export function checkExchange(exchange: Exchange): void {
  const { method, path, status } = exchange;
  const { pathname } = new URL(path, 'http://localhost');
  const found = described.find((each) => each.method === method && each.pattern.test(pathname));
  if (!found) throw new ContractBreach(`${method} ${pathname} is not described.`);
  const what = `${found.operation.operationId} (${method} ${path}) → ${status}`;
  checkAnswer(exchange, found, what);
  if (status < 400) checkRequest(exchange, found, what);
}
