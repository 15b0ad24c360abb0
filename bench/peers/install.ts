// Installs other people's programs when they are first needed, beside the product and never among its dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const stamp = join(folder, 'node_modules', '.muster-installed');

/** Installs exactly what the lockfile names; npm's own output goes to stderr. @returns why it failed, or `null` when all is there. */
export function installPeers(): string | null {
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  process.stderr.write('bench: installing the programs to compare with (once) …\n');
  const npm = process.env['npm_execpath'];
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, error } = spawnSync(command, [...first, ...options], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) return `npm ci failed in bench/peers (${error?.message ?? `exit code ${status}`}); its messages are above`;
  writeFileSync(stamp, wanted);
  return null;
}
