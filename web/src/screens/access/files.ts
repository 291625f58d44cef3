import type { SignedIn } from '#api/session-document.ts';

/** What the files say; the password is asked for by the shell, never written. */
type Who = Pick<SignedIn, 'user' | 'project' | 'region' | 'authUrl'>;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** `source openrc.sh`: for `openstack` and the other commands. */
export const openrc = ({ user, project, region, authUrl }: Who): string =>
  `#!/usr/bin/env bash
# For the openstack command and its kin: source ${fileName(project.name)}-openrc.sh
export OS_AUTH_URL=${quoted(authUrl)}
export OS_IDENTITY_API_VERSION=3
export OS_PROJECT_ID=${project.id}
export OS_PROJECT_NAME=${quoted(project.name)}
export OS_PROJECT_DOMAIN_ID=${quoted(project.domain.id)}
export OS_USERNAME=${quoted(user.name)}
export OS_USER_DOMAIN_NAME=${quoted(user.domain.name)}
export OS_REGION_NAME=${quoted(region)}
export OS_INTERFACE=public
unset OS_TENANT_ID OS_TENANT_NAME
printf 'Password of %s: ' "$OS_USERNAME" >&2
read -rs OS_PASSWORD
printf '\\n' >&2
export OS_PASSWORD
`;

/** The same for the manual's time: Identity v2.0. */
export const openrcV2 = ({ user, project, region, authUrl }: Who): string =>
  `#!/usr/bin/env bash
# For the keystone, nova, neutron, cinder and glance commands: source ${fileName(project.name)}-openrc-v2.sh
export OS_AUTH_URL=${quoted(authUrl.replace(/\/v3\/?$/, '/v2.0/'))}
export OS_TENANT_NAME=${quoted(project.name)}
export OS_USERNAME=${quoted(user.name)}
export OS_REGION_NAME=${quoted(region)}
unset OS_IDENTITY_API_VERSION OS_PROJECT_ID OS_PROJECT_NAME OS_PROJECT_DOMAIN_ID OS_USER_DOMAIN_NAME
printf 'Password of %s: ' "$OS_USERNAME" >&2
read -rs OS_PASSWORD
printf '\\n' >&2
export OS_PASSWORD
`;

/** `~/.config/openstack/clouds.yaml`: `openstack --os-cloud igloo …`, SDKs, Terraform. */
export const cloudsYaml = ({ user, project, region, authUrl }: Who): string =>
  `# Put this into ~/.config/openstack/clouds.yaml, then: openstack --os-cloud igloo server list
# The password is asked for when it is not here.
clouds:
  igloo:
    auth:
      auth_url: ${JSON.stringify(authUrl)}
      username: ${JSON.stringify(user.name)}
      user_domain_name: ${JSON.stringify(user.domain.name)}
      project_id: ${JSON.stringify(project.id)}
      project_name: ${JSON.stringify(project.name)}
      project_domain_id: ${JSON.stringify(project.domain.id)}
    region_name: ${JSON.stringify(region)}
    interface: public
    identity_api_version: 3
`;

/** A name that any file system takes. */
export const fileName = (name: string): string => name.replace(/[^\w.-]+/g, '-');
