import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { NovaApi } from './api.ts';

interface Certificate {
  readonly data: string;
  readonly private_key: string;
}

/** @throws CommandError for a file that is there: keys are not overwritten */
function refuseExisting(path: string, what: string): void {
  if (existsSync(path)) throw new CommandError(`Unable to write ${what} - ${path} exists.`);
}

export const certificateCommands: readonly Command<NovaApi>[] = [
  {
    name: 'x509-create-cert',
    summary: 'Create x509 cert for a user in tenant.',
    arguments: [
      {
        name: '<private-key-filename>',
        count: 'optional',
        help: 'Filename for the private key [Default: pk.pem].',
      },
      {
        name: '<x509-cert-filename>',
        count: 'optional',
        help: 'Filename for the X.509 certificate [Default: cert.pem].',
      },
    ],
    async run(api, given) {
      const keyFile = given.text('private-key-filename') ?? 'pk.pem';
      const certFile = given.text('x509-cert-filename') ?? 'cert.pem';
      refuseExisting(keyFile, 'privatekey');
      refuseExisting(certFile, 'x509 cert');
      const { certificate } = await api.call<{ certificate: Certificate }>('POST', '/os-certificates', {});
      await writeFile(keyFile, certificate.private_key, { mode: 0o400, flag: 'wx' });
      api.shell.out(`Wrote private key to ${keyFile}\n`);
      await writeFile(certFile, certificate.data);
      api.shell.out(`Wrote x509 certificate to ${certFile}\n`);
    },
  },
  {
    name: 'x509-get-root-cert',
    summary: 'Fetch the x509 root cert.',
    arguments: [
      { name: '<filename>', count: 'optional', help: 'Filename to write the x509 root cert [Default: cacert.pem].' },
    ],
    async run(api, given) {
      const file = given.text('filename') ?? 'cacert.pem';
      refuseExisting(file, 'x509 root cert');
      const { certificate } = await api.call<{ certificate: Certificate }>('GET', '/os-certificates/root');
      await writeFile(file, certificate.data);
      api.shell.out(`Wrote x509 root cert to ${file}\n`);
    },
  },
];
