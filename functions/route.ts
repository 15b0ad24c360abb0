// What a route is: its address, who may use it, what it takes and gives, and the sentence that handles it. The table of routes is the
// single source for registration, authorisation, validation and the OpenAPI document.
import type { Cookie } from '@azure/functions';
import type * as z from 'zod';
import type { Action, Principal, Role } from '../shared/domain/access.ts';
import type { ErrorCode } from '../shared/domain/errors.ts';
import type { Company } from '../shared/domain/company.ts';
import type { Ports } from '../shared/ports/ports.ts';
import type { CompanyState } from '../shared/storage/company-state.ts';
import type { SignedInManager } from '../shared/use-cases/manager-session.ts';
import type { SyncStart } from '../shared/use-cases/sync-request.ts';

/** Starts orchestrations; the trigger layer binds it to the durable client of the invocation. */
export interface Starter {
  readonly startSync: (companyId: string, start: Extract<SyncStart, { kind: 'start' }>) => Promise<void>;
  readonly startProbe: (companyId: string, instanceId: string) => Promise<void>;
  readonly startDecisionJob: (companyId: string, jobId: string) => Promise<void>;
}

export interface Call<Params, Query, Body> {
  readonly ports: Ports;
  readonly starter: Starter;
  readonly principal: Principal;
  readonly roles: ReadonlySet<Role>;
  readonly company: Company | null;
  /** As it was when the company's grants were read; `null` outside companies. */
  readonly state: CompanyState | null;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** `If-Match`, without quotes; present when the route asks for it. */
  readonly ifMatch: string;
  readonly idempotencyKey: string | null;
  /** Who is signed in to the User Portal; `null` on all other routes. */
  readonly manager: SignedInManager | null;
  /** The session of the User Portal that the browser sent, whatever it is worth. */
  readonly managerSession: string | null;
  /** A sign-in to the User Portal that waits for the second factor, whatever it is worth. */
  readonly managerStep: string | null;
  /** What tells this browser from others, whatever it is worth. */
  readonly managerDevice: string | null;
  /** Where the request comes from, as the platform's front end says. */
  readonly address: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly Cookie[];
  /** Sent as it is instead of JSON. */
  readonly text?: { readonly contentType: string; readonly content: string };
}

export interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  /** Also the function's name. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without a leading slash; `{companyId}` and `{mspId}` name the scope. */
  readonly path: string;
  /**
   * `signedIn`: any valid token; the handler shows only what is the caller's own. `manager`: a session of the User Portal. `anyone`:
   * nobody has to prove who they are; the body does.
   */
  readonly action: Action | 'signedIn' | 'manager' | 'anyone';
  /** Any site may make a browser send this: mail programs do, for what RFC 8058 asks of them. Only for routes that cookies do not open. */
  readonly fromAnywhere?: true;
  readonly tag: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Most bytes of the body, where the usual 1 MB would be too few. */
  readonly largestBody?: number;
  readonly needsIfMatch?: boolean;
  readonly takesIdempotencyKey?: boolean;
  /** The answer carries an `ETag` for a later `If-Match`. */
  readonly answersETag?: boolean;
  readonly success: { readonly status: 200 | 201 | 202 | 204; readonly schema?: z.ZodType; readonly contentType?: string };
  /** Beyond those every route can answer. */
  readonly errors?: readonly ErrorCode[];
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Reply>;
}

/** A route with its types forgotten, as the table holds it. */
export type Route = RouteDefinition<z.ZodType, z.ZodType, z.ZodType>;

/** Checks a definition against its own schemas and makes it an entry of the table. */
export function route<P extends z.ZodType = z.ZodType, Q extends z.ZodType = z.ZodType, B extends z.ZodType = z.ZodType>(
  definition: RouteDefinition<P, Q, B>,
): Route {
  return definition;
}
