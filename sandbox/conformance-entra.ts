// Tries Entra: its published metadata and keys, and a token for the customer's tenant, of which only the permissions are looked at.
import * as z from 'zod';
import { makeCredentialFor } from '../shared/adapters/entra-credentials.ts';
import { takeToken } from '../shared/adapters/graph-token.ts';
import type { Config } from '../shared/config.ts';
import { classifyTokenFailure, type Refusal } from '../shared/domain/directory-failure.ts';
import type { AccessOwner } from '../shared/ports/directory.ts';
import { explainFault } from './conformance-faults.ts';
import { type Area, failed, passed, type Step } from './conformance-steps.ts';

/** The only application permission Muster asks for. */
const permission = 'User.Read.All';
const requestLimitMs = 20_000;

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.string(), token_endpoint: z.string() });
const keysSchema = z.object({ keys: z.array(z.object({ kty: z.string() })) });
const claimsSchema = z.object({ tid: z.string().optional(), roles: z.array(z.string()).default([]) });
type Claims = z.infer<typeof claimsSchema>;

export const ownerAdvice: Readonly<Record<AccessOwner, string>> = {
  ours: 'Renew ENTRA_CLIENT_SECRET, or check that the app registration has a federated credential for this managed identity (infra/README.md).',
  theirs: 'Let an administrator of that tenant consent again: connect the company once more in the portal.',
  gone: 'Check the tenant id given with --tenant, and that the tenant still exists.',
};

function tokenAdvice(refusal: Refusal, config: Config): string {
  if (refusal.kind === 'accessLost') return ownerAdvice[refusal.owner];
  if (refusal.kind === 'throttled') return 'Wait a minute, then run it again.';
  return config.entra.clientSecret === null
    ? 'Run it where the managed identity exists, or set ENTRA_CLIENT_SECRET on this machine.'
    : 'Check that this machine may connect to ENTRA_AUTHORITY_HOST, then run it again.';
}

async function readJson(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(requestLimitMs) });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: undefined };
  }
}

/** Reads a token without checking it: only what it claims is of interest here. */
function readClaims(token: string): Claims | undefined {
  try {
    return claimsSchema.safeParse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function authoritySteps({ entra: { authorityHost } }: Config): readonly Step[] {
  const wrongHost = 'Set ENTRA_AUTHORITY_HOST to the sign-in address of your cloud, such as https://login.microsoftonline.com.';
  return [
    {
      id: 'entra.metadata',
      title: 'the published metadata',
      run: async () => {
        const { status, body } = await readJson(`${authorityHost}/common/v2.0/.well-known/openid-configuration`);
        const metadata = metadataSchema.safeParse(body).data;
        if (status !== 200 || metadata === undefined) return failed(`Entra answered ${status}, without its metadata.`, wrongHost);
        const expected = `${authorityHost}/{tenantid}/v2.0`;
        const elsewhere = [metadata.jwks_uri, metadata.token_endpoint].some((address) => !address.startsWith(`${authorityHost}/`));
        // Tokens name this issuer, so another one would make every sign-in fail.
        if (metadata.issuer !== expected || elsewhere)
          return failed('The metadata names another host than the one that was asked.', wrongHost);
        return passed('Issuer, keys and token endpoint are those of the configured authority.');
      },
    },
    {
      id: 'entra.keys',
      title: 'the signing keys',
      needs: ['entra.metadata'],
      run: async () => {
        const { status, body } = await readJson(`${authorityHost}/common/discovery/v2.0/keys`);
        const usable = keysSchema.safeParse(body).data?.keys.filter(({ kty }) => kty === 'RSA').length ?? 0;
        if (status !== 200 || usable === 0) return failed(`Entra answered ${status}, without usable keys.`, wrongHost);
        return passed(`Sign-ins can be checked; RSA keys published: ${usable}.`);
      },
    },
  ];
}

function tokenSteps(config: Config, tenantId: string): readonly Step[] {
  let claims: Claims | undefined;
  return [
    {
      id: 'entra.token',
      title: "a token for the customer's tenant",
      run: async () => {
        const { authorityHost, clientId, clientSecret, managedIdentityClientId } = config.entra;
        const credential = makeCredentialFor({
          clientId,
          authorityHost,
          ...(clientSecret === null ? {} : { clientSecret }),
          ...(managedIdentityClientId === null ? {} : { managedIdentityClientId }),
        })(tenantId, 'fresh');
        const taken = await takeToken(credential, 'https://graph.microsoft.com/.default', requestLimitMs * 2);
        if (!taken.ok) {
          const [number] = taken.facts.numbers;
          const refusal = classifyTokenFailure(taken.facts);
          const code = number === undefined ? '' : ` (AADSTS${number})`;
          return failed(`${refusal.sentence}${code}`, tokenAdvice(refusal, config));
        }
        claims = readClaims(taken.token);
        if (claims === undefined)
          return failed('The token cannot be read.', 'Check that ENTRA_AUTHORITY_HOST is a sign-in address of Microsoft Entra.');
        if (claims.tid?.toLowerCase() !== tenantId) return failed('The token is for another tenant.', ownerAdvice.gone);
        return passed(
          config.entra.clientSecret === null ? 'Issued to the managed identity, without a secret.' : 'Issued to the client secret.',
        );
      },
    },
    {
      id: 'entra.permission',
      title: `the permission ${permission}`,
      needs: ['entra.token'],
      run: async () => {
        if (claims?.roles.includes(permission) === true) return passed('The tenant grants it.');
        return failed(
          'The tenant does not grant it.',
          `Ask for the application permission ${permission} in the app registration, then ${lowerFirst(ownerAdvice.theirs)} After a consent, wait some minutes.`,
        );
      },
    },
    {
      id: 'entra.least',
      title: 'no more permission than needed',
      needs: ['entra.permission'],
      run: async () => {
        const more = (claims?.roles ?? []).filter((role) => role !== permission);
        if (more.length === 0) return passed('Nothing else is granted.');
        return failed(
          `Also granted: ${more.filter((role) => /^[\w.]+$/.test(role)).join(', ')}.`,
          'Remove these from the app registration, and let the tenant consent again.',
        );
      },
    },
  ];
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Both areas of Entra: what anybody can read, and what needs a tenant. @param hindrance why nothing may be tried, or null */
export function entraAreas(
  config: Config,
  hindrance: string | null,
  tenant: { readonly id: string; readonly hindrance: string | null },
): readonly Area[] {
  const explain: Area['explain'] = (error) =>
    explainFault(error, { service: 'Microsoft Entra', setting: 'ENTRA_AUTHORITY_HOST', role: '', usesIdentity: false });
  return [
    { name: 'Entra', hindrance, explain, steps: authoritySteps(config) },
    { name: 'Access to the tenant', hindrance: hindrance ?? tenant.hindrance, explain, steps: tokenSteps(config, tenant.id) },
  ];
}
