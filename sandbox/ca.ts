// Makes and keeps the local certificate authority behind the sandbox's https stand-ins: the Azure SDKs refuse to talk to Entra or Graph
// over plain http. Certificates live on real time, never on the sandbox clock, because TLS stacks read the machine's own clock.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** PEM texts for an https server on localhost, and where clients find the authority to trust. */
export interface Authority {
  /** Absolute or caller-relative path of the CA certificate; the value for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

const dayInMilliseconds = 86_400_000;
const lifetimeInDays = 365;
const renewBelowDays = 30;

/**
 * Returns the authority kept in `folder`, or makes a new one when there is none, when it is damaged, or when less than 30 days are left.
 *
 * The leaf is valid for localhost, 127.0.0.1 and ::1. The CA's private key is thrown away once the leaf is signed, so that nobody who reads
 * the folder later can sign for other names; a renewal therefore replaces the CA as well.
 *
 * NODE_EXTRA_CA_CERTS is read once, when a Node process starts: give it to child processes, setting it at run time has no effect.
 * @throws Error from the file system when the folder cannot be made or written.
 */
export async function makeAuthority(folder: string): Promise<Authority> {
  const kept = await readAuthority(folder);
  return kept ?? (await renewAuthority(folder));
}

function paths(folder: string): { readonly ca: string; readonly key: string; readonly cert: string } {
  return { ca: join(folder, 'ca.pem'), key: join(folder, 'localhost-key.pem'), cert: join(folder, 'localhost.pem') };
}

async function readAuthority(folder: string): Promise<Authority | undefined> {
  const files = paths(folder);
  try {
    const [ca, key, cert] = await Promise.all([readFile(files.ca, 'utf8'), readFile(files.key, 'utf8'), readFile(files.cert, 'utf8')]);
    return isUsable(ca, key, cert) ? { caFile: files.ca, ca, key, cert } : undefined;
  } catch {
    // Missing and unreadable files mean the same here: make new ones; a folder that cannot be written is reported then.
    return undefined;
  }
}

/** Two sandboxes that start together may have written halves of different pairs, so the three files are checked against each other. */
function isUsable(ca: string, key: string, cert: string): boolean {
  const authority = new X509Certificate(ca);
  const leaf = new X509Certificate(cert);
  const validUntil = Math.min(authority.validToDate.getTime(), leaf.validToDate.getTime());
  return (
    validUntil - Date.now() >= renewBelowDays * dayInMilliseconds &&
    leaf.checkPrivateKey(createPrivateKey(key)) &&
    leaf.verify(authority.publicKey)
  );
}

async function renewAuthority(folder: string): Promise<Authority> {
  const files = paths(folder);
  const made = await makeCertificates();
  await mkdir(folder, { recursive: true });
  await writeFile(files.key, made.key, { mode: 0o600 });
  // `mode` above counts only for new files; an existing one keeps the rights it had.
  await chmod(files.key, 0o600);
  await writeFile(files.cert, made.cert);
  await writeFile(files.ca, made.ca);
  return { caFile: files.ca, ...made };
}

async function makeCertificates(): Promise<{ readonly ca: string; readonly key: string; readonly cert: string }> {
  // A day of slack for machines whose clock was put right after the certificate was made.
  const notBeforeDate = new Date(Date.now() - dayInMilliseconds);
  const notAfterDate = new Date(Date.now() + lifetimeInDays * dayInMilliseconds);
  const common = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', notBeforeDate, notAfterDate } as const;
  const ca = await generate([{ name: 'commonName', value: 'Muster sandbox CA' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { ca: ca.cert, key: leaf.private, cert: leaf.cert };
}
