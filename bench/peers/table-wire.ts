// Table Storage by hand: signed requests and multipart transactions as the REST protocol describes them, with as little work as possible.
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';

export interface Wire {
  readonly createTable: (name: string) => Promise<void>;
  /** Up to 1,000 rows of a table, as the service writes them. */
  readonly readRows: (table: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** One transaction of up to 100 rows of one partition. `mustExist` demands that they are there already, as an update does. */
  readonly put: (table: string, partition: string, rows: readonly Row[], mustExist: boolean) => Promise<void>;
  readonly close: () => void;
}

export interface Row {
  readonly key: string;
  /** The JSON of the properties, without the outer braces. */
  readonly properties: string;
}

const version = '2019-02-02';
const boundary = 'batch_6d757374';
const changeset = 'changeset_6d757374';

/** Opens an account by its connection string. Shared Key Lite for the Table service, as "Authorize with Shared Key" describes it. */
export function openWire(connectionString: string, inFlight: number): Wire {
  const setting = (name: string) => new RegExp(`(?:^|;)${name}=([^;]*)`).exec(connectionString)?.[1] ?? '';
  const endpoint = new URL(setting('TableEndpoint'));
  const account = setting('AccountName');
  const key = Buffer.from(setting('AccountKey'), 'base64');
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });

  const send = (method: string, path: string, contentType: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const date = new Date().toUTCString();
      const [resource = ''] = path.split('?');
      const signature = createHmac('sha256', key).update(`${date}\n/${account}${endpoint.pathname}/${resource}`).digest('base64');
      const headers = {
        authorization: `SharedKeyLite ${account}:${signature}`,
        'x-ms-date': date,
        'x-ms-version': version,
        dataserviceversion: '3.0;NetFx',
        accept: 'application/json;odata=minimalmetadata',
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
      };
      const options = { method, agent, host: endpoint.hostname, port: endpoint.port, path: `${endpoint.pathname}/${path}`, headers };
      const outgoing = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          // A refused transaction is a 202 whose part says why.
          if ((response.statusCode ?? 500) >= 300 || /HTTP\/1\.1 [45]\d\d/.test(text)) reject(new Error(text.slice(0, 500)));
          else resolve(text);
        });
        response.on('error', reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });

  return {
    createTable: async (name) => void (await send('POST', 'Tables', 'application/json', JSON.stringify({ TableName: name }))),
    readRows: async (table) => (JSON.parse(await send('GET', `${table}()?$top=1000`, 'application/json', '')) as { value: [] }).value,
    put: async (table, partition, rows, mustExist) => {
      const condition = mustExist ? 'If-Match: *\r\n' : '';
      const parts = rows.map(
        ({ key: row, properties }) =>
          `--${changeset}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n` +
          `PUT ${endpoint.href}/${table}(PartitionKey='${partition}',RowKey='${row}') HTTP/1.1\r\n` +
          `Content-Type: application/json\r\nAccept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0;\r\n${condition}\r\n` +
          `{"PartitionKey":"${partition}","RowKey":"${row}",${properties}}\r\n`,
      );
      const head = `--${boundary}\r\nContent-Type: multipart/mixed; boundary=${changeset}\r\n\r\n`;
      const body = `${head}${parts.join('')}--${changeset}--\r\n--${boundary}--\r\n`;
      await send('POST', '$batch', `multipart/mixed; boundary=${boundary}`, body);
    },
    close: () => agent.destroy(),
  };
}
