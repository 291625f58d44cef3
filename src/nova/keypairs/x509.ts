import { certificate, nameOf, newRsaKey, newSerial } from '../cert/x509.ts';

/** A pair whose public half is a certificate that signs itself, for guests that know their users by such (WinRM). */
export async function generateX509Key(userId: string, now: Date): Promise<{ publicKey: string; privateKey: string }> {
  const { publicKey, privateKey } = await newRsaKey();
  const subject = `/CN=${userId.replace(/[^\w.@-]/g, '-')}`;
  return {
    publicKey: certificate({
      subject,
      issuer: nameOf(subject),
      publicKey,
      signingKey: privateKey,
      issuerKey: publicKey,
      serial: newSerial(),
      from: now,
      days: 3650,
      authority: false,
      principal: `${userId}@localhost`,
    }),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}
