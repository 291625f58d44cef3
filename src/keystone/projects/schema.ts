import { Type } from '@sinclair/typebox';
import { CollectionLinks, Flag, Id, listQuery, nameUpTo, nullable, open, Options, SelfLink } from '../api/schemas.ts';

export const Tag = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^,/]*$' });
export const Tags = Type.Array(Tag, { maxItems: 80, uniqueItems: true });

const properties = {
  domain_id: Type.Optional(nullable(Id)),
  parent_id: Type.Optional(nullable(Id)),
  description: Type.Optional(nullable(Type.String())),
  enabled: Type.Optional(Type.Boolean()),
  is_domain: Type.Optional(Type.Boolean()),
  tags: Type.Optional(Tags),
  options: Type.Optional(Options),
};
export const CreateProject = Type.Object({ project: Type.Object({ ...properties, name: nameUpTo(64) }, open) }, open);
export const UpdateProject = Type.Object(
  { project: Type.Object({ ...properties, name: Type.Optional(nameUpTo(64)) }, open) },
  open,
);
export const known = ['name', ...Object.keys(properties)];

export const ProjectQuery = listQuery({
  domain_id: Type.Optional(Type.String()),
  parent_id: Type.Optional(Type.String()),
  enabled: Flag,
  is_domain: Flag,
  tags: Type.Optional(Type.String()),
  'tags-any': Type.Optional(Type.String()),
  'not-tags': Type.Optional(Type.String()),
  'not-tags-any': Type.Optional(Type.String()),
});

export const ProjectBody = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    domain_id: Type.Union([Type.String(), Type.Null()]),
    description: Type.Union([Type.String(), Type.Null()]),
    enabled: Type.Boolean(),
    parent_id: Type.Union([Type.String(), Type.Null()]),
    is_domain: Type.Boolean(),
    tags: Type.Array(Type.String()),
    options: Type.Unknown(),
    links: SelfLink,
  },
  open,
);
export const ProjectAnswer = Type.Object({ project: ProjectBody });
export const ProjectsAnswer = Type.Object({ projects: Type.Array(ProjectBody), links: CollectionLinks });

/** What is shown besides the project itself. */
export const HierarchyQuery = Type.Object(
  { parents_as_list: Flag, parents_as_ids: Flag, subtree_as_list: Flag, subtree_as_ids: Flag },
  open,
);
export const CascadeQuery = Type.Object({ cascade: Flag }, open);
