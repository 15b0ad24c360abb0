// Who is at the token endpoint: the app or a program, by secret (body or HTTP basic), or the app by a managed identity's assertion.

import { createLocalJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { TenantProfile } from '../world/tenants.ts';
import type { EntraContext } from './context.ts';
import type { EntraRequest } from './http.ts';
import { type ProgramClient, tokenExchangeAudience } from './options.ts';
import { type Refusal, refusals } from './refusals.ts';
import { type ClientProof, issuerOf } from './tokens.ts';

export type Client =
  | { readonly kind: 'app'; readonly proof: ClientProof }
  | { readonly kind: 'program'; readonly program: ProgramClient; readonly proof: ClientProof };

interface Presented {
  readonly clientId: string | undefined;
  readonly secret: string | undefined;
  readonly assertion: string | undefined;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export async function authenticateClient(context: EntraContext, tenantName: string, request: EntraRequest): Promise<Client | Refusal> {
  const presented = readPresented(request);
  const { clientId } = presented;
  if (clientId === undefined) return refusals.parameterMissing('client_id');
  if (clientId === context.app.clientId) return authenticateApp(context, presented);
  const program = context.app.programs?.find((candidate) => candidate.clientId === clientId);
  // A program is registered in one tenant; every other tenant does not know it.
  if (program === undefined || program.tenantId !== tenantIdOf(context, tenantName)) {
    return refusals.applicationUnknown(clientId, tenantName);
  }
  if (presented.secret === undefined) return refusals.credentialMissing();
  if (presented.secret !== program.secret) return refusals.secretWrong(clientId);
  return { kind: 'program', program, proof: '1' };
}

function tenantIdOf(context: EntraContext, tenantName: string): TenantProfile['tenantId'] | undefined {
  return context.directory.find(tenantName)?.tenantId;
}

function readPresented({ headers, form }: EntraRequest): Presented {
  const assertion = form.get('client_assertion_type') === assertionType ? (form.get('client_assertion') ?? undefined) : undefined;
  const basic = /^basic ([a-z0-9+/=]+)$/i.exec(headers['authorization'] ?? '')?.[1];
  if (basic === undefined) {
    return { clientId: form.get('client_id') ?? undefined, secret: form.get('client_secret') ?? undefined, assertion };
  }
  // Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
  const [clientId, secret] = Buffer.from(basic, 'base64').toString('utf8').split(':', 2).map(formDecode);
  return { clientId, secret, assertion };
}

function formDecode(text: string): string {
  return new URLSearchParams(`value=${text}`).get('value') ?? '';
}

async function authenticateApp(context: EntraContext, { secret, assertion }: Presented): Promise<Client | Refusal> {
  const { clientId, clientSecret } = context.app;
  if (assertion !== undefined) return (await refuseAssertion(context, assertion)) ?? { kind: 'app', proof: '2' };
  if (secret === undefined) return refusals.credentialMissing();
  if (secret !== clientSecret) return refusals.secretWrong(clientId);
  if (context.credentials.secretExpired) return refusals.secretExpired(clientId);
  return { kind: 'app', proof: '1' };
}

/** Checks an assertion against the one federated credential: issuer, subject and audience must match it exactly. */
async function refuseAssertion(context: EntraContext, assertion: string): Promise<Refusal | undefined> {
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(context.signingKey.publicKeys), {
      currentDate: new Date(context.clock.now()),
      algorithms: ['RS256'],
    });
    return refuseClaims(context, payload);
  } catch (error) {
    const isOutOfTime = error instanceof errors.JWTExpired || (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');
    if (isOutOfTime) return refusals.assertionOutOfTime();
    // A foreign issuer cannot be verified here; it is named first, as Entra would.
    const issuer = issuerClaimOf(assertion);
    return issuer === undefined || issuer === federatedIssuer(context)
      ? refusals.assertionSignatureInvalid()
      : refusals.assertionIssuerUnknown(issuer);
  }
}

function refuseClaims(context: EntraContext, { iss, aud, sub }: JWTPayload): Refusal | undefined {
  if (iss !== federatedIssuer(context)) return refusals.assertionIssuerUnknown(iss ?? '');
  if (sub !== context.managedIdentity.principalId || !context.credentials.federationTrusted) {
    return refusals.assertionSubjectUnknown(sub ?? '');
  }
  return aud === tokenExchangeAudience ? undefined : refusals.assertionAudienceUnknown(String(aud));
}

function federatedIssuer(context: EntraContext): string {
  return issuerOf(context, context.managedIdentity.tenantId);
}

function issuerClaimOf(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).iss;
  } catch {
    return undefined;
  }
}
