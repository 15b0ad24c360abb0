import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeAuthority } from './ca.ts';

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-ca-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("Node's fetch in a child process trusts the leaf by name and by address through NODE_EXTRA_CA_CERTS", async () => {
  const authority = await makeAuthority(folder);
  const server = createServer({ key: authority.key, cert: authority.cert }, (_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const script = `
      const answers = [];
      for (const host of ['localhost', '127.0.0.1']) answers.push(await (await fetch('https://' + host + ':${port}/')).text());
      process.stdout.write(answers.join(' '));`;
    const arguments_ = ['--input-type=module', '--eval', script];
    const trusting = await run(process.execPath, arguments_, { env: { ...process.env, NODE_EXTRA_CA_CERTS: authority.caFile } });
    expect(trusting.stdout).toBe('hello hello');
    await expect(run(process.execPath, arguments_)).rejects.toThrow(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('the CA may sign one level of certificates and the leaf may not sign any', async () => {
  const authority = await makeAuthority(folder);
  const ca = new X509Certificate(authority.ca);
  const leaf = new X509Certificate(authority.cert);
  expect(ca.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.checkIssued(ca)).toBe(true);
  expect(leaf.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
});

test('only the owner can read the key, and the key of the CA is not kept', async () => {
  const authority = await makeAuthority(folder);
  expect((await stat(join(folder, 'localhost-key.pem'))).mode & 0o777).toBe(0o600);
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  expect(texts.filter((text) => text.includes('PRIVATE KEY'))).toEqual([authority.key]);
});

test('a second start uses the same authority', async () => {
  const first = await makeAuthority(folder);
  expect(await makeAuthority(folder)).toEqual(first);
});

test('an authority with less than 30 days left is replaced', async () => {
  await makeAuthority(folder);
  const notAfterDate = new Date(Date.now() + 29 * 86_400_000);
  const old = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', algorithm: 'sha256', notAfterDate });
  await writeFile(join(folder, 'ca.pem'), old.cert);
  await writeFile(join(folder, 'localhost.pem'), old.cert);
  await writeFile(join(folder, 'localhost-key.pem'), old.private);
  const renewed = await makeAuthority(folder);
  expect(renewed.cert).not.toBe(old.cert);
  expect(new X509Certificate(renewed.cert).validToDate.getTime()).toBeGreaterThan(Date.now() + 300 * 86_400_000);
});

test('files of different pairs and damaged files are replaced together', async () => {
  const first = await makeAuthority(folder);
  await writeFile(join(folder, 'localhost-key.pem'), (await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })).private);
  const second = await makeAuthority(folder);
  expect(second.key).not.toBe(first.key);
  await writeFile(join(folder, 'ca.pem'), 'not a certificate');
  const third = await makeAuthority(folder);
  expect(new X509Certificate(third.cert).verify(new X509Certificate(third.ca).publicKey)).toBe(true);
});
