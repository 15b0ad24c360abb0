// The OpenAPI document, made from the table of routes: what is registered, authorised and validated is what is described.
import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { callersOf, errorsFor } from '../functions/route-facts.ts';
import type { Route } from '../functions/route.ts';
import { statementItem } from '../shared/contracts/assignments.ts';
import { problem } from '../shared/contracts/common.ts';
import { type ErrorCode, errorCodes } from '../shared/domain/errors.ts';

export type OpenApiDocument = ReturnType<typeof createDocument>;

const etag = z.string().meta({ description: 'The revision of what was read; send it back as If-Match.', examples: ['"3"'] });
const ifMatch = z.string().meta({ description: 'The ETag that was read, so that nothing newer is overwritten.', examples: ['"3"'] });
const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/)
  .optional()
  .meta({
    description:
      'A key of your choice: a repeated request with the same key gets the first answer again and does nothing. Kept for 48 hours.',
  });

const tagTexts: Readonly<Record<string, string>> = {
  MSPs: 'Partner organisations that look after companies.',
  Companies: 'Customers, each with its own users, settings and integration.',
  Admins: 'Who may do what; a removed admin is out with the next request.',
  Settings: 'Schedule, pause, time zone, mail frequency and removal hold of a company.',
  Integration: 'The link between a company and one Microsoft 365 tenant.',
  Sync: 'Rounds that bring the tenant’s changes in.',
  Mail: 'Mails and what became of them, and addresses that mail comes back from.',
  Users: 'People found in the tenant, and what looks like them.',
  Decisions: 'Approving, denying and reopening.',
  Audience: 'Active users only: whom campaigns may address and who is billed.',
  Assignments: 'Courses that the training platform has given to users.',
  'Manager Access': 'Invitations of managers to the User Portal.',
  Reminders: 'Weekly reminders of managers: who got one, who did not and why, and when the next are due.',
  'User Portal': 'What managers do themselves: accept an invitation, sign in, see their own team.',
  Audit: 'Who decided what, when and why.',
};

function exampleOf(code: ErrorCode) {
  const { status, title } = errorCodes[code];
  return {
    summary: title,
    value: { type: `urn:muster:problem:${code}`, title, status, code, traceId: '8b0f6f0e-2f5e-4c39-9a53-6d0c7a1f2b11' },
  };
}

/** The codes that come with each HTTP status of a route. */
const refusalsOf = (route: Route) => [...Map.groupBy(errorsFor(route), (code) => errorCodes[code].status)];

/** `not-found` becomes `NotFound`; codes that share a status are joined. */
const componentName = (codes: readonly ErrorCode[]) =>
  codes.map((code) => code.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())).join('Or');

const problemResponse = (codes: readonly ErrorCode[]): ZodOpenApiResponseObject => ({
  description: codes.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join('\n\n'),
  content: {
    'application/problem+json': {
      schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { enum: [...codes] } } }] },
      examples: Object.fromEntries(codes.map((code) => [code, exampleOf(code)])),
    },
  },
});

/** Every answer that is a problem, once for all routes that can give it. */
function problemComponents(routes: readonly Route[]): Readonly<Record<string, ZodOpenApiResponseObject>> {
  return Object.fromEntries(
    routes.flatMap((route) => refusalsOf(route).map(([, codes]) => [componentName(codes), problemResponse(codes)])),
  );
}

function problemResponses(route: Route): ZodOpenApiResponsesObject {
  const responses = refusalsOf(route).map(([status, codes]) => [
    String(status),
    { $ref: `#/components/responses/${componentName(codes)}` },
  ]);
  return Object.fromEntries(responses) as ZodOpenApiResponsesObject;
}

function successResponse({ success, answersETag }: Route): ZodOpenApiResponsesObject {
  const { status, schema, contentType = 'application/json' } = success;
  const content = schema
    ? { content: { [contentType]: { schema } } }
    : status === 204
      ? {}
      : { content: { [contentType]: { schema: z.string() } } };
  const headers = answersETag === true ? { headers: z.object({ ETag: etag }) } : {};
  return { [`${status}`]: { description: status === 204 ? 'Done.' : 'As asked for.', ...headers, ...content } };
}

/** What opens a route that is not opened like most: by a manager's session, or by nothing beyond what is sent. */
function securityOf({ action }: Route): Pick<ZodOpenApiOperationObject, 'security'> {
  if (action === 'manager') return { security: [{ managerSession: [] }] };
  return action === 'anyone' ? { security: [] } : {};
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const headers = z.object({
    ...(route.needsIfMatch === true ? { 'If-Match': ifMatch } : {}),
    ...(route.takesIdempotencyKey === true ? { 'Idempotency-Key': idempotencyKey } : {}),
  });
  const inputs = {
    ...(route.params ? { path: route.params as z.ZodObject } : {}),
    ...(route.query ? { query: route.query as z.ZodObject } : {}),
    ...(Object.keys(headers.shape).length > 0 ? { header: headers } : {}),
  };
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    description: `For: ${callersOf(route)}.`,
    ...securityOf(route),
    ...(Object.keys(inputs).length > 0 ? { requestParams: inputs } : {}),
    ...(route.body ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } } : {}),
    responses: { ...successResponse(route), ...problemResponses(route) },
  };
}

const info = {
  title: 'Muster API',
  version: '1',
  license: { name: 'MIT', identifier: 'MIT' },
  description: [
    'Keeps each company’s user list in step with its Microsoft 365 tenant; nobody becomes active before an admin says yes.',
    'Nobody sees another company’s data: whoever has no role in an MSP or a company gets `not-found` for everything in it.',
    'Lists come in pages: follow `nextPage` until it is `null`; a page may be shorter than asked for. Page tokens are opaque, good for one day, and only for the list and the filters they were made for.',
    'Errors are RFC 9457 problem documents with a stable `code`; `errors` names the fields that are wrong.',
  ].join('\n\n'),
};

/** Describes the routes. Paths and operations keep the order of the table. */
export function describeRoutes(routes: readonly Route[]): OpenApiDocument {
  const byPath = Map.groupBy(routes, (route) => `/${route.path}`);
  const paths = [...byPath].map(([path, together]) => [
    path,
    Object.fromEntries(together.map((route) => [route.method.toLowerCase(), operationOf(route)])),
  ]);
  return createDocument({
    openapi: '3.1.1',
    info,
    servers: [{ url: '/', description: 'This installation.' }],
    security: [{ bearer: [] }, { session: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name, description: tagTexts[name] ?? name })),
    paths: Object.fromEntries(paths) as ZodOpenApiPathsObject,
    components: {
      // Items of a bulk are checked one by one, so the body's schema alone does not name what they are.
      schemas: { Problem: problem, AssignmentItem: statementItem },
      responses: problemComponents(routes),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token of Microsoft Entra for this application.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-muster-session',
          description: 'The portal’s session after signing in with Microsoft; counts only for requests from the portal’s own pages.',
        },
        managerSession: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-muster-manager',
          description: 'A manager’s session in the User Portal, after signing in with mail address and password; counts for nothing else.',
        },
      },
    },
  });
}
