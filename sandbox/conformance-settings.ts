// The settings a person has given for real services, and for each service what is still missing before it can be tried.
import { type Config, readConfig } from '../shared/config.ts';
import { readLocalSettings } from './local-settings.ts';

/** Stand in for what is not given, so that one service can be tried without the others. No step that runs ever uses one. */
const fillers = {
  ENTRA_CLIENT_ID: '00000000-0000-0000-0000-000000000000',
  HOME_TENANT_ID: '00000000-0000-0000-0000-000000000000',
  TABLES_CONNECTION__tableServiceUri: 'https://unset.invalid',
  SERVICEBUS_CONNECTION__fullyQualifiedNamespace: 'unset.invalid',
  EMAIL_CONNECTION__endpoint: 'https://unset.invalid',
  MAIL_SENDER: 'unset@unset.invalid',
  PUBLIC_URL: 'https://unset.invalid',
  TOKEN_SIGNING_KEY: 'unset'.repeat(8),
} as const;

export type ServiceName = 'storage' | 'queue' | 'entra' | 'mail';

export interface GivenSettings {
  readonly config: Config;
  /** For each service, what to set before it can be tried; null when everything is there. */
  readonly missing: Readonly<Record<ServiceName, string | null>>;
  /** What only the app itself would need in addition. */
  readonly missingForApp: readonly string[];
}

/** Each sentence of `readConfig` about a setting, on one line. */
function readWhatIsGiven(values: Readonly<Record<string, string>>): Config {
  try {
    return readConfig(values);
  } catch (error) {
    const sentences = error instanceof Error ? error.message.split('\n- ').slice(1) : [];
    throw sentences.length === 0 ? error : new Error(sentences.join(' '));
  }
}

/**
 * Reads local.settings.json in `folder` and the environment, which wins.
 * @throws Error naming each setting that is wrong, never its value.
 */
export function readGivenSettings(folder: string, environment: Readonly<Record<string, string | undefined>>): GivenSettings {
  const given = readLocalSettings(folder, environment);
  const has = (name: string) => name in given;
  const config = readWhatIsGiven({ ...fillers, ...given });
  const proof = has('ENTRA_CLIENT_SECRET') || has('MANAGED_IDENTITY_CLIENT_ID');
  return {
    config,
    missing: {
      storage: wanted([
        [has('TABLES_CONNECTION') || has('TABLES_CONNECTION__tableServiceUri'), 'TABLES_CONNECTION or TABLES_CONNECTION__tableServiceUri'],
      ]),
      queue: wanted([
        [
          has('SERVICEBUS_CONNECTION') || has('SERVICEBUS_CONNECTION__fullyQualifiedNamespace'),
          'SERVICEBUS_CONNECTION or SERVICEBUS_CONNECTION__fullyQualifiedNamespace',
        ],
      ]),
      entra: wanted([
        [has('ENTRA_CLIENT_ID'), 'ENTRA_CLIENT_ID'],
        [proof, 'ENTRA_CLIENT_SECRET or MANAGED_IDENTITY_CLIENT_ID'],
      ]),
      mail: wanted([
        [has('EMAIL_CONNECTION') || has('EMAIL_CONNECTION__endpoint'), 'EMAIL_CONNECTION or EMAIL_CONNECTION__endpoint'],
        [has('MAIL_SENDER'), 'MAIL_SENDER'],
      ]),
    },
    missingForApp: (['HOME_TENANT_ID', 'PUBLIC_URL', 'TOKEN_SIGNING_KEY'] as const).filter((name) => !has(name)),
  };
}

const inert = { kind: 'identity', endpoint: 'https://unset.invalid' } as const;

/** The configuration with one service only, so that a connection string that cannot be read hinders nothing but its own service. */
export function onlyWith(service: 'tables' | 'email' | 'none', config: Config): Config {
  const keep = (name: typeof service, access: Config['tables']): Config['tables'] => (name === service ? access : inert);
  return { ...config, tables: keep('tables', config.tables), email: keep('email', config.email), serviceBus: inert };
}

function wanted(settings: readonly (readonly [isGiven: boolean, name: string])[]): string | null {
  const lacking = settings.filter(([isGiven]) => !isGiven).map(([, name]) => name);
  return lacking.length === 0 ? null : `Set ${lacking.join(', and ')}.`;
}
