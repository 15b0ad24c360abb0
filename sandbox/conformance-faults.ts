// Puts what the SDKs throw into words. Only names, statuses and codes are used: messages may hold addresses, keys or whole requests.
import type { Advice } from './conformance-steps.ts';

export interface ServiceFacts {
  /** As the subject of a sentence: "The table service". */
  readonly service: string;
  /** The setting that says where the service is. */
  readonly setting: string;
  /** What lets this app in when it comes with an identity. */
  readonly role: string;
  readonly usesIdentity: boolean;
}

interface Fault {
  readonly status: number | null;
  readonly codes: readonly string[];
  readonly errorNames: readonly string[];
}

const networkCode =
  /^(ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_\w+|REQUEST_SEND_ERROR|ServiceCommunicationProblem|ServiceTimeout)$/;
const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;
const refusedCode = /^(UnauthorizedAccess|amqp:unauthorized-access)$/;
const missingCode = /^(MessagingEntityNotFound|amqp:not-found|TableNotFound)$/;

/** Collects what can be said safely along the chain of causes. */
function readFault(error: unknown): Fault {
  let status: number | null = null;
  const codes: string[] = [];
  const errorNames: string[] = [];
  let level = error;
  for (let depth = 0; depth < 6 && typeof level === 'object' && level !== null; depth += 1) {
    const at = level as Readonly<Record<string, unknown>>;
    const details = at['details'] as { readonly odataError?: { readonly code?: unknown } } | undefined;
    if (status === null && typeof at['statusCode'] === 'number') status = at['statusCode'];
    for (const code of [at['code'], details?.odataError?.code]) {
      if (typeof code === 'string' && /^[\w.:-]{1,60}$/.test(code)) codes.push(code);
    }
    if (typeof at['name'] === 'string') errorNames.push(at['name']);
    level = at['cause'];
  }
  return { status, codes, errorNames };
}

/** What went wrong at a service, and what to do. */
export function explainFault(error: unknown, { service, setting, role, usesIdentity }: ServiceFacts): Advice {
  const { status, codes, errorNames } = readFault(error);
  const code = codes[0];
  const has = (form: RegExp) => codes.some((each) => form.test(each));
  if (errorNames.some((name) => /Credential|Authentication/.test(name))) {
    const next = 'Run it where the managed identity exists, or give a connection string on this machine.';
    return { sentence: 'No token of the managed identity could be had.', next };
  }
  if (status === 401 || status === 403 || has(refusedCode)) {
    const next = usesIdentity
      ? `Give the identity ${role}; a new role works after some minutes.`
      : `Copy the connection string into ${setting} again: its key is wrong, was renewed, or keys are switched off.`;
    return { sentence: `${service} refused us${code === undefined ? '' : ` (${code})`}.`, next };
  }
  if (status === 404 || has(missingCode)) {
    return {
      sentence: `${service} does not know what was asked for (${code ?? 404}).`,
      next: `Check that ${setting} names the right one.`,
    };
  }
  if (has(certificateCode)) {
    const next = 'Let Node trust the certificate of the proxy in between: NODE_EXTRA_CA_CERTS.';
    return { sentence: `${service} was reached with a certificate that is not trusted (${code ?? 'TLS'}).`, next };
  }
  if (has(networkCode) || errorNames.some((name) => /^(AbortError|TimeoutError)$/.test(name))) {
    const next = `Check the address in ${setting}, and that this machine may connect to it.`;
    return { sentence: `${service} could not be reached (${code ?? 'no answer in time'}).`, next };
  }
  if (status !== null) {
    return { sentence: `${service} answered ${status} (${code ?? 'no code'}).`, next: 'Run it again; if it stays, look the code up.' };
  }
  const next = `Look at the form of ${setting}: copy it again, whole.`;
  return { sentence: `${service} could not be used (${code ?? errorNames[0] ?? 'unknown fault'}).`, next };
}
