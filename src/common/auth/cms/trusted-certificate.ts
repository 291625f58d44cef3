import { X509Certificate } from 'node:crypto';

/**
 * A signing certificate that a CA vouches for at this moment.
 * @throws Error saying what is wrong with it
 */
export function trustedCertificate(signingPem: string, caPem: string, now: Date): X509Certificate {
  const signing = new X509Certificate(signingPem);
  const ca = new X509Certificate(caPem);
  if (!signing.checkIssued(ca) || !signing.verify(ca.publicKey))
    throw new Error('the signing certificate was not issued by the CA');
  for (const one of [signing, ca])
    if (now < one.validFromDate || now > one.validToDate)
      throw new Error(`the certificate of ${one.subject} has ended`);
  return signing;
}
