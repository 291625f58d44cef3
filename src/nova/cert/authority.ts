import {
  createPrivateKey,
  createPublicKey,
  privateDecrypt,
  constants,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { mkdir, readFile, rename, rm, link, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { certificate, nameOf, newRsaKey, newSerial, revocationList } from './x509.ts';

/** Where one authority keeps its files, as `ca_path`, `ca_file`, `key_file` and `crl_file` say. */
export interface AuthorityFiles {
  readonly folder: string;
  readonly certificate: string;
  readonly key: string;
  readonly list: string;
}

/** An authority: its certificate and the key that signs. */
export interface Authority {
  readonly pem: string;
  readonly subject: string;
  /** Made and signed here; the private key is given away and kept nowhere. */
  issue(subject: string, now: Date): Promise<{ privateKey: string; certificate: string; serial: string }>;
  /** The list of revoked certificates, also written to its file. */
  list(revoked: readonly { readonly serial: string; readonly at: Date }[], now: Date): Promise<string>;
  /** RSA with PKCS #1 padding, as image bundles use it. */
  decrypt(text: Buffer): Buffer;
  /** A certificate for an authority below this one. */
  sign(subject: string, key: KeyObject, now: Date): string;
}

const YEARS_10 = 3650;
const rootSubject = '/C=US/ST=California/O=OpenStack/OU=NovaDev/CN=NOVA-ROOT';

const missing = (error: unknown): null => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
};

/** Written beside and renamed: nobody reads half a file, whenever the process ends. */
async function replace(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text, { mode });
  await rename(temporary, path);
}

/** As `replace`, but who comes first wins: two processes that make a key at once must end with one. */
async function createOnce(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: mode === 0o600 ? 0o700 : 0o755 });
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text, { mode });
  try {
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Opens an authority, and makes it when it is not there: first the key, then the certificate, so that a crash between them
 * leaves a key that the next start signs for.
 * @param parent who signs its certificate; null makes a root, which signs itself
 */
export async function openAuthority(
  files: AuthorityFiles,
  options: { readonly subject?: string; readonly parent: Authority | null; readonly now: Date },
): Promise<Authority> {
  const [keyPath, certificatePath] = [join(files.folder, files.key), join(files.folder, files.certificate)];
  let keyText = await readFile(keyPath, 'utf8').catch(missing);
  if (keyText === null) {
    const { privateKey } = await newRsaKey();
    await createOnce(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, 0o600);
    keyText = await readFile(keyPath, 'utf8');
  }
  const key = createPrivateKey(keyText);
  const publicKey = createPublicKey(key);
  let pem = await readFile(certificatePath, 'utf8').catch(missing);
  if (pem === null || !new X509Certificate(pem).checkPrivateKey(key)) {
    const subject = options.subject ?? rootSubject;
    const made =
      options.parent?.sign(subject, publicKey, options.now) ??
      certificate({
        subject,
        issuer: nameOf(subject),
        publicKey,
        signingKey: key,
        issuerKey: publicKey,
        serial: newSerial(),
        from: options.now,
        days: YEARS_10,
        authority: true,
      });
    await replace(certificatePath, made, 0o644);
    pem = made;
  }
  return authorityOf(files, key, publicKey, pem);
}

function authorityOf(files: AuthorityFiles, key: KeyObject, publicKey: KeyObject, pem: string): Authority {
  // `C=US\nST=…`, one attribute a line
  const subject = `/${new X509Certificate(pem).subject.split('\n').join('/')}`;
  const issuer = nameOf(subject);
  const shared = { issuer, signingKey: key, issuerKey: publicKey };
  return {
    pem,
    subject,
    sign: (name, itsKey, now) =>
      certificate({
        ...shared,
        subject: name,
        publicKey: itsKey,
        serial: newSerial(),
        from: now,
        days: YEARS_10,
        authority: true,
      }),
    async issue(name, now) {
      const pair = await newRsaKey();
      const serial = newSerial();
      const signed = certificate({
        ...shared,
        subject: name,
        publicKey: pair.publicKey,
        serial,
        from: now,
        days: 365,
        authority: false,
      });
      return {
        privateKey: pair.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
        certificate: signed,
        serial: serial.toString('hex'),
      };
    },
    async list(revoked, now) {
      const text = revocationList({ ...shared, number: Math.floor(now.getTime() / 1000), now, revoked });
      await replace(join(files.folder, files.list), text, 0o644);
      return text;
    },
    decrypt: (text) => privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, text),
  };
}
