// The API's own description: the committed OpenAPI document and a plain page made from the same table of routes.
import document from '../docs/openapi.json' with { type: 'json' };
import { errorCodes, type ErrorCode } from '../shared/domain/errors.ts';
import { type Html, html } from '../shared/domain/html.ts';
import { page } from './page.ts';
import { callersOf, errorsFor } from './route-facts.ts';
import type { Reply, Route } from './route.ts';
import { routes } from './routes.ts';

/** `GET /api/v1/openapi.json`: generated from the contracts by `npm run openapi`; a test refuses drift. */
export function openApiDocument(): Reply {
  return { status: 200, body: document };
}

/** Codes that any route can answer; told once. */
const everywhere: readonly ErrorCode[] = routes.map(errorsFor).reduce((common, codes) => common.filter((code) => codes.includes(code)));

const codes = (names: readonly string[]): readonly Html[] => names.map((name) => html`<code>${name}</code> `);

function headersOf(route: Route): readonly string[] {
  return [...(route.needsIfMatch === true ? ['If-Match'] : []), ...(route.takesIdempotencyKey === true ? ['Idempotency-Key'] : [])];
}

function routeEntry(route: Route): Html {
  const headers = headersOf(route);
  const { status, contentType = 'application/json' } = route.success;
  return html`<h3 id="${route.name}"><code>${route.method} /${route.path}</code></h3><p>${route.summary}</p><dl>
    <dt>Who</dt><dd>${callersOf(route)}</dd>
    ${headers.length === 0 ? null : html`<dt>Headers</dt><dd>${codes(headers)}</dd>`}
    <dt>Answers</dt><dd>${status}${status === 204 ? null : html` <code>${contentType}</code>`}${route.answersETag === true ? html` with <code>ETag</code>` : null}</dd>
    <dt>Errors</dt><dd>${codes(errorsFor(route).filter((code) => !everywhere.includes(code)))}</dd></dl>`;
}

const errorEntry = ([code, { status, title }]: [string, { readonly status: number; readonly title: string }]): Html =>
  html`<dt>${status} <code>${code}</code></dt><dd>${title}</dd>`;

/** `GET /docs`: every route, who may use it, what it takes and answers, and what each error code means. */
export function documentationPage(): Reply {
  const tags = document.tags.map(
    ({ name, description }) => html`<h2>${name}</h2><p>${description}</p>${routes.filter((route) => route.tag === name).map(routeEntry)}`,
  );
  return page({
    status: 200,
    title: 'Muster API',
    content: html`<p>The machine-readable description, with every field of every body, is <a href="/api/v1/openapi.json">OpenAPI 3.1</a>.</p>
      ${document.info.description.split('\n\n').map((paragraph) => html`<p>${paragraph}</p>`)}
      <p>Send an access token of Microsoft Entra as <code>Authorization: Bearer …</code>. Any route can answer ${codes(everywhere)}.</p>
      ${tags}<h2>Error codes</h2><dl>${Object.entries(errorCodes).map(errorEntry)}</dl>`,
  });
}
