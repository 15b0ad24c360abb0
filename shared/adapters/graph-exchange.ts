// One request to Graph and its raw answer, through Microsoft's client with a middleware chain that sends exact addresses and follows nothing.
import { AuthenticationHandler, Client, HTTPMessageHandler, type Middleware, ResponseType } from '@microsoft/microsoft-graph-client';

export interface GraphRequest {
  readonly method: 'GET' | 'POST';
  /** Complete address, already checked by `linkProblem`; sent byte for byte. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Headers; readonly text: string }
  /** No complete answer: `code` is the system's (`ECONNRESET`), `timeout` or `network`. */
  | { readonly kind: 'noAnswer'; readonly code: string };

/**
 * Sends a request with a bearer token. The client's own retry and redirect handlers are left out of the chain: they would cut waits to
 * 180 s, retry no network fault and follow redirects (`RetryHandler` and `RedirectHandler` of microsoft-graph-client 3.0.7). Never rejects.
 */
export async function exchange(request: GraphRequest, token: string, timeoutMs: number): Promise<Exchange> {
  const exact = exactAddress(request.url);
  const client = Client.initWithMiddleware({
    middleware: [exact.middleware, new AuthenticationHandler({ getAccessToken: async () => token }), new HTTPMessageHandler()],
    // The client drops the bearer for hosts it does not know; host names are compared without port.
    customHosts: new Set([new URL(request.url).hostname]),
    fetchOptions: { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
  });
  const call = client
    .api('/')
    .headers({ ...request.headers })
    .responseType(ResponseType.RAW);
  try {
    const response = (await (request.method === 'GET' ? call.get() : call.post(request.body))) as Response;
    return { kind: 'answer', status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    return { kind: 'noAnswer', code: faultCode(exact.fault() ?? error) };
  }
}

/**
 * Puts the exact address in place of the one the client rebuilt from its parsed parts (it drops repeated query parameters), before the
 * bearer is attached. Keeps the fault too: the client's error loses its cause.
 */
function exactAddress(url: string): { readonly middleware: Middleware; readonly fault: () => unknown } {
  let next: Middleware | undefined;
  let fault: unknown;
  const middleware: Middleware = {
    setNext: (following) => {
      next = following;
    },
    execute: async (context) => {
      context.request = url;
      try {
        await next?.execute(context);
      } catch (error) {
        fault = error;
        throw error;
      }
    },
  };
  return { middleware, fault: () => fault };
}

function faultCode(error: unknown): string {
  if (!(error instanceof Error)) return 'network';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? 'network' : faultCode(error.cause);
}
