import { createHash, generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import * as der from './der.ts';

/** Attribute types of a distinguished name. */
const attributes: Readonly<Record<string, string>> = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
};
const sha256WithRsa = (): Buffer => der.sequence(der.oid('1.2.840.113549.1.1.11'), der.nothing());

/** A name in OpenSSL's spelling, `/C=US/O=OpenStack/CN=x`. A slash in a value is part of it unless `KEY=` follows. */
export function nameOf(subject: string): Buffer {
  const parts = subject.split(/\/(?=(?:C|ST|L|O|OU|CN)=)/).filter((part) => part !== '');
  return der.sequence(
    ...parts.map((part) => {
      const equals = part.indexOf('=');
      const type = attributes[part.slice(0, equals)] as string;
      const value = part.slice(equals + 1);
      // Countries are two letters of ASCII and stand in a PrintableString.
      const text = part.startsWith('C=') ? der.element(0x13, Buffer.from(value, 'latin1')) : der.utf8(value);
      return der.set(der.sequence(der.oid(type), text));
    }),
  );
}

export interface CertificateRequest {
  readonly subject: string;
  /** DER of a name: the issuer's, as it stands in its own certificate. */
  readonly issuer: Buffer;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  /** The issuer's public key: certificates say whose key signed them. */
  readonly issuerKey: KeyObject;
  readonly serial: Buffer;
  readonly from: Date;
  readonly days: number;
  readonly authority: boolean;
  /** Windows' name of the user, `user@domain`. */
  readonly principal?: string;
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const keyId = (key: KeyObject): Buffer => createHash('sha1').update(spki(key)).digest();

const signed = (content: Buffer, key: KeyObject): Buffer =>
  der.sequence(content, sha256WithRsa(), der.bits(sign('sha256', content, key)));

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octets(value));

/** A certificate of version 3, PEM. */
export function certificate(request: CertificateRequest): string {
  const { authority, from, days } = request;
  const until = new Date(from.getTime() + days * 86_400_000);
  const extensions = [
    extension('2.5.29.19', true, authority ? der.sequence(der.boolean(true)) : der.sequence()),
    // An authority signs certificates and lists; a user's key signs and takes keys.
    extension('2.5.29.15', true, authority ? der.bits(Buffer.of(0x06), 1) : der.bits(Buffer.of(0xa0), 5)),
    extension('2.5.29.14', false, der.octets(keyId(request.publicKey))),
    extension('2.5.29.35', false, der.sequence(der.element(0x80, keyId(request.issuerKey)))),
    ...(authority ? [] : [extension('2.5.29.37', false, der.sequence(der.oid('1.3.6.1.5.5.7.3.2')))]),
  ];
  if (request.principal !== undefined)
    extensions.push(
      extension(
        '2.5.29.17',
        false,
        der.sequence(
          der.explicit(
            0,
            Buffer.concat([der.oid('1.3.6.1.4.1.311.20.2.3'), der.explicit(0, der.utf8(request.principal))]),
          ),
        ),
      ),
    );
  const content = der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(request.serial),
    sha256WithRsa(),
    request.issuer,
    der.sequence(der.time(from), der.time(until)),
    nameOf(request.subject),
    spki(request.publicKey),
    der.explicit(3, der.sequence(...extensions)),
  );
  return der.pem('CERTIFICATE', signed(content, request.signingKey));
}

/** A list of revoked certificates, PEM. @param revoked serials in hex, with the time of their revocation */
export function revocationList(list: {
  readonly issuer: Buffer;
  readonly signingKey: KeyObject;
  readonly issuerKey: KeyObject;
  readonly number: number;
  readonly now: Date;
  readonly revoked: readonly { readonly serial: string; readonly at: Date }[];
}): string {
  const entries = list.revoked.map(({ serial, at }) =>
    der.sequence(der.integer(Buffer.from(serial, 'hex')), der.time(at)),
  );
  const content = der.sequence(
    der.integer(1),
    sha256WithRsa(),
    list.issuer,
    der.time(list.now),
    der.time(new Date(list.now.getTime() + 30 * 86_400_000)),
    // The list itself is left out when it is empty.
    ...(entries.length > 0 ? [der.sequence(...entries)] : []),
    der.explicit(
      0,
      der.sequence(
        extension('2.5.29.35', false, der.sequence(der.element(0x80, keyId(list.issuerKey)))),
        extension('2.5.29.20', false, der.integer(list.number)),
      ),
    ),
  );
  return der.pem('X509 CRL', signed(content, list.signingKey));
}

export const newRsaKey = (): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> =>
  promisify(generateKeyPair)('rsa', { modulusLength: 2048 });

/** Sixteen random bytes, positive: nobody can guess the next one, and no two are alike. */
export function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  return serial;
}
