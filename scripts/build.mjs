// Builds the deployable: one CommonJS file with everything in it but the module the Functions worker supplies itself.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The portal's page, style and script as texts. */
async function buildPortal() {
  const bundled = await build({
    entryPoints: [join(root, 'portal', 'main.tsx')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
  return {
    '/': { contentType: 'text/html; charset=utf-8', content: await readFile(join(root, 'portal', 'index.html'), 'utf8') },
    '/portal.css': { contentType: 'text/css; charset=utf-8', content: await readFile(join(root, 'portal', 'portal.css'), 'utf8') },
    '/portal.js': { contentType: 'text/javascript; charset=utf-8', content: bundled.outputFiles[0].text },
  };
}

/** Builds the app into `outfile` and returns what esbuild measured. */
export async function buildApp(outfile) {
  return await build({
    entryPoints: [join(root, 'functions', 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // ES modules where a package has them: unused parts drop out, and packages that others load as ES modules are not there twice.
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'linked',
    external: ['@azure/functions-core'],
    define: { PORTAL_FILES: JSON.stringify(await buildPortal()) },
    metafile: true,
    logLevel: 'warning',
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const outfile = join(root, 'dist', 'main.cjs');
  const { metafile } = await buildApp(outfile);
  const bytes = Object.entries(metafile.outputs).find(([name]) => name.endsWith('main.cjs'))?.[1].bytes ?? 0;
  process.stderr.write(`dist/main.cjs ${(bytes / 1e6).toFixed(2)} MB\n`);
}
