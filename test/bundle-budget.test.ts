// What a cold start has to load may not grow unnoticed: the bundle's size, its number of modules and its packages have limits.
// Times are not limited here, because they say more about the machine; `node bench/cold-start.ts` measures them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBundle } from '../bench/cold-start.ts';
import { buildApp } from '../scripts/build.mjs';

/** About 5 % above what it is. Whoever raises a limit says in the commit what is worth it. */
const mostBytes = 3_100_000;
const mostModules = 1_500;

/** Development tools, browsers' stand-ins and telemetry exporters, which get in by one careless import. */
const forbidden =
  /^(?:sandbox|test|bench|scripts|azurite|esbuild|typescript|vitest|fast-check|ajv|selfsigned|croner|zod-openapi|@azure\/monitor.*|@opentelemetry\/(?!api$).*|applicationinsights|puppeteer.*|jsdom|core-js|moment-timezone)$/;

/** Largest packages that are known and accepted; a new one above this size asks for a decision. */
const noticeableBytes = 40_000;
const accepted = new Set([
  '<define:PORTAL_FILES>',
  '@azure/data-tables',
  '@azure/functions',
  '@azure/identity',
  '@azure/msal-common',
  '@azure/msal-node',
  '@azure/service-bus',
  '@zxcvbn-ts/language-common',
  'axios',
  'debug',
  'docs',
  'durable-functions',
  'functions',
  'mime-db',
  'moment',
  'rhea',
  'rhea-promise',
  'shared',
  'validator',
  'zod',
]);

let folder: string;
let bundle: ReturnType<typeof describeBundle>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-budget-'));
  bundle = describeBundle((await buildApp(join(folder, 'main.cjs'))).metafile);
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

test('the bundle stays within its budget of bytes', () => {
  expect(bundle.bytes).toBeLessThanOrEqual(mostBytes);
});

test('no more modules are evaluated at the start than there is a budget for', () => {
  expect(bundle.modules).toBeLessThanOrEqual(mostModules);
});

test('no tool of the development gets into the bundle', () => {
  expect(bundle.packages.map(({ name }) => name).filter((name) => forbidden.test(name))).toEqual([]);
});

test('no package of noticeable size gets in without a decision', () => {
  const unknown = bundle.packages.filter(({ name, bytes }) => bytes > noticeableBytes && !accepted.has(name));
  expect(unknown).toEqual([]);
});

test('no package is there both as ES modules and as CommonJS at a noticeable size', () => {
  expect(bundle.twice.filter(({ bytes }) => bytes > noticeableBytes)).toEqual([]);
});
