// The built portal: small, without the contracts' library, and fit for a policy that allows no inline script or style.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const portal = join(import.meta.dirname, '..', '..', 'portal');
let script: string;
let inputs: readonly string[];

beforeAll(async () => {
  const built = await build({
    entryPoints: [join(portal, 'main.tsx')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    metafile: true,
  });
  script = built.outputFiles[0]?.text ?? '';
  inputs = Object.keys(built.metafile.inputs);
});

describe('the built portal', () => {
  it('takes at most 27 KB on the wire', () => {
    expect(gzipSync(script).byteLength).toBeLessThanOrEqual(27 * 1024);
  });

  it('brings no package but Preact, and of shared/ the pure domain only', () => {
    const foreign = inputs.filter((path) => !/(^|\/)(portal|shared\/domain|node_modules\/preact)\//.test(path));
    expect(foreign).toEqual([]);
  });

  it('has a page without inline scripts, styles or handlers', async () => {
    const page = await readFile(join(portal, 'index.html'), 'utf8');
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
    expect([...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, address]) => address?.split(',')[0])).toEqual([
      'data:image/svg+xml',
      '/portal.css',
      '/portal.js',
      '/docs',
    ]);
  });

  it('loads nothing from elsewhere', async () => {
    const style = await readFile(join(portal, 'portal.css'), 'utf8');
    expect(style).not.toMatch(/@import|url\(/);
  });
});
