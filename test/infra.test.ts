// The Bicep files without a compiler: their symbols, their modules' parameters, the settings and rights the app needs, and no keys.
// Types and API versions are seen only by `az bicep build`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deliveryReportEvent } from '../shared/contracts/delivery-report.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

interface Bicep {
  readonly file: string;
  /** Without comments. */
  readonly text: string;
  /** Texts replaced by '' but for the expressions inside them. */
  readonly code: string;
  readonly parameters: ReadonlyMap<string, { readonly hasDefault: boolean }>;
  readonly outputs: readonly string[];
  /** Parameters, variables, resources and modules. */
  readonly symbols: readonly string[];
}

/** Replaces each text by '' and the expressions in it, `'a${b}c'` by `''(b)`; innermost first, so that they may nest. */
function withoutTexts(text: string): string {
  let code = text;
  for (let before = ''; before !== code; ) {
    before = code;
    code = code.replace(
      /'((?:[^'\\$\n]|\\.|\$(?!\{)|\$\{[^{}']*\})*)'/g,
      (_, inside: string) => [...inside.matchAll(/\$\{([^{}']*)\}/g)].map(([, expression]) => `(${expression ?? ''})`).join('') || '\u0000',
    );
  }
  return code.replaceAll('\u0000', '""');
}

const all = (text: string, form: RegExp): readonly string[] => [...text.matchAll(form)].map((match) => match[1] ?? '');

function readBicep(file: string): Bicep {
  const text = read('infra', file).replace(/^\s*\/\/.*$/gm, '');
  const parameters = [...text.matchAll(/^param (\w+) \w+( = )?/gm)].map(
    ([, name = '', value]) => [name, { hasDefault: value !== undefined }] as const,
  );
  return {
    file,
    text,
    code: withoutTexts(text),
    parameters: new Map(parameters),
    outputs: all(text, /^output (\w+) /gm),
    symbols: all(text, /^(?:param|var|resource|module) (\w+)\b/gm),
  };
}

const main = readBicep('main.bicep');
const modules = readdirSync(join(root, 'infra', 'modules')).map((name) => readBicep(`modules/${name}`));
const files = [main, ...modules];
const app = readBicep('modules/function-app.bicep');

/** The block in braces that begins at `start`. */
function block(text: string, start: number): string {
  let depth = 0;
  for (let end = text.indexOf('{', start); end < text.length; end += 1) {
    if (text[end] === '{') depth += 1;
    if (text[end] === '}') depth -= 1;
    if (depth === 0) return text.slice(start, end + 1);
  }
  throw new Error('A block is not closed.');
}

/** What main.bicep makes of each module: the file, and the names it passes. */
const calls = [...main.text.matchAll(/^module (\w+) '([^']+)' = /gm)].map((match) => {
  const body = block(main.text, match.index);
  const given = block(body, body.indexOf('params:'));
  return { symbol: match[1] ?? '', file: match[2] ?? '', given: all(given, /^ {4}(\w+): /gm) };
});

describe('the Bicep files', () => {
  it('close every bracket they open', () => {
    for (const { file, code } of files) {
      const open: string[] = [];
      for (const sign of code.match(/[[\](){}]/g) ?? []) {
        if ('[({'.includes(sign)) open.push(sign);
        else expect(`${open.pop() ?? ''}${sign}`, file).toMatch(/^(\[\]|\(\)|\{\})$/);
      }
      expect(open, file).toEqual([]);
      expect(code, file).not.toContain("'");
    }
  });

  it('declare what they use and use what they declare', () => {
    const ofBicep = ['environment', 'subscription', 'tenant', 'resourceGroup'];
    for (const { file, code, symbols } of files) {
      expect(new Set(symbols).size, file).toBe(symbols.length);
      const loops = all(code, /\bfor (\w+) in\b/g);
      const owners = all(code, /(?<![\w.])([A-Za-z]\w*)(?:\(\))?\.[a-z]/g);
      expect(
        owners.filter((name) => ![...symbols, ...loops, ...ofBicep].includes(name)),
        file,
      ).toEqual([]);
      const withoutKeys = code.replace(/^\s+\w+:/gm, '');
      const uses = (name: string) => withoutKeys.match(new RegExp(`(?<![\\w.])${name}\\b`, 'g'))?.length ?? 0;
      // A resource may stand for itself; a module or value nobody uses is a mistake.
      const declared = all(code, /^(?:param|var) (\w+)\b/gm);
      expect(
        declared.filter((name) => uses(name) < 2),
        file,
      ).toEqual([]);
    }
  });

  it('start the worker with the arguments that the sandbox starts it with', () => {
    const argumentsIn = (text: string) => all(text, /'(--heap-growing-percent[^']*)'/g);
    expect(argumentsIn(app.text)).toHaveLength(1);
    expect(argumentsIn(read('sandbox', 'sandbox.ts'))).toEqual(argumentsIn(app.text));
  });

  it('use every plain value by a name that is declared', () => {
    const words = ['true', 'false', 'null'];
    for (const { file, code, symbols } of files) {
      const loops = all(code, /\bfor (\w+) in\b/g);
      const values = all(code, /^\s+\w+: (\w+)$/gm).filter((value) => !/^\d+$/.test(value));
      expect(
        values.filter((value) => ![...symbols, ...loops, ...words].includes(value)),
        file,
      ).toEqual([]);
    }
  });

  it('give every module exactly the parameters it has, and take only outputs it has', () => {
    expect(calls.length).toBeGreaterThan(5);
    for (const { symbol, file, given } of calls) {
      expect(existsSync(join(root, 'infra', file)), file).toBe(true);
      const { parameters, outputs } = readBicep(file);
      const needed = [...parameters].filter(([, { hasDefault }]) => !hasDefault).map(([name]) => name);
      expect(
        needed.filter((name) => !given.includes(name)),
        `${symbol} lacks`,
      ).toEqual([]);
      expect(
        given.filter((name) => !parameters.has(name)),
        `${symbol} does not know`,
      ).toEqual([]);
      const taken = all(main.text, new RegExp(`\\b${symbol}\\.outputs\\.(\\w+)`, 'g'));
      expect(
        taken.filter((name) => !outputs.includes(name)),
        `${symbol} does not put out`,
      ).toEqual([]);
      const everywhere = calls
        .filter((call) => call.file === file)
        .flatMap((call) => all(main.text, new RegExp(`\\b${call.symbol}\\.outputs\\.(\\w+)`, 'g')));
      expect(
        outputs.filter((name) => !everywhere.includes(name)),
        `nobody takes from ${file}`,
      ).toEqual([]);
    }
    expect(modules.map(({ file }) => file).toSorted()).toEqual([...new Set(calls.map(({ file }) => file))].toSorted());
  });

  it('get parameters that main.bicep has, and all that it needs', () => {
    const parametersFile = z.object({ parameters: z.record(z.string(), z.object({ value: z.string() })) });
    const given = Object.keys(parametersFile.parse(JSON.parse(read('infra', 'main.parameters.json'))).parameters);
    expect(given.filter((name) => !main.parameters.has(name))).toEqual([]);
    const needed = [...main.parameters].filter(([, { hasDefault }]) => !hasDefault).map(([name]) => name);
    expect(needed.filter((name) => !given.includes(name))).toEqual([]);
    const kept = /"keepSigningKey": \{ "value": "\$\{(\w+)=false\}" \}/.exec(read('infra', 'main.parameters.json'))?.[1];
    expect(main.outputs).toContain(kept);
  });
});

describe('the deployment', () => {
  it('reads, writes and puts out no key', () => {
    const texts = [
      ...files.map(({ file, text }) => [file, text] as const),
      ['main.parameters.json', read('infra', 'main.parameters.json')] as const,
    ];
    for (const [file, text] of texts) {
      expect(text, file).not.toMatch(/\blist[A-Z]\w*\(|AccountKey|SharedAccessKey|accesskey=|DefaultEndpointsProtocol|WEBSITE_TIME_ZONE/i);
      // The one connection string is that of Application Insights, whose local authentication is off.
      const withoutInsights = text.replace('APPLICATIONINSIGHTS_CONNECTION_STRING', '').replace('insights.properties.ConnectionString', '');
      expect(withoutInsights, file).not.toMatch(/connection_?string/i);
    }
    const of = (name: string) => modules.find(({ file }) => file === `modules/${name}.bicep`)?.text;
    expect(of('storage')).toContain('allowSharedKeyAccess: false');
    const locked = ['service-bus', 'mail', 'monitoring'].map((name) => of(name)?.match(/disableLocalAuth: true/gi)?.length);
    // The workspace and Application Insights each have their own switch.
    expect(locked).toEqual([1, 1, 2]);
  });

  it('gives the identity every right it needs, by known role ids', () => {
    const known: ReadonlyMap<string, string> = new Map([
      ['b7e6dc6d-f1e8-4753-8033-0f276bb0955b', 'Storage Blob Data Owner'],
      ['974c5e8b-45b9-4653-ba55-5f855dd0fb88', 'Storage Queue Data Contributor'],
      ['0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3', 'Storage Table Data Contributor'],
      ['4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0', 'Azure Service Bus Data Receiver'],
      ['69a216fc-b8fb-44d8-bc22-1f3c2cd27a39', 'Azure Service Bus Data Sender'],
      ['09976791-48a7-449e-bb21-39d1a415f350', 'Communication and Email Service Owner'],
      ['3913510d-42f4-4e42-8a64-420c390055eb', 'Monitoring Metrics Publisher'],
      ['4633458b-17de-408a-b874-0445c86b69e6', 'Key Vault Secrets User'],
    ]);
    const guids = files.flatMap(({ text }) => all(text, /'([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'/g));
    expect(guids.toSorted()).toEqual([...known.keys()].toSorted());
    const storageRoles = all(readBicep('modules/storage.bicep').text, /^ {2}(\w+): '[0-9a-f-]{36}'$/gm);
    const used = all(main.text, /^ {4}roles: \[(.*)\]$/gm).map((list) => all(list, /'(\w+)'/g));
    expect(used).toEqual([storageRoles, ['tableDataContributor']]);
  });

  it('makes the queues that the app sends to and listens to, and their rules', () => {
    const made = all(main.text, /[qQ]ueueName: '([\w-]+)'/g);
    expect(made).toEqual(['mail', 'password-resets', 'mail-reports']);
    expect(all(read('functions', 'index.ts'), /queueName: '([\w-]+)'/g)).toEqual(made);
    expect(all(read('shared', 'compose.ts'), /queueName: '([\w-]+)'/g)).toEqual(['mail', 'password-resets']);
    const queue = readBicep('modules/service-bus.bicep').text;
    for (const rule of [
      'requiresDuplicateDetection: true',
      "'PT10M'",
      'deadLetteringOnMessageExpiration: true',
      'maxDeliveryCount: 10',
      "name: 'Standard'",
    ]) {
      expect(queue).toContain(rule);
    }
  });

  it('brings delivery reports, and nothing else, to the queue the app takes them from', () => {
    const queue = 'mail-reports';
    expect(main.text).toContain(`reportQueueName: '${queue}'`);
    expect(read('functions', 'index.ts')).toContain(`serviceBusQueue('recordDelivery', {\n  queueName: '${queue}'`);
    const subscription = readBicep('modules/mail-reports.bicep').text;
    const { type, specversion } = deliveryReportEvent.shape;
    expect(subscription).toContain(`includedEventTypes: ['${type.value}']`);
    expect(subscription).toContain(`CloudEventSchemaV${specversion.value.replace('.', '_')}`);
    expect(subscription).toMatch(/deliveryWithResourceIdentity: \{\s*identity: \{\s*type: 'SystemAssigned'/);
  });

  it('runs the Node the project is made for', () => {
    expect(/runtime: \{\s*name: 'node'\s*version: '(\d+)'/.exec(app.text)?.[1]).toBe(read('.nvmrc').trim());
    expect(app.text).toContain("name: 'FC1'");
  });

  it('deploys the bundle and what stands beside it, nothing else', () => {
    const rules = read('.funcignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(rules).toEqual(['/*', '!/dist', '!/host.json', '!/package.json']);
    const { main: bundle } = z.object({ main: z.string() }).parse(JSON.parse(read('package.json')));
    expect(bundle).toMatch(/^dist\//);
    expect(read('azure.yaml')).toMatch(/remoteBuild: false\n\s+hooks:\n\s+prepackage:/);
  });
});

describe('the settings', () => {
  /** name → whether the app starts without it, as shared/config.ts has them. */
  const config = new Map(
    [...(/z\.object\(\{\n([\s\S]*?)\n\}\);/.exec(read('shared', 'config.ts'))?.[1] ?? '').matchAll(/^ {2}([A-Z]\w+): (.*),$/gm)].map(
      ([, name = '', rule = '']) => [name, /\.(optional|default)\(/.test(rule)] as const,
    ),
  );
  const set = [...new Set(all(app.text, /\b([A-Z]\w+): /g))].filter((name) => /^[A-Z]+_|^AzureWebJobs/.test(name));
  const sample = z.object({ Values: z.record(z.string(), z.string()) }).parse(JSON.parse(read('local.settings.sample.json'))).Values;
  const byIdentity = [...config.keys()].filter((name) => name.includes('__'));
  const byString = byIdentity.map((name) => name.replace(/__.*/, ''));

  it('are found in shared/config.ts', () => {
    expect(config.size).toBeGreaterThan(15);
    expect(byIdentity).toHaveLength(3);
  });

  it('are all set in Azure, each service by identity', () => {
    // Connection strings and a client secret have no place there; people's browsers go where the app goes.
    const notInAzure = [...byString, 'ENTRA_CLIENT_SECRET', 'ENTRA_SIGN_IN_HOST'];
    expect([...config.keys()].filter((name) => !notInAzure.includes(name) && !set.includes(name))).toEqual([]);
    expect(set.filter((name) => notInAzure.includes(name))).toEqual([]);
  });

  it('that Azure gets are read by the app or by its host', () => {
    const ofTheHost = [
      ...['blobServiceUri', 'queueServiceUri', 'tableServiceUri', 'credential', 'clientId'].map((part) => `AzureWebJobsStorage__${part}`),
      ...['CONNECTION_STRING', 'AUTHENTICATION_STRING'].map((part) => `APPLICATIONINSIGHTS_${part}`),
      // How the trigger signs in to the queue.
      'SERVICEBUS_CONNECTION__credential',
      'SERVICEBUS_CONNECTION__clientId',
    ];
    expect(set.filter((name) => !config.has(name)).toSorted()).toEqual(ofTheHost.toSorted());
  });

  it('are in local.settings.sample.json when the app needs them or they name a service', () => {
    const needed = [...config].filter(([name, startsWithout]) => !startsWithout || byString.includes(name) || /_HOST$|_URL$/.test(name));
    const missing = needed.map(([name]) => name).filter((name) => sample[name] === undefined && name !== 'ENTRA_SIGN_IN_HOST');
    expect(missing).toEqual([]);
    for (const name of byIdentity) expect(sample[name.replace(/__.*/, '')], name).toContain(name);
    expect(Object.keys(sample).filter((name) => !config.has(name))).toEqual(['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage']);
  });
});
