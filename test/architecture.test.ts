// The direction of imports, the size of files and the places of SDKs: what ARCHITECTURE.md promises, checked on the sources.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Source {
  readonly file: string;
  readonly text: string;
  /** Relative imports as project paths, packages by name. */
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[];
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^'";]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|import\('([^']+)'\)/g;

function readSources(folder: string): readonly Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, 'utf8');
      const imports = [...text.matchAll(importPattern)].map(([, type, from, bare, dynamic]) => {
        const name = from ?? bare ?? dynamic ?? '';
        const target = name.startsWith('.') ? relative(root, join(entry.parentPath, name)) : name;
        return { target, typeOnly: type !== undefined };
      });
      return { file: relative(root, path), text, imports };
    });
}

const product = ['functions', 'shared', 'portal'].flatMap(readSources);
const inFolder = (folder: string) => product.filter(({ file }) => file.startsWith(`${folder}/`));

/** `file → import` for each import that breaks a rule. */
function violations(sources: readonly Source[], isWrong: (target: string, typeOnly: boolean, file: string) => boolean): readonly string[] {
  return sources.flatMap(({ file, imports }) =>
    imports.filter(({ target, typeOnly }) => isWrong(target, typeOnly, file)).map(({ target }) => `${file} → ${target}`),
  );
}

const isPackage = (target: string) => !/^(functions|shared|portal|sandbox|test|docs|scripts|bench)\//.test(target);

describe('architecture', () => {
  it('looks at all sources', () => {
    expect(product.length).toBeGreaterThan(80);
    expect(product.reduce((sum, { imports }) => sum + imports.length, 0)).toBeGreaterThan(300);
  });

  it('keeps the domain pure: no await, no clock, no randomness, nothing but the domain (and types of ports)', () => {
    const domain = inFolder('shared/domain');
    expect(domain.length).toBeGreaterThan(20);
    expect(
      violations(domain, (target, typeOnly) => !target.startsWith('shared/domain/') && !(typeOnly && target.startsWith('shared/ports/'))),
    ).toEqual([]);
    const impure = /\bawait\b|\basync\b|Date\.now\(|new Date\(\)|Math\.random\(|process\./;
    expect(domain.filter(({ text }) => impure.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))).map(({ file }) => file)).toEqual([]);
  });

  it('points inwards: ports know the domain, use cases know ports and storage, adapters know ports, functions know use cases', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      'shared/ports': ['shared/domain', 'shared/ports'],
      'shared/storage': ['shared/domain', 'shared/ports', 'shared/storage'],
      'shared/use-cases': ['shared/domain', 'shared/ports', 'shared/storage', 'shared/use-cases'],
      'shared/adapters': ['shared/domain', 'shared/ports', 'shared/adapters'],
      'shared/contracts': ['shared/domain', 'shared/contracts', 'shared/storage'],
      functions: ['functions', 'shared', 'portal/files.ts', 'docs/openapi.json'],
      portal: ['portal', 'shared/contracts', 'shared/domain'],
    };
    for (const [folder, targets] of Object.entries(allowed)) {
      const wrong = violations(inFolder(folder), (target) => !isPackage(target) && !targets.some((each) => target.startsWith(each)));
      expect(wrong, folder).toEqual([]);
    }
  });

  it('lets nothing of the product import the sandbox or the tests', () => {
    expect(violations(product, (target) => /^(sandbox|test|bench)\//.test(target))).toEqual([]);
  });

  it('keeps each SDK behind its adapter', () => {
    const sdk = /^(@azure\/(data-tables|service-bus|communication-email|identity|core-)|@microsoft\/|openid-client|jose)/;
    const outside = violations(
      product,
      (target, _typeOnly, file) => sdk.test(target) && !file.startsWith('shared/adapters/') && file !== 'shared/compose.ts',
    );
    expect(outside).toEqual([]);
    const functionsSdk = violations(
      product,
      (target, _typeOnly, file) => /^(@azure\/functions|durable-functions)/.test(target) && !file.startsWith('functions/'),
    );
    expect(functionsSdk).toEqual([]);
  });

  it('takes time, ids and randomness only through ports', () => {
    const own = product.filter(
      ({ file }) => file.startsWith('shared/use-cases/') || file.startsWith('shared/storage/') || file.startsWith('functions/'),
    );
    const wild = /Date\.now\(|new Date\(\)|Math\.random\(|randomUUID\(/;
    expect(own.filter(({ text }) => wild.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('knows no "local": every difference between Azure and the sandbox is a setting', () => {
    const wrong = /\bif \([^)]*(isLocal|sandbox|NODE_ENV)\b/i;
    expect(product.filter(({ text }) => wrong.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('keeps files small enough to fit in the head', () => {
    const long = [...product, ...readSources('sandbox')].filter(({ text }) => text.split('\n').length > 250).map(({ file }) => file);
    expect(long).toEqual([]);
  });
});
