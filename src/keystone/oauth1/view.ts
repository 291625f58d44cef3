import type { AccessToken, Consumer } from './model.ts';

/** The secret is shown once, to who made it. @param host `http://host:port`, here and below */
export const consumerView = ({ id, description, extra }: Consumer, host: string) => ({
  ...extra,
  id,
  description,
  links: { self: `${host}/v3/OS-OAUTH1/consumers/${id}` },
});

export const accessTokenView = (token: AccessToken, host: string) => {
  const self = `${host}/v3/users/${token.userId}/OS-OAUTH1/access_tokens/${token.id}`;
  return {
    id: token.id,
    consumer_id: token.consumerId,
    project_id: token.projectId,
    authorizing_user_id: token.userId,
    expires_at: token.expiresAt === null ? null : `${token.expiresAt}Z`,
    links: { self, roles: `${self}/roles` },
  };
};

/** As OAuth hands out tokens: a form. */
export const tokenForm = (token: { readonly id: string; readonly secret: string; readonly expiresAt: string | null }) =>
  new URLSearchParams({
    oauth_token: token.id,
    oauth_token_secret: token.secret,
    ...(token.expiresAt !== null && { oauth_expires_at: `${token.expiresAt}Z` }),
  }).toString();
