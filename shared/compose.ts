// Fills the ports for the deployed app. The only file that knows which service is behind a port; every difference between Azure and
// the sandbox is a setting.
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ManagedIdentityCredential } from '@azure/identity';
import { makeCredentialFor } from './adapters/entra-credentials.ts';
import { makeSignIn } from './adapters/entra-sign-in.ts';
import { makeMailSender } from './adapters/email.ts';
import { makeOpenDirectory } from './adapters/graph.ts';
import { makeLog } from './adapters/log.ts';
import { makePasswords } from './adapters/passwords.ts';
import { makeMailQueue } from './adapters/mail-queue.ts';
import { makeResetQueue } from './adapters/reset-queue.ts';
import type { ServiceBusAccess } from './adapters/service-bus-sender.ts';
import { makeStorageMeter } from './adapters/storage-meter.ts';
import { createMissingTables, makeTables, type TablesAccess } from './adapters/tables.ts';
import { makeUserIndex } from './adapters/user-index-tables.ts';
import type { Config } from './config.ts';
import { indexScope } from './storage/users.ts';
import type { Clock, Ids } from './ports/clock.ts';
import type { Ports } from './ports/ports.ts';

const clock: Clock = { now: () => new Date() };

const idLetters = 'abcdefghijklmnopqrstuvwxyz234567';
const ids: Ids = {
  newId: () => [...randomBytes(20)].map((byte) => idLetters[byte % 32]).join(''),
  newUuid: () => randomUUID(),
  newSecret: () => randomBytes(32).toString('base64url'),
};

function identityOf({ entra }: Config): ManagedIdentityCredential {
  return new ManagedIdentityCredential(entra.managedIdentityClientId === null ? {} : { clientId: entra.managedIdentityClientId });
}

function accessOf({ tables }: Config, credential: ManagedIdentityCredential): TablesAccess {
  return tables.kind === 'connectionString' ? tables : { kind: 'identity', endpoint: tables.endpoint, credential };
}

/** Connects every port to the service the settings name. Nothing is requested before the first use. */
export function composePorts(config: Config): Ports {
  const identity = identityOf(config);
  const { meter, policy } = makeStorageMeter();
  const serviceBus: ServiceBusAccess =
    config.serviceBus.kind === 'connectionString'
      ? { connectionString: config.serviceBus.connectionString }
      : { fullyQualifiedNamespace: config.serviceBus.endpoint, credential: identity };
  const tablesAccess = accessOf(config, identity);
  const log = makeLog();
  const tables = makeTables(tablesAccess, [policy]);
  const secret = config.entra.clientSecret;
  return {
    clock,
    pause: async (milliseconds) => await pause(milliseconds),
    ids,
    random: Math.random,
    tables,
    index: (company, list) =>
      makeUserIndex({ table: tables.lists, scope: indexScope(company), index: list, now: () => clock.now().getTime(), newId: ids.newId }),
    storageMeter: meter,
    openDirectory: makeOpenDirectory({
      baseUrl: config.graphBaseUrl,
      credentialFor: makeCredentialFor({
        clientId: config.entra.clientId,
        authorityHost: config.entra.authorityHost,
        ...(secret === null ? {} : { clientSecret: secret }),
        ...(config.entra.managedIdentityClientId === null ? {} : { managedIdentityClientId: config.entra.managedIdentityClientId }),
      }),
      clock,
    }),
    signIn: makeSignIn({
      authorityHost: config.entra.authorityHost,
      signInHost: config.entra.signInHost,
      clientId: config.entra.clientId,
      clientSecret: secret,
      assertion: async () => (await identity.getToken('api://AzureADTokenExchange/.default')).token,
      clock,
    }),
    passwords: makePasswords(),
    mailSender: makeMailSender(
      config.email.kind === 'connectionString'
        ? { connectionString: config.email.connectionString }
        : { endpoint: config.email.endpoint, credential: identity },
      { senderAddress: config.mail.sender },
    ),
    mailQueue: makeMailQueue(serviceBus, { queueName: 'mail' }),
    resetQueue: makeResetQueue(serviceBus, { queueName: 'password-resets' }),
    operation: {
      publicUrl: config.publicUrl,
      homeTenantId: config.entra.homeTenantId,
      tokenSigningKey: config.tokenSigningKey,
      mailQuota: { perMinute: config.mail.perMinute, perHour: config.mail.perHour },
      operatorMail: config.mail.operator,
      maxRunningSyncs: config.maxRunningSyncs,
    },
    log,
  };
}

/** Creates the tables that are missing; run once when the app starts. */
export async function prepareStorage(config: Config): Promise<void> {
  await createMissingTables(accessOf(config, identityOf(config)));
}
