import { Type } from '@sinclair/typebox';
import { CollectionLinks, Flag, Id, listQuery, nameUpTo, nullable, open, SelfLink } from '../api/schemas.ts';

const flag = Type.Optional(nullable(Type.Boolean()));
const UserOptions = Type.Object(
  {
    ignore_change_password_upon_first_use: flag,
    ignore_password_expiry: flag,
    ignore_lockout_failure_attempts: flag,
    ignore_user_inactivity: flag,
    lock_password: flag,
  },
  open,
);
const properties = {
  domain_id: Type.Optional(Id),
  default_project_id: Type.Optional(nullable(Id)),
  enabled: Type.Optional(Type.Boolean()),
  password: Type.Optional(nullable(Type.String())),
  options: Type.Optional(UserOptions),
};
const described = {
  description: Type.Optional(nullable(Type.String())),
  email: Type.Optional(nullable(Type.String())),
};

export const CreateUser = Type.Object(
  { user: Type.Object({ ...properties, ...described, name: nameUpTo(255) }, open) },
  open,
);
export const UpdateUser = Type.Object(
  { user: Type.Object({ ...properties, ...described, name: Type.Optional(nameUpTo(255)) }, open) },
  open,
);
/** `description` and `email` are among the properties that are kept without a column. */
export const known = ['name', ...Object.keys(properties)];

export const ChangePassword = Type.Object({
  user: Type.Object({ password: Type.String({ minLength: 1 }), original_password: Type.String() }, open),
});

export const UserQuery = listQuery({
  domain_id: Type.Optional(Type.String()),
  enabled: Flag,
  /** `lt:2026-11-23T00:00:00Z` */
  password_expires_at: Type.Optional(Type.String()),
});

export const UserBody = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    domain_id: Type.String(),
    enabled: Type.Boolean(),
    default_project_id: Type.Optional(Type.String()),
    password_expires_at: Type.Union([Type.String(), Type.Null()]),
    options: Type.Unknown(),
    links: SelfLink,
  },
  open,
);
export const UserAnswer = Type.Object({ user: UserBody });
export const UsersAnswer = Type.Object({ users: Type.Array(UserBody), links: CollectionLinks });
