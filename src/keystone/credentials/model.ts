import type { Extra } from '../api/extra.ts';

/** A secret that a user keeps for another service; `ec2` ones are key pairs for the EC2 API. */
export interface Credential {
  readonly id: string;
  readonly userId: string;
  readonly projectId: string | null;
  readonly type: string;
  readonly blob: string;
  readonly extra: Extra;
}

/** An `ec2` credential as its API shows it. */
export interface Ec2Credential {
  readonly access: string;
  readonly secret: string;
  readonly userId: string;
  readonly projectId: string;
}

/** A credential as it is kept: `blob` encrypted with the key of that name, unless null. */
export interface SealedCredential extends Credential {
  readonly encryptedBy: string | null;
}

export interface CredentialFilter {
  readonly userId?: string | undefined;
  readonly type?: string | undefined;
}
