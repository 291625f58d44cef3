import type { Credential, Ec2Credential } from './model.ts';

/** @param host `http://host:port` */
export const credentialView = (credential: Credential, host: string) => ({
  ...credential.extra,
  id: credential.id,
  user_id: credential.userId,
  project_id: credential.projectId,
  type: credential.type,
  blob: credential.blob,
  links: { self: `${host}/v3/credentials/${credential.id}` },
});

export const v2Ec2View = ({ access, secret, userId, projectId }: Ec2Credential) => ({
  access,
  secret,
  user_id: userId,
  tenant_id: projectId,
  trust_id: null,
});

/** @param host `http://host:port` */
export const ec2View = (credential: Ec2Credential, host: string) => ({
  ...v2Ec2View(credential),
  links: { self: `${host}/v3/users/${credential.userId}/credentials/OS-EC2/${credential.access}` },
});
