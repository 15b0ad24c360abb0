// Comments cite facts about Graph by section and item; here each citation is looked up, so that none points at nothing.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, readProjectFiles } from './project-files.ts';

const page = 'docs/graph.md';
const files = readProjectFiles(/\.(ts|tsx|mjs|md|bicep)$/);
const sources = files.filter(({ path }) => !path.endsWith('.md'));

/** Text with each comment or paragraph on one line, so that a citation may be broken over two. */
function unwrapped(text: string): string {
  return text.replace(/\n[ \t]*(?:\/\/|\*(?!\/))?[ \t]*/g, ' ');
}

const numberList = String.raw`\d+(?:–\d+)?(?:(?:, | and )\d+(?:–\d+)?)*`;
const sectionCited = String.raw`§(\d+(?:\.\d+)*)(?: (?:items?|facts?|rules?) (${numberList}))?`;
const citation = new RegExp(String.raw`docs\/graph\.md (${sectionCited}(?:(?:, | and |, and )${sectionCited})*)`, 'g');
/** The short form, used by the stand-ins for their own section. */
const standInItems = new RegExp(String.raw`(?<!§[0-8] |§1\d )\b[Ii]tems? (${numberList})|\b(?:it|test)\(\s*['"\`](\d+): `, 'g');

function numbers(list: string): readonly string[] {
  return list.split(/, | and /).flatMap((part) => {
    const [first = '', last = first] = part.split('–');
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => String(Number(first) + index));
  });
}

/** `§10` or `§10 8`, as `citedIn` and `known` name sections and their items. */
function citedIn(text: string): readonly string[] {
  return [...unwrapped(text).matchAll(citation)].flatMap(([, all = '']) =>
    [...all.matchAll(new RegExp(sectionCited, 'g'))].flatMap(([, section = '', list]) => [
      `§${section}`,
      ...(list === undefined ? [] : numbers(list).map((number) => `§${section} ${number}`)),
    ]),
  );
}

/** Sections are headings, items are table rows that begin with their number. */
function readKnown(): ReadonlySet<string> {
  const text = files.find(({ path }) => path === page)?.text ?? '';
  let section = '';
  const known = new Set<string>();
  for (const line of text.split('\n')) {
    section = /^##+ (\d+(?:\.\d+)*)\.? /.exec(line)?.[1] ?? section;
    const number = /^\| (\d+(?:\.\d+)*) \|/.exec(line)?.[1];
    if (section !== '') known.add(`§${section}`);
    if (number !== undefined) known.add(number.includes('.') ? `§${number}` : `§${section} ${number}`);
  }
  return known;
}

const known = readKnown();

describe('docs/graph.md', () => {
  it('is read in all forms of a citation', () => {
    expect(citedIn(`// as ${page} §1.5, §3 and\n// §10 items 25–27, 34 and 46 say`)).toEqual([
      '§1.5',
      '§3',
      '§10',
      '§10 25',
      '§10 26',
      '§10 27',
      '§10 34',
      '§10 46',
    ]);
    expect(citedIn(`/** (${page} §0 fact 5)\n * and ${page} §2\n * rules 1–2 */`)).toEqual(['§0', '§0 5', '§2', '§2 1', '§2 2']);
  });

  it('has every section and item that code, tests and pages cite', () => {
    const cited = files.flatMap(({ path, text }) => citedIn(text).map((fact) => ({ path, fact })));
    expect(cited.length).toBeGreaterThan(150);
    expect(cited.filter(({ fact }) => !known.has(fact))).toEqual([]);
  });

  it('has every item the stand-ins and their test titles number', () => {
    const standIns = sources.filter(({ path }) => /^sandbox\/(graph|entra|world)\//.test(path));
    const cited = standIns.flatMap(({ path, text }) =>
      [...text.matchAll(standInItems)].flatMap(([, list, title]) => numbers(list ?? title ?? '').map((item) => ({ path, item }))),
    );
    expect(cited.length).toBeGreaterThan(100);
    expect(cited.filter(({ item }) => !known.has(`§9 ${item}`))).toEqual([]);
  });

  it('gives an address for every source it names', () => {
    const text = files.find(({ path }) => path === page)?.text ?? '';
    const addresses = new Set([...text.matchAll(/^\[([^\]]+)\]: https:\/\/\S+$/gm)].map(([, name]) => name));
    const named = new Set([...text.replace(/`[^`]*`/g, '').matchAll(/\[([^\]]+)\](?!:)/g)].map(([, name]) => name));
    expect(named.size).toBeGreaterThan(60);
    expect([...named].filter((name) => !addresses.has(name))).toEqual([]);
    expect([...addresses].filter((name) => !named.has(name))).toEqual([]);
  });
});

describe('pages named in code, comments and Markdown', () => {
  const decisions = readdirSync(join(projectRoot, 'docs/decisions'));

  function exists(path: string): boolean {
    const decision = /^docs\/decisions\/(\d{4})$/.exec(path)?.[1];
    return decision === undefined ? existsSync(join(projectRoot, path)) : decisions.some((name) => name.startsWith(`${decision}-`));
  }

  it('exist under docs/', () => {
    const named = files.flatMap(({ path, text }) =>
      [...text.matchAll(/(?<![\w./-])(?:\.\.\/)*(docs\/[\w./-]*[\w-])/g)].map(([, name = '']) => ({ path, name })),
    );
    expect(named.length).toBeGreaterThan(90);
    expect(named.filter(({ name }) => !exists(name))).toEqual([]);
  });

  it('exist under whatever name a comment gives them', () => {
    const named = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/(?<![\w./:-])([\w-]+(?:\/[\w-]+)*\.md)\b/g)].map(([, name = '']) => ({ path, name })),
    );
    expect(named.length).toBeGreaterThan(90);
    expect(named.filter(({ name }) => !exists(name))).toEqual([]);
  });
});
