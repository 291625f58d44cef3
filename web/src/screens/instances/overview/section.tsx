import { Card, Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of the overview, with what can be done about it. */
export const Section = ({
  title,
  actions,
  children,
}: {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) => (
  <Card withBorder component="section" aria-label={title}>
    <Stack gap="sm">
      <Group justify="space-between" mih={30}>
        <Title order={2} size="h5">
          {title}
        </Title>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  </Card>
);
