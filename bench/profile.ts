// Where a host's time went: CPU profiles that the worker writes when it ends, told by kind of work. `node bench/profile.ts <folder>`
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerArguments } from '../sandbox/sandbox.ts';

/** The setting that makes each host write a profile into a folder. */
export const profileSettings = (folder: string): Readonly<Record<string, string>> => ({
  languageWorkers__node__arguments: `${workerArguments} --cpu-prof --cpu-prof-dir=${folder}`,
});

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds between one sample and the next. */
  readonly timeDeltas: readonly number[];
}

/** What a file of Node's own does for us. */
const kindsOfNode: readonly (readonly [RegExp, string])[] = [
  [/^node:_?(http|https|net)|stream|_http_/, 'HTTP and sockets'],
  [/tls|secure|crypto/, 'TLS and signatures'],
  [/^node:(sqlite|internal\/sqlite)/, 'the stand-in for the task hub'],
  [/zlib/, 'compression'],
];

/** Whose work a function is; `undefined` for V8's own functions, which work for whoever called them. */
function kindOf({ functionName, url }: ProfileNode['callFrame']): string | undefined {
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(root)' || functionName === '(program)') return 'V8 itself';
  if (url.endsWith('.cjs')) return 'the app, with its libraries';
  if (url.startsWith('file:')) return 'the stand-in for the Functions host';
  if (!url.startsWith('node:')) return undefined;
  return kindsOfNode.find(([pattern]) => pattern.test(url))?.[1] ?? 'Node, other';
}

/** Seconds by kind of work. */
function secondsByKind({ nodes, samples, timeDeltas }: Profile): ReadonlyMap<string, number> {
  const kinds = new Map<number, string>();
  const open: { readonly node: ProfileNode; readonly inherited: string }[] = [];
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const [root] = nodes;
  if (root) open.push({ node: root, inherited: 'V8 itself' });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, inherited } = next;
    const kind = kindOf(node.callFrame) ?? inherited;
    kinds.set(node.id, kind);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child) open.push({ node: child, inherited: kind });
    }
  }
  const seconds = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const kind = kinds.get(id) ?? 'V8 itself';
    seconds.set(kind, (seconds.get(kind) ?? 0) + (timeDeltas[index] ?? 0) / 1_000_000);
  }
  return seconds;
}

function show(folder: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (files.length === 0) throw new Error(`There is no CPU profile in ${folder}; \`npm run bench -- --profile ${folder}\` makes some.`);
  for (const file of files) {
    const seconds = [...secondsByKind(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile)].toSorted((a, b) => b[1] - a[1]);
    const busy = seconds.reduce((sum, [kind, each]) => (kind === 'idle' ? sum : sum + each), 0);
    process.stdout.write(`${file}: ${busy.toFixed(1)} s busy\n`);
    for (const [kind, each] of seconds) {
      const share = kind === 'idle' ? '' : `${((100 * each) / busy).toFixed(0)} %`;
      process.stdout.write(`  ${each.toFixed(2).padStart(8)} s  ${share.padStart(5)}  ${kind}\n`);
    }
  }
}

if (import.meta.main) show(process.argv[2] ?? '.');
