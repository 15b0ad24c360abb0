// ARCHITECTURE.md names the test behind each promise, and pages link to each other; here each name is looked up, so that no page outlives
// what it speaks of.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signedInPath } from '../shared/use-cases/microsoft-attempts.ts';
import { connectPaths } from '../shared/use-cases/connect.ts';
import { projectRoot, readProjectFiles } from './project-files.ts';

const pages = readProjectFiles(/\.md$/);

/** Every title in quotes belongs to the test file named last before it. */
function namedTests(promises: string): readonly { readonly file: string; readonly title: string }[] {
  let file = '';
  return [...promises.matchAll(/`([\w/.-]+\.test\.ts)`|"((?:[^"\\]|\\.)*)"/g)].flatMap(([, named, title]) => {
    if (named !== undefined) file = named;
    return title === undefined ? [] : [{ file, title: title.replaceAll('\\"', '"') }];
  });
}

describe('ARCHITECTURE.md', () => {
  it('names tests that exist', () => {
    const page = readFileSync(join(projectRoot, 'ARCHITECTURE.md'), 'utf8');
    const [, afterStart = ''] = page.split('## What must always hold');
    const [promises = ''] = afterStart.split('\n## ');
    const tests = namedTests(promises.replace(/\n\s+/g, ' '));
    expect(tests.length).toBeGreaterThan(40);
    expect(
      tests.filter(
        ({ file, title }) =>
          !existsSync(join(projectRoot, file)) || !readFileSync(join(projectRoot, file), 'utf8').replaceAll("\\'", "'").includes(title),
      ),
    ).toEqual([]);
  });
});

/** The anchor GitHub gives a heading. */
function anchor(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

function withoutCode(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Why a link leads nowhere, or null. */
function problem(from: string, target: string): string | null {
  const [path = '', fragment] = target.split('#');
  const file = path === '' ? from : join(dirname(from), decodeURIComponent(path));
  if (!existsSync(join(projectRoot, file))) return 'no such file';
  if (fragment === undefined || !file.endsWith('.md')) return null;
  const headings = readFileSync(join(projectRoot, file), 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].some(([, heading = '']) => anchor(heading) === fragment) ? null : 'no such heading';
}

describe('Markdown pages', () => {
  it('link to files and headings that exist', () => {
    const links = pages.flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, inline, definition]) => ({
        path,
        target: inline ?? definition ?? '',
      })),
    );
    const relative = links.filter(({ target }) => !/^[a-z][a-z+.-]*:/i.test(target));
    expect(relative.length).toBeGreaterThan(40);
    expect(
      relative.flatMap(({ path, target }) => ({ path, target, problem: problem(path, target) })).filter((link) => link.problem),
    ).toEqual([]);
  });

  it('name test files that exist', () => {
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:[\w-]+\/)+[\w.-]+\.test\.ts)`/g)].map(([, file = '']) => ({ path, file })),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(
      named.filter(({ path, file }) => !existsSync(join(projectRoot, file)) && !existsSync(join(projectRoot, dirname(path), file))),
    ).toEqual([]);
  });
});

describe('the app registration', () => {
  const needed = [
    'multi-tenant',
    '`User.Read.All`',
    '`"groupMembershipClaims": "DirectoryRole"`',
    '`wids`',
    '`requestedAccessTokenVersion`',
    '`Muster.Access`',
    '`Muster.Operator` (users)',
    '`Muster.Platform` (applications)',
    '`api://AzureADTokenExchange`',
    ...[connectPaths.consented, connectPaths.signedIn, signedInPath].map((path) => `PUBLIC_URL}${path}\``),
  ];

  it.each(['docs/operations.md', 'infra/README.md'])('is complete in %s', (path) => {
    // The two pages write placeholders in their own way, and one quotes the audience inside a command.
    const text = readFileSync(join(projectRoot, path), 'utf8')
      .replaceAll(/<(PUBLIC_URL)>/g, '{$1}')
      .replaceAll(/"(api:[^"]+)"/g, '`$1`');
    expect(needed.filter((words) => !text.includes(words))).toEqual([]);
  });
});
