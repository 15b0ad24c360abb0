// Decides what every link a client attaches may do: it is for $cbs, for a queue's $management, for a queue, or refused.

import type { Connection, Container, EventContext, Receiver, Sender } from 'rhea';
import type { Broker, Entity } from './broker.ts';
import { checkToken, covers, type SharedKey } from './claims.ts';
import { manage } from './management.ts';
import { type Pump, serveReceiver } from './receiving.ts';
import {
  type AmqpCondition,
  answerAccepted,
  answerAttach,
  keepTransfersUndecoded,
  messageCodec,
  receivedBytes,
  types,
} from './rhea-internals.ts';
import { serveSender } from './sending.ts';

export interface LinkInput {
  readonly broker: Broker;
  readonly pump: Pump;
  readonly now: () => number;
  /** The key tokens must be signed with; undefined lets everybody in. */
  readonly key: SharedKey | undefined;
}

type Request = Readonly<Record<string, unknown>> & { readonly application_properties?: Readonly<Record<string, unknown>> };

const claimsAddress = '$cbs';
const managementSuffix = '/$management';
const requestCredit = 100;

const notSupported = (what: string): AmqpCondition => ({
  condition: 'amqp:not-implemented',
  description: `The Service Bus stand-in does not support ${what}.`,
});

/** Reads requests from a link and sends each answer to the client's link that the request names in `reply_to`. */
function serveRequests(link: Receiver, answer: (request: Request) => object): void {
  link.add_credit(requestCredit);
  link.on('message', (context: EventContext) => {
    link.add_credit(1);
    const request = messageCodec.decode(receivedBytes(context).content) as Request;
    if (context.delivery !== undefined) answerAccepted(context.delivery);
    const replyTo = request['reply_to'];
    const replyLink = link.connection.find_sender((other: Sender) => other.name === replyTo || other.target?.address === replyTo);
    replyLink?.send({ correlation_id: request['message_id'], ...answer(request) } as unknown as Parameters<Sender['send']>[0]);
  });
}

/** Serves all connections of a container: claims first, then links to queues. */
export function serveConnections(container: Container, { broker, pump, now, key }: LinkInput): void {
  const grants = new WeakMap<Connection, Set<string>>();

  const putToken = (connection: Connection, { application_properties: properties, body }: Request): object => {
    const put = { audience: String(properties?.['name']), type: String(properties?.['type']), token: String(body) };
    const result = key === undefined ? undefined : checkToken(key, put, Date.now() / 1000);
    if (result?.granted === true) grants.set(connection, (grants.get(connection) ?? new Set()).add(result.path));
    const [status, description] = result?.granted === false ? [401, result.reason] : [202, 'Accepted'];
    return { application_properties: { 'status-code': types.wrap_int(status), 'status-description': description } };
  };

  const manageQueue = (entity: Entity, { application_properties: properties, body }: Request): object => {
    const request = { operation: String(properties?.['operation']), body: (body ?? {}) as Readonly<Record<string, unknown>> };
    const reply = manage(entity, request, now());
    return {
      application_properties: {
        statusCode: types.wrap_int(reply.status),
        statusDescription: reply.description,
        ...(reply.condition !== undefined && { errorCondition: types.wrap_symbol(reply.condition) }),
      },
      body: reply.body ?? {},
    };
  };

  const isGranted = (connection: Connection, address: string): boolean =>
    key === undefined || [...(grants.get(connection) ?? [])].some((path) => covers(path, address.toLowerCase()));

  /** Finds what an address names, or why the link is refused. */
  const resolve = (connection: Connection, address: unknown): Entity | AmqpCondition => {
    if (typeof address !== 'string') return notSupported('transactions or links without an address');
    const entity = broker.find(address.toLowerCase().endsWith(managementSuffix) ? address.slice(0, -managementSuffix.length) : address);
    if (!isGranted(connection, address)) return { condition: 'amqp:unauthorized-access', description: `No valid claim for "${address}".` };
    if (entity !== undefined) return entity;
    if (/\/subscriptions\//i.test(address)) return notSupported('topics and subscriptions');
    return { condition: 'amqp:not-found', description: `The messaging entity "${address}" could not be found.` };
  };

  container.on('session_open', ({ session }: EventContext) => {
    if (session !== undefined) keepTransfersUndecoded(session);
  });

  container.on('receiver_open', ({ receiver: link, connection }: EventContext) => {
    if (link === undefined) return;
    const address: unknown = link.target?.address;
    const isManagement = typeof address === 'string' && address.toLowerCase().endsWith(managementSuffix);
    const entity = address === claimsAddress ? undefined : resolve(connection, address);
    if (entity !== undefined && 'condition' in entity) return link.close(entity);
    if (entity?.isDeadLetterQueue === true && !isManagement)
      return link.close({ condition: 'amqp:not-allowed', description: 'A dead-letter queue takes no messages.' });
    link.set_source(link.source ?? {});
    link.set_target({ address: String(address) });
    if (entity === undefined) serveRequests(link, (request) => putToken(connection, request));
    else if (isManagement) serveRequests(link, (request) => manageQueue(entity, request));
    else serveSender(link, entity.queue, now);
  });

  container.on('sender_open', ({ sender: link, connection }: EventContext) => {
    if (link === undefined) return;
    const address: unknown = link.source?.address;
    const entity = address === claimsAddress ? undefined : resolve(connection, address);
    if (entity !== undefined && 'condition' in entity) return link.close(entity);
    if (Object.keys(link.source?.filter ?? {}).some((name) => name.startsWith('com.microsoft:session-filter')))
      return link.close(notSupported('sessions'));
    answerAttach(link, { snd_settle_mode: link.snd_settle_mode, rcv_settle_mode: link.rcv_settle_mode });
    link.set_source({ address: String(address) });
    link.set_target(link.target ?? {});
    const isRequestReply = entity === undefined || String(address).toLowerCase().endsWith(managementSuffix);
    if (!isRequestReply) serveReceiver(link, entity, pump, now);
  });

  // A failing client must not stop the stand-in; without a listener rhea would throw.
  for (const event of ['connection_error', 'session_error', 'receiver_error', 'sender_error', 'protocol_error', 'error'])
    container.on(event, () => undefined);
}
