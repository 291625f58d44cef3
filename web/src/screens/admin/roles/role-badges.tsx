import { Badge, Group } from '@mantine/core';

/** Roles as words in frames. */
export const RoleBadges = ({
  roles,
}: {
  readonly roles: readonly { readonly id: string; readonly name: string }[];
}) => (
  <Group gap={4}>
    {roles.map(({ id, name }) => (
      <Badge key={id} variant="default" radius="sm" tt="none" fw={500}>
        {name}
      </Badge>
    ))}
  </Group>
);
