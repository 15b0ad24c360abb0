// The project's own text files, for tests that check what code and pages say about each other.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TextFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..');

const folders = ['bench', 'docs', 'functions', 'infra', 'portal', 'sandbox', 'scripts', 'shared', 'test'];

/** All files of the project whose name matches, except what is installed or built. */
export function readProjectFiles(name: RegExp): readonly TextFile[] {
  const inFolders = folders.flatMap((folder) => readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true }));
  return [...readdirSync(projectRoot, { withFileTypes: true }), ...inFolders]
    .filter((entry) => entry.isFile() && name.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: relative(projectRoot, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') };
    });
}
