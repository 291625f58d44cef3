import { sign, verify, type KeyObject, type X509Certificate } from 'node:crypto';
import { der, derChildren, derInteger, derNull, derOid, readDer, tags, type DerValue } from './asn1.ts';

/**
 * Signed messages (CMS SignedData, RFC 5652) in the one form that Keystone's PKI tokens have: the content within, one
 * signer, no attributes, no certificates. `openssl cms -verify -certfile signing_cert.pem` reads them.
 */
export interface CmsSigner {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Why a message is not to be believed. `signer`: made with another certificate than those given. */
export class CmsError extends Error {
  override readonly name = 'CmsError';
  readonly reason: 'malformed' | 'signer' | 'signature';

  constructor(reason: CmsError['reason'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

const signedData = derOid('1.2.840.113549.1.7.2');
const data = derOid('1.2.840.113549.1.7.1');
const rsaEncryption = derOid('1.2.840.113549.1.1.1');
const digests = {
  sha1: derOid('1.3.14.3.2.26'),
  sha256: derOid('2.16.840.1.101.3.4.2.1'),
  sha384: derOid('2.16.840.1.101.3.4.2.2'),
  sha512: derOid('2.16.840.1.101.3.4.2.3'),
} as const;

/** Who signed, as the message says it: the certificate's issuer and its serial number. */
const signerIds = new WeakMap<X509Certificate, Buffer>();
function signerId(certificate: X509Certificate): Buffer {
  let id = signerIds.get(certificate);
  if (!id) {
    const [tbs] = derChildren(readDer(certificate.raw));
    const fields = derChildren(tbs as DerValue);
    const [serial, , issuer] = fields[0]?.tag === tags.context0 ? fields.slice(1) : fields;
    id = der(tags.sequence, (issuer as DerValue).whole, (serial as DerValue).whole);
    signerIds.set(certificate, id);
  }
  return id;
}

/** Signs off the main thread. @returns DER */
export async function cmsSign(content: Buffer, { certificate, key }: CmsSigner): Promise<Buffer> {
  const signature = await new Promise<Buffer>((resolve, reject) => {
    sign('sha256', content, key, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
  const digestAlgorithm = der(tags.sequence, digests.sha256, derNull);
  return der(
    tags.sequence,
    signedData,
    der(
      tags.context0,
      der(
        tags.sequence,
        derInteger(1),
        der(tags.set, digestAlgorithm),
        der(tags.sequence, data, der(tags.context0, der(tags.octetString, content))),
        der(
          tags.set,
          der(
            tags.sequence,
            derInteger(1),
            signerId(certificate),
            digestAlgorithm,
            der(tags.sequence, rsaEncryption, derNull),
            der(tags.octetString, signature),
          ),
        ),
      ),
    ),
  );
}

/** The content of a message that one of these certificates' keys has signed. @throws CmsError */
export function cmsVerify(message: Buffer, certificates: readonly X509Certificate[]): Buffer {
  const { content, signer, digest, signature } = parse(message);
  const certificate = certificates.find((one) => signerId(one).equals(signer));
  if (!certificate) throw new CmsError('signer', 'The message was signed with another certificate.');
  if (!verify(digest, content, certificate.publicKey, signature))
    throw new CmsError('signature', 'The signature is not that of the content.');
  return content;
}

function parse(message: Buffer) {
  try {
    const [type, body] = derChildren(readDer(message)) as [DerValue, DerValue];
    if (!type.whole.equals(signedData)) throw new Error('another kind of message');
    const parts = derChildren(derChildren(body)[0] as DerValue);
    const [, wrapped] = derChildren(parts[2] as DerValue);
    const content = derChildren(wrapped as DerValue)[0] as DerValue;
    const signers = derChildren(parts.at(-1) as DerValue);
    // version, signer, digest algorithm, signature algorithm, signature: with attributes there are more.
    const fields = derChildren(signers[0] as DerValue);
    if (signers.length !== 1 || fields.length !== 5) throw new Error('another form of signature');
    const [, signer, algorithm, , signature] = fields as [DerValue, DerValue, DerValue, DerValue, DerValue];
    const oid = derChildren(algorithm)[0] as DerValue;
    const digest = Object.entries(digests).find(([, known]) => known.equals(oid.whole))?.[0];
    if (digest === undefined) throw new Error('an unknown digest');
    return { content: content.contents, signer: signer.whole, digest, signature: signature.contents };
  } catch (cause) {
    throw new CmsError('malformed', 'It is no signed message of the form that Keystone makes.', cause);
  }
}
