import type { NewUser, UserChange } from '../../../api/identity/writes.ts';
import type { User } from '../../../api/identity/identity.ts';

/** A user as it is being typed. */
export interface UserValues {
  readonly name: string;
  readonly email: string;
  readonly description: string;
  /** Empty: where the reader's project is. */
  readonly domain: string;
  readonly password: string;
  /** Empty: none. */
  readonly project: string;
  readonly role: string;
  readonly enabled: boolean;
}

/** Not a judgement of addresses, only a guard against slips. */
export const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text);

export const newUser = (values: UserValues): NewUser => ({
  name: values.name.trim(),
  ...(values.domain !== '' && { domain_id: values.domain }),
  ...(values.email.trim() !== '' && { email: values.email.trim() }),
  ...(values.description.trim() !== '' && { description: values.description.trim() }),
  ...(values.project !== '' && { default_project_id: values.project }),
  password: values.password,
  enabled: values.enabled,
});

/** The same without the password, for what is shown. */
export const shown = <T extends { readonly password?: string }>(body: T): T => ({
  ...body,
  ...(body.password !== undefined && { password: '••••••' }),
});

/** What was changed of a user; texts that were emptied are sent as such. */
export function userChange(
  user: User,
  values: Pick<UserValues, 'name' | 'email' | 'description' | 'project'>,
): UserChange {
  const name = values.name.trim();
  const email = values.email.trim();
  const description = values.description.trim();
  return {
    ...(name !== user.name && { name }),
    ...(email !== (user.email ?? '') && { email }),
    ...(description !== (user.description ?? '') && { description }),
    ...(values.project !== (user.default_project_id ?? '') && {
      default_project_id: values.project === '' ? null : values.project,
    }),
  };
}
