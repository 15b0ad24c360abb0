// Writes docs/openapi.json from the table of routes; with `--check` it only says whether the committed document is still true.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { routes } from '../functions/routes.ts';
import { describeRoutes } from './openapi-document.ts';

const file = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'openapi.json');
const text = `${JSON.stringify(describeRoutes(routes), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  await writeFile(file, text);
} else if ((await readFile(file, 'utf8')) !== text) {
  process.stderr.write('docs/openapi.json does not describe the routes any more; run `npm run openapi`.\n');
  process.exitCode = 1;
}
