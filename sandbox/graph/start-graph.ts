// Runs the Graph stand-in as an https server on localhost, where the real Graph client can reach it.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Graph, type GraphOptions, makeGraph } from './graph.ts';

export interface GraphStandIn extends Graph {
  readonly port: number;
  /** Such as `https://localhost:8443`, without the version. */
  readonly baseUrl: string;
  /** Cuts all connections and stops listening. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a Graph on 127.0.0.1 under `/v1.0`.
 * `tls` is a certificate for `localhost` and its key, both PEM; `port` 0 or none takes a free one.
 */
export async function startGraph(
  options: GraphOptions & { readonly tls: { readonly key: string; readonly cert: string }; readonly port?: number },
): Promise<GraphStandIn> {
  let baseUrl = '';
  const graph = makeGraph({ ...options, baseUrl: () => baseUrl });
  const server = createServer(
    { key: options.tls.key, cert: options.tls.cert },
    (incoming, response) => void graph.handle(incoming, response),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  baseUrl = `https://localhost:${port}`;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { ...graph, port, baseUrl, stop };
}
