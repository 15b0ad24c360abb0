// Random requests against every route: whatever is sent, the answer is one the OpenAPI document describes and never a fault of ours.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import document from '../../docs/openapi.json' with { type: 'json' };
import type { Route } from '../../functions/route.ts';
import { routes } from '../../functions/routes.ts';
import { openStage, type Stage } from '../scenarios/stage.ts';
import { type Cast, gatherCast } from './cast.ts';
import { pathOf, requestPlans } from './requests.ts';
import { send } from './send.ts';

type Schema = Readonly<Record<string, unknown>>;

let stage: Stage;
let cast: Cast;
let plans: ReturnType<typeof requestPlans>;
beforeAll(async () => {
  stage = await openStage();
  cast = await gatherCast(stage);
  const [user] = await cast.connected.admin.allUsers(cast.connected.companyId);
  plans = requestPlans(cast, user?.userId ?? '');
});
afterAll(async () => await stage?.stop());

const components = document.components.schemas as unknown as Readonly<Record<string, Schema>>;
const nasty = fc.constantFrom(
  '',
  ' ',
  '\u0000',
  '<script>alert(1)</script>',
  '=1+1',
  '../..',
  '\uD800',
  '\u202Etxt',
  'null',
  '1e999',
  "' or 1 eq 1",
  '🦊'.repeat(50),
  '__proto__',
);
const text = fc.oneof(nasty, fc.string({ unit: 'binary' }), fc.string());
const anything = fc.oneof(text, fc.jsonValue({ maxDepth: 3 }), fc.double(), fc.integer(), fc.constant(null));

/** Values that a schema allows, as far as it says so: a few rules are only in the code. */
function right(schema: Schema): fc.Arbitrary<unknown> {
  const reference = schema['$ref'];
  if (typeof reference === 'string') return right(components[reference.split('/').at(-1) ?? ''] ?? {});
  const options = schema['anyOf'] as readonly Schema[] | undefined;
  if (options) return fc.oneof(...options.map(right));
  const values = schema['enum'] as readonly unknown[] | undefined;
  if (values) return fc.constantFrom(...values);
  const [min, max] = [Number(schema['minimum'] ?? -1e9), Number(schema['maximum'] ?? 1e9)];
  switch (schema['type']) {
    case 'object': {
      const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>);
      const required = (schema['required'] ?? []) as readonly string[];
      return fc.record(Object.fromEntries(properties.map(([name, inside]) => [name, right(inside)])), { requiredKeys: [...required] });
    }
    case 'array':
      return fc.array(right((schema['items'] ?? {}) as Schema), { minLength: Number(schema['minItems'] ?? 0), maxLength: 5 });
    case 'string': {
      const examples = schema['examples'] as readonly unknown[] | undefined;
      if (examples) return fc.constantFrom(...examples);
      const pattern = schema['pattern'];
      if (typeof pattern === 'string' && !pattern.includes('\\p')) return fc.stringMatching(new RegExp(pattern));
      return fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
    }
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min, max });
    case 'number':
      return fc.double({ min, max, noNaN: true });
    case 'null':
      return fc.constant(null);
    default:
      return anything;
  }
}

const someKey = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', 'name', 'command'));

/** Values near what a schema asks for: right, wrong in one place, or nothing like it. */
function near(schema: Schema): fc.Arbitrary<unknown> {
  const spoilt = fc.tuple(right(schema), someKey, anything).chain(([value, key, wrong]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fc.constant(wrong);
    return fc.constantFrom(key, ...Object.keys(value)).map((name) => ({ ...value, [name]: wrong }));
  });
  return fc.oneof({ weight: 4, arbitrary: right(schema) }, { weight: 3, arbitrary: spoilt }, { weight: 1, arbitrary: anything });
}

const operationOf = (route: Route) =>
  (document.paths as unknown as Readonly<Record<string, Readonly<Record<string, Schema>>>>)[`/${route.path}`]?.[
    route.method.toLowerCase()
  ] ?? {};
/** Somebody who may: most of it an MSP's admin may do. */
function actorFor({ action }: Route): string {
  if (action === 'manageMsps') return cast.actor('operator').token;
  return cast.actor(action === 'writeAssignments' ? 'platform program' : 'MSP admin').token;
}
const seed = 20_261_122;
const headerText = fc
  .string({ unit: fc.constantFrom(...'"\'\\/*,;:=W019aZ{}<>.-_~ '.split('')), maxLength: 40 })
  .map((value) => value.trim());

/** Joining and leaving a tenant, and removing an admin, take no input beyond their address; they are tested elsewhere. */
const readsOrBodies = routes.filter((route) => route.method === 'GET' || route.body !== undefined);
const titled = (some: readonly Route[]) => some.map((route) => ({ route, title: route.name }));

describe('random input', () => {
  it.each(titled(readsOrBodies.filter((route) => route.body !== undefined)))('as the body of $title never breaks it', async ({ route }) => {
    const body = (operationOf(route)['requestBody'] as { content: { 'application/json': { schema: Schema } } }).content['application/json']
      .schema;
    const headers = fc.oneof(fc.constant({}), fc.record({ 'if-match': headerText, 'idempotency-key': headerText }, { requiredKeys: [] }));
    await fc.assert(
      fc.asyncProperty(near(body), headers, async (value, sent) => {
        const { status } = await send(stage.sandbox, {
          method: route.method,
          path: pathOf(route, plans[route.name]?.params),
          token: actorFor(route),
          headers: { ...plans[route.name]?.headers, ...sent },
          body: JSON.stringify(value) ?? 'undefined',
        });
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 20, seed },
    );
  });

  it.each(titled(readsOrBodies.filter((route) => route.method === 'GET')))(
    'in the address of $title never breaks it',
    async ({ route }) => {
      const parameters = (operationOf(route)['parameters'] ?? []) as readonly {
        readonly in: string;
        readonly name: string;
        readonly schema: Schema;
      }[];
      const queries = parameters.filter((parameter) => parameter.in === 'query');
      const some = fc.subarray([...queries], { maxLength: Math.min(2, queries.length) });
      const known = some.chain((chosen) => fc.record(Object.fromEntries(chosen.map(({ name, schema }) => [name, near(schema)]))));
      const unknown = fc.dictionary(text, text, { maxKeys: 1 });
      const params = plans[route.name]?.params ?? {};
      const oneOdd = fc.record({ name: fc.constantFrom(...Object.keys(params), ''), value: text });
      await fc.assert(
        fc.asyncProperty(known, unknown, oneOdd, fc.boolean(), async (asked, wrong, odd, isOdd) => {
          const sent = Object.entries({ ...asked, ...(isOdd ? wrong : {}) }).map(([name, value]): [string, string] => [
            name.toWellFormed(),
            String(value).toWellFormed(),
          ]);
          const search = new URLSearchParams(sent).toString();
          const place = isOdd && odd.name !== '' ? { ...params, [odd.name]: odd.value.toWellFormed() } : params;
          const { status } = await send(stage.sandbox, {
            method: 'GET',
            path: `${pathOf(route, place)}${search === '' ? '' : `?${search}`}`,
            token: actorFor(route),
            // An odd parameter may make the address that of another route, or of none.
            undescribed: isOdd,
          });
          expect(status).toBeLessThan(500);
        }),
        { numRuns: queries.length > 0 ? 15 : 4, seed },
      );
    },
  );

  it('leaves everybody in the list', async () => {
    const { admin, companyId } = cast.connected;
    expect(await admin.counts(companyId)).toMatchObject({ found: 25 });
  });
});
