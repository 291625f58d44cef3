import { Type } from '@sinclair/typebox';
import { CollectionLinks, Flag, open } from '../api/schemas.ts';

export const AssignmentQuery = Type.Object(
  {
    'user.id': Type.Optional(Type.String()),
    'group.id': Type.Optional(Type.String()),
    'role.id': Type.Optional(Type.String()),
    'scope.project.id': Type.Optional(Type.String()),
    'scope.domain.id': Type.Optional(Type.String()),
    'scope.system': Flag,
    'scope.OS-INHERIT:inherited_to': Type.Optional(Type.String()),
    include_subtree: Flag,
    effective: Flag,
    include_names: Flag,
  },
  open,
);

const Reference = Type.Object({ id: Type.String() }, open);
export const AssignmentsAnswer = Type.Object({
  role_assignments: Type.Array(
    Type.Object({
      links: Type.Object({ assignment: Type.String() }, open),
      scope: Type.Object(
        { project: Type.Optional(Reference), domain: Type.Optional(Reference), system: Type.Optional(Type.Unknown()) },
        open,
      ),
      user: Type.Optional(Reference),
      group: Type.Optional(Reference),
      role: Reference,
    }),
  ),
  links: CollectionLinks,
});
