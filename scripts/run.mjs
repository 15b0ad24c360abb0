// The one way into the project: installs when needed, then runs a task under Node 24. No dependencies; runs on any Node from 18.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const minimumNode = [22, 18];

const bin = (path) => join(root, 'node_modules', ...path.split('/'));
const tools = {
  vitest: bin('vitest/vitest.mjs'),
  tsc: bin('typescript/bin/tsc'),
  oxlint: bin('oxlint/bin/oxlint'),
  biome: bin('@biomejs/biome/bin/biome'),
  knip: bin('knip/bin/knip.js'),
};
const sources = ['functions', 'shared', 'portal', 'sandbox', 'test', 'scripts', 'bench'].filter((folder) => existsSync(join(root, folder)));

/** task → the programs it runs, in order; words after `--` on the command line go to the last one. */
const tasks = {
  start: [['sandbox/start.ts']],
  demo: [['sandbox/demo.ts']],
  conformance: [['sandbox/conformance.ts']],
  bench: [['bench/run.ts']],
  build: [['scripts/build.mjs']],
  openapi: [['scripts/openapi.ts']],
  test: [[tools.vitest, 'run']],
  format: [[tools.biome, 'format', '--write', '.']],
  check: [
    [tools.tsc, '--noEmit'],
    [tools.tsc, '--noEmit', '-p', 'portal'],
    [tools.oxlint, '--type-aware', '--deny-warnings', ...sources],
    [tools.biome, 'format', '.'],
    [tools.knip],
    [tools.vitest, 'run', 'test/architecture.test.ts'],
  ],
};

function fail(message) {
  process.stderr.write(`muster: ${message}\n`);
  process.exit(1);
}

const lockfileHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
const stampFile = join(root, 'node_modules', '.muster-installed');
const stamped = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockfileHash();

/** Whether somebody ran `npm ci` by hand: npm's own list of what is installed names every package of the lockfile in its version. */
function installedByHand() {
  const own = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(own)) return false;
  const present = JSON.parse(readFileSync(own, 'utf8')).packages ?? {};
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const needed = `node_modules/node-${{ linux: 'linux', win32: 'win' }[process.platform]}-${process.arch}`;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const left = optional && !present[path] && path !== needed;
    return path === '' || left || present[path]?.version === version;
  });
}

const installed = () => stamped() || installedByHand();

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs `work` while holding a lock folder, so that two commands started at once install only once. */
function withInstallLock(work) {
  const lock = join(root, '.muster-install.lock');
  const owner = join(lock, 'pid');
  for (let waited = 0; ; waited += 1) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = existsSync(owner) ? Number(readFileSync(owner, 'utf8')) : undefined;
      const abandoned = holder === undefined ? waited > 10 : !alive(holder);
      if (abandoned) rmSync(lock, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
  try {
    writeFileSync(owner, String(process.pid));
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function install() {
  if (installed()) return;
  withInstallLock(() => {
    if (installed()) return;
    process.stderr.write('muster: installing packages (once, and again when package-lock.json changes) …\n');
    const npm = process.env.npm_execpath;
    const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
    const args = [...first, 'ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
    if (status !== 0) fail('npm ci failed; its messages are above.');
    writeFileSync(stampFile, lockfileHash());
  });
}

/** The Node to run on: the one npm installed for this platform, else this one when it is new enough. */
function nodeProgram() {
  const platform = { linux: 'linux', win32: 'win' }[process.platform];
  const carried =
    platform && join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', platform === 'win' ? 'node.exe' : 'node');
  if (carried && existsSync(carried)) return carried;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return process.execPath;
  return fail(
    `needs Node ${minimumNode.join('.')} or newer, this is ${process.versions.node}. Install Node 24 and run the same command again.`,
  );
}

/** Runs a program to its end. Signals to us are passed on, so that whoever stops this command stops what it runs. */
async function run(node, args, env) {
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env });
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  const [code, signal] = await once(child, 'exit');
  for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(each, forward);
  return signal ? 130 : code;
}

const [task, ...words] = process.argv.slice(2);
const programs = tasks[task];
if (!programs) fail(`unknown task "${task}". Known: ${Object.keys(tasks).join(', ')}.`);
install();
const node = nodeProgram();
const env = { ...process.env, NODE_ENV: '', PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}` };
for (const [index, program] of programs.entries()) {
  const code = await run(node, [...program, ...(index === programs.length - 1 ? words : [])], env);
  if (code !== 0) process.exit(code);
}
