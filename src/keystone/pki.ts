import { existsSync, mkdirSync, rmSync, chmodSync, chownSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import { CommandError, type Run } from '#common/host/run.ts';
import type { KeystoneConfig } from './config.ts';

type CertificateConfig = Omit<KeystoneConfig['signing'], 'token_format'>;

export interface PkiDeps {
  readonly config: CertificateConfig;
  readonly run: Run;
  /** One line of a program's progress. */
  readonly report: (line: string) => void;
}

export interface PkiOptions {
  /** Makes everything anew. */
  readonly rebuild: boolean;
  /** Whose the files are to be, by name. */
  readonly user?: string | undefined;
  readonly group?: string | undefined;
}

/**
 * Makes what is absent of a CA, a key and a certificate that it issues, by openssl, in the files of Icehouse's
 * `keystone-manage pki_setup`. May be interrupted: the next run makes the rest.
 * @throws StartupError for an account that is not there, or when openssl is missing or fails
 */
export async function setupCertificates({ config, run, report }: PkiDeps, options: PkiOptions): Promise<void> {
  const owner = await ownerOf(run, options);
  const certs = dirname(config.ca_certs);
  const files = {
    conf: join(certs, 'openssl.conf'),
    index: join(certs, 'index.txt'),
    serial: join(certs, 'serial'),
    request: join(certs, 'req.pem'),
  };
  if (options.rebuild)
    for (const path of [...Object.values(files), config.certfile, config.keyfile, config.ca_certs, config.ca_key])
      rmSync(path, { force: true });

  const folders = [certs, dirname(config.certfile), dirname(config.ca_key), dirname(config.keyfile)];
  for (const folder of new Set(folders)) {
    const isPrivate = folder === dirname(config.ca_key) || folder === dirname(config.keyfile);
    mkdirSync(folder, { recursive: true });
    own(folder, owner, isPrivate && folder !== certs ? 0o750 : 0o755);
  }
  const text = (path: string, contents: string): void => {
    if (!existsSync(path)) writeFileSync(path, contents);
    own(path, owner, 0o640);
  };
  text(files.conf, opensslConf(certs, config));
  text(files.index, '');
  text(files.serial, '01');

  // The password goes by the environment: arguments are for everybody to read.
  const { ca_password: password } = config;
  const env = { OPENSSL_CONF: files.conf, ...(password !== null && { IGLOO_CA_PASSWORD: password }) };
  const passin = password === null ? [] : ['-passin', 'env:IGLOO_CA_PASSWORD'];
  const openssl = async (path: string, mode: number, args: readonly string[]): Promise<void> => {
    if (!existsSync(path)) {
      try {
        const { stderr } = await run(['openssl', ...args], { env });
        for (const line of stderr.split('\n').filter((one) => one.trim() !== '')) report(line);
      } catch (cause) {
        rmSync(path, { force: true });
        const missing = cause instanceof CommandError && cause.status === null;
        throw new StartupError(
          missing
            ? 'openssl is missing: install the package openssl.'
            : `${path} could not be made: ${(cause as Error).message}`,
          { cause },
        );
      }
    }
    own(path, owner, mode);
  };
  const { ca_key: caKey, ca_certs: caCert, keyfile, certfile, cert_subject: subject } = config;
  const [bits, days] = [String(config.key_size), String(config.valid_days)];
  const encrypted = password === null ? [] : ['-aes256', '-passout', 'env:IGLOO_CA_PASSWORD'];
  await openssl(caKey, 0o640, ['genrsa', ...encrypted, '-out', caKey, bits]);
  await openssl(caCert, 0o644, [
    ...['req', '-new', '-x509', '-extensions', 'v3_ca', '-key', caKey, ...passin],
    ...['-out', caCert, '-days', days, '-config', files.conf, '-subj', subject],
  ]);
  await openssl(keyfile, 0o640, ['genrsa', '-out', keyfile, bits]);
  // Another certificate of the same CA may have left its own request.
  if (!existsSync(certfile)) rmSync(files.request, { force: true });
  await openssl(files.request, 0o640, [
    ...['req', '-key', keyfile, '-new', '-out', files.request, '-config', files.conf, '-subj', subject],
  ]);
  await openssl(certfile, 0o644, [
    ...['ca', '-batch', '-notext', '-out', certfile, '-config', files.conf, '-days', days, '-cert', caCert],
    ...['-keyfile', caKey, ...passin, '-infiles', files.request],
  ]);
  for (const name of readdirSync(certs)) if (statSync(join(certs, name)).isFile()) own(join(certs, name), owner, null);
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** @param mode null leaves it */
function own(path: string, owner: Owner | null, mode: number | null): void {
  if (mode !== null) chmodSync(path, mode);
  if (!owner) return;
  try {
    chownSync(path, owner.uid, owner.gid);
  } catch (cause) {
    throw new StartupError(`${path} could not be given to its owner: ${(cause as Error).message}. Run it as root.`, {
      cause,
    });
  }
}

/** Null when no account is named. @throws StartupError */
async function ownerOf(run: Run, { user, group }: PkiOptions): Promise<Owner | null> {
  if (user === undefined && group === undefined) return null;
  const id = async (database: 'passwd' | 'group', name: string | undefined, option: string): Promise<number> => {
    if (name === undefined) return -1;
    const { stdout } = await run(['getent', database, name], { ok: [0, 2] });
    const number = stdout.split(':')[2];
    if (number === undefined)
      throw new StartupError(`Unknown ${database === 'passwd' ? 'user' : 'group'} '${name}' in --${option}`);
    return Number(number);
  };
  return { uid: await id('passwd', user, 'keystone-user'), gid: await id('group', group, 'keystone-group') };
}

const opensslConf = (folder: string, config: CertificateConfig): string => `# Made by keystone-manage.
[ ca ]
default_ca = CA_default

[ CA_default ]
dir = ${folder}
new_certs_dir = ${folder}
serial = ${join(folder, 'serial')}
database = ${join(folder, 'index.txt')}
certificate = ${config.ca_certs}
private_key = ${config.ca_key}
default_days = ${config.valid_days}
default_md = sha256
preserve = no
email_in_dn = no
unique_subject = no
policy = policy_any
x509_extensions = v3_req

[ policy_any ]
countryName = supplied
stateOrProvinceName = supplied
organizationName = supplied
organizationalUnitName = optional
emailAddress = optional
commonName = supplied

[ req ]
default_bits = ${config.key_size}
default_md = sha256
distinguished_name = req_distinguished_name
string_mask = utf8only

[ req_distinguished_name ]

[ v3_req ]
basicConstraints = CA:FALSE
keyUsage = digitalSignature, keyEncipherment, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid

[ v3_ca ]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
basicConstraints = critical, CA:TRUE
keyUsage = critical, cRLSign, keyCertSign
`;
