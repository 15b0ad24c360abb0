// The committed OpenAPI document is true, complete and well formed.
import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import document from '../../docs/openapi.json' with { type: 'json' };
import { documentationPage, openApiDocument } from '../../functions/documentation.ts';
import { callersOf, errorsFor } from '../../functions/route-facts.ts';
import { routes } from '../../functions/routes.ts';
import { describeRoutes } from '../../scripts/openapi-document.ts';
import { errorCodes } from '../../shared/domain/errors.ts';
import { operationIds } from './exchange.ts';

type Json = Readonly<Record<string, unknown>>;
const paths = document.paths as unknown as Readonly<Record<string, Readonly<Record<string, Json>>>>;
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every object in the document, with its place. */
function everything(value: unknown, place = '#'): readonly { readonly place: string; readonly value: Json }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => everything(item, `${place}/${index}`));
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, item]) =>
    everything(item, `${place}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
  return [{ place, value: value as Json }, ...inside];
}

const at = (reference: string) =>
  reference
    .slice(2)
    .split('/')
    .reduce<unknown>((inside, name) => (inside as Json | undefined)?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], document);

describe('docs/openapi.json', () => {
  it('is what the table of routes generates; after a change run `npm run openapi`', async () => {
    const committed = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
    expect(committed).toBe(`${JSON.stringify(describeRoutes(routes), null, 2)}\n`);
  });

  it('describes every route once, under an id of its own', () => {
    expect(operationIds.toSorted()).toEqual(routes.map((route) => route.name).toSorted());
    expect(new Set(operationIds).size).toBe(operationIds.length);
    for (const route of routes) expect(paths[`/${route.path}`]?.[route.method.toLowerCase()]?.['operationId']).toBe(route.name);
  });

  it('names who may use each route, and every status it can answer', () => {
    for (const route of routes) {
      const operation = paths[`/${route.path}`]?.[route.method.toLowerCase()];
      expect(String(operation?.['description'])).toBe(`For: ${callersOf(route)}.`);
      const statuses = [route.success.status, ...errorsFor(route).map((code) => errorCodes[code].status)];
      expect(Object.keys(operation?.['responses'] as Json).toSorted()).toEqual([...new Set(statuses.map(String))].toSorted());
    }
  });

  it('has the parts OpenAPI 3.1 asks for', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    const schemes = Object.keys(document.components.securitySchemes);
    for (const requirement of document.security) for (const name of Object.keys(requirement)) expect(schemes).toContain(name);
    const tags = document.tags.map((tag) => tag.name);
    for (const { operation } of operations) {
      expect(tags).toEqual(expect.arrayContaining(operation['tags'] as string[]));
      expect(operation['summary']).toEqual(expect.any(String));
      for (const response of Object.values(operation['responses'] as Record<string, Json>)) {
        expect(response).toSatisfy((each: Json) => typeof each['description'] === 'string' || typeof each['$ref'] === 'string');
      }
    }
  });

  it('declares exactly the parameters of each path, as required ones', () => {
    for (const { path, operation } of operations) {
      const declared = ((operation['parameters'] ?? []) as readonly Json[]).filter((parameter) => parameter['in'] === 'path');
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(declared.map((parameter) => parameter['name'])).toEqual(inPath);
      expect(declared.every((parameter) => parameter['required'] === true)).toBe(true);
    }
  });

  it('has no reference that leads nowhere', () => {
    const references = everything(document).flatMap(({ value }) => (typeof value['$ref'] === 'string' ? [value['$ref']] : []));
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((reference) => at(reference) === undefined)).toEqual([]);
  });

  it('has schemas that are valid JSON Schema 2020-12, and examples that fit them', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    for (const { place, value } of everything(document)) {
      if (value['schema'] !== undefined) expect(ajv.validateSchema(value['schema'] as Json), place).toBe(true);
    }
    for (const [name, schema] of Object.entries(document.components.schemas)) expect(ajv.validateSchema(schema), name).toBe(true);
    ajv.addSchema(document, 'openapi');
    for (const [name, response] of Object.entries(document.components.responses)) {
      const { examples } = response.content['application/problem+json'];
      const validate = ajv.compile({ $ref: `openapi#/components/responses/${name}/content/application~1problem+json/schema` });
      for (const example of Object.values(examples as Readonly<Record<string, { readonly value: unknown }>>)) {
        expect(validate(example.value), `${name}: ${ajv.errorsText(validate.errors)}`).toBe(true);
      }
    }
  });
});

describe('what the app serves', () => {
  it('is that document, and a page with every route and every error code', () => {
    expect(openApiDocument()).toEqual({ status: 200, body: document });
    const { status, text } = documentationPage();
    expect(status).toBe(200);
    expect(text?.contentType).toBe('text/html; charset=utf-8');
    for (const route of routes) {
      expect(text?.content).toContain(`<code>${route.method} /${route.path}</code>`);
      expect(text?.content).toContain(`id="${route.name}"`);
    }
    for (const code of Object.keys(errorCodes)) expect(text?.content).toContain(`<code>${code}</code>`);
    expect(text?.content).not.toMatch(/undefined|\[object/);
  });
});
