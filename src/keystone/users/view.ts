import type { User } from './model.ts';

/** @param host `http://host:port` */
export const userView = (user: User, host: string) => ({
  ...user.extra,
  id: user.id,
  name: user.name,
  domain_id: user.domainId,
  enabled: user.enabled,
  ...(user.defaultProjectId !== null && { default_project_id: user.defaultProjectId }),
  password_expires_at: user.passwordExpiresAt,
  options: user.options,
  links: { self: `${host}/v3/users/${user.id}` },
});

/** Keystone answers a PATCH with the unnamed properties once more, under `extra`. */
export const patchedUserView = (user: User, host: string) => ({ ...userView(user, host), extra: user.extra });

/** As the v2.0 API shows a user. */
export const v2UserView = (user: User) => ({
  ...user.extra,
  username: user.name,
  name: user.name,
  id: user.id,
  enabled: user.enabled,
  email: user.extra['email'] ?? null,
  ...(user.defaultProjectId !== null && { tenantId: user.defaultProjectId }),
});
