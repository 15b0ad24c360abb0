// The environment, read once and checked: a wrong or missing setting stops the start with a sentence that names it.
import * as z from 'zod';

const url = (name: string) => z.url({ error: `${name} must be an absolute URL.` }).transform((text) => text.replace(/\/+$/, ''));
const guid = (name: string) => z.guid({ error: `${name} must be a GUID.` }).transform((text) => text.toLowerCase());
const text = (name: string) => z.string({ error: `${name} is missing.` }).min(1, { error: `${name} is empty.` });
const whole = (name: string, low: number, high: number) =>
  z.coerce
    .number({ error: `${name} must be a number.` })
    .int()
    .min(low, { error: `${name} must be at least ${low}.` })
    .max(high);

const schema = z.object({
  GRAPH_BASE_URL: url('GRAPH_BASE_URL').default('https://graph.microsoft.com'),
  ENTRA_AUTHORITY_HOST: url('ENTRA_AUTHORITY_HOST').default('https://login.microsoftonline.com'),
  ENTRA_SIGN_IN_HOST: url('ENTRA_SIGN_IN_HOST').optional(),
  ENTRA_CLIENT_ID: guid('ENTRA_CLIENT_ID'),
  ENTRA_CLIENT_SECRET: z.string().min(1).optional(),
  HOME_TENANT_ID: guid('HOME_TENANT_ID'),
  MANAGED_IDENTITY_CLIENT_ID: z.string().min(1).optional(),
  TABLES_CONNECTION: z.string().min(1).optional(),
  TABLES_CONNECTION__tableServiceUri: url('TABLES_CONNECTION__tableServiceUri').optional(),
  SERVICEBUS_CONNECTION: z.string().min(1).optional(),
  SERVICEBUS_CONNECTION__fullyQualifiedNamespace: z.string().min(1).optional(),
  EMAIL_CONNECTION: z.string().min(1).optional(),
  EMAIL_CONNECTION__endpoint: url('EMAIL_CONNECTION__endpoint').optional(),
  MAIL_SENDER: text('MAIL_SENDER'),
  MAIL_PER_MINUTE: whole('MAIL_PER_MINUTE', 1, 1_000_000).default(30),
  MAIL_PER_HOUR: whole('MAIL_PER_HOUR', 1, 1_000_000).default(100),
  OPERATOR_MAIL: z.email({ error: 'OPERATOR_MAIL must be a mail address.' }).optional(),
  PUBLIC_URL: url('PUBLIC_URL'),
  TOKEN_SIGNING_KEY: text('TOKEN_SIGNING_KEY').min(32, { error: 'TOKEN_SIGNING_KEY needs at least 32 characters of randomness.' }),
  MAX_RUNNING_SYNCS: whole('MAX_RUNNING_SYNCS', 1, 5000).default(200),
});

/** Every setting the app reads. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

type Access =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly endpoint: string };

export interface Config {
  readonly graphBaseUrl: string;
  readonly entra: {
    readonly authorityHost: string;
    /** Where people's browsers are sent; the same as `authorityHost` unless a front door stands before it. */
    readonly signInHost: string;
    readonly clientId: string;
    readonly clientSecret: string | null;
    readonly homeTenantId: string;
    readonly managedIdentityClientId: string | null;
  };
  readonly tables: Access;
  readonly serviceBus: Access;
  readonly email: Access;
  readonly mail: { readonly sender: string; readonly perMinute: number; readonly perHour: number; readonly operator: string | null };
  readonly publicUrl: string;
  readonly tokenSigningKey: string;
  readonly maxRunningSyncs: number;
}

function access(name: string, connectionString: string | undefined, endpoint: string | undefined, twin: string): Access {
  if (connectionString !== undefined) return { kind: 'connectionString', connectionString };
  if (endpoint !== undefined) return { kind: 'identity', endpoint };
  throw new Error(`Muster cannot start: set ${name} (a connection string) or ${name}__${twin} (identity-based).`);
}

/**
 * Reads the settings.
 * @throws Error naming each setting that is missing or wrong.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    throw new Error(
      `Muster cannot start:\n${parsed.error.issues.map((issue) => `- ${issue.path.join('.')}: ${issue.message}`).join('\n')}`,
    );
  }
  const settings = parsed.data;
  return {
    graphBaseUrl: settings.GRAPH_BASE_URL,
    entra: {
      authorityHost: settings.ENTRA_AUTHORITY_HOST,
      signInHost: settings.ENTRA_SIGN_IN_HOST ?? settings.ENTRA_AUTHORITY_HOST,
      clientId: settings.ENTRA_CLIENT_ID,
      clientSecret: settings.ENTRA_CLIENT_SECRET ?? null,
      homeTenantId: settings.HOME_TENANT_ID,
      managedIdentityClientId: settings.MANAGED_IDENTITY_CLIENT_ID ?? null,
    },
    tables: access('TABLES_CONNECTION', settings.TABLES_CONNECTION, settings.TABLES_CONNECTION__tableServiceUri, 'tableServiceUri'),
    serviceBus: access(
      'SERVICEBUS_CONNECTION',
      settings.SERVICEBUS_CONNECTION,
      settings.SERVICEBUS_CONNECTION__fullyQualifiedNamespace,
      'fullyQualifiedNamespace',
    ),
    email: access('EMAIL_CONNECTION', settings.EMAIL_CONNECTION, settings.EMAIL_CONNECTION__endpoint, 'endpoint'),
    mail: {
      sender: settings.MAIL_SENDER,
      perMinute: settings.MAIL_PER_MINUTE,
      perHour: settings.MAIL_PER_HOUR,
      operator: settings.OPERATOR_MAIL ?? null,
    },
    publicUrl: settings.PUBLIC_URL,
    tokenSigningKey: settings.TOKEN_SIGNING_KEY,
    maxRunningSyncs: settings.MAX_RUNNING_SYNCS,
  };
}
