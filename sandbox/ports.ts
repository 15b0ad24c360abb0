// Ports: fixed ones next to each other for people, free ones for tests; a taken one is named before anything is started.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';

/** Where each part of the sandbox listens on 127.0.0.1. */
export interface SandboxPorts {
  readonly app: number;
  /** Sign-in and consent pages for browsers. */
  readonly signIn: number;
  readonly email: number;
  readonly world: number;
  readonly graph: number;
  readonly entra: number;
  readonly serviceBus: number;
}

const names = ['app', 'signIn', 'email', 'world', 'graph', 'entra', 'serviceBus'] as const;

const build = (portOf: (index: number) => number): SandboxPorts =>
  Object.fromEntries(names.map((name, index) => [name, portOf(index)])) as Record<(typeof names)[number], number>;

/** Listens for a moment; `undefined` when the port is taken. */
async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

/**
 * A free port of each sort, drawn from below the range that systems take for outgoing connections and port 0 (32768 and up on Linux,
 * 49152 and up elsewhere): a port of that range may be gone again before the part that is to listen there has started.
 */
export async function freePorts(): Promise<SandboxPorts> {
  const found: number[] = [];
  while (found.length < names.length) {
    const port = await tryPort(randomInt(12_000, 32_000));
    if (port !== undefined && !found.includes(port)) found.push(port);
  }
  return build((index) => found[index] ?? 0);
}

/** `base` and the six after it. They stay the same over restarts, because stored Graph links name them. @throws Error naming a taken port. */
export async function fixedPorts(base: number): Promise<SandboxPorts> {
  for (let port = base; port < base + names.length; port += 1) {
    if ((await tryPort(port)) === undefined) {
      throw new Error(`Port ${port} is in use. Free it, or choose other ports with "npm start -- --port ${base + 100}".`);
    }
  }
  return build((index) => base + index);
}
