import { Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** An empty list: what these things are for, and a button that makes the first. */
export const EmptyNotice = ({
  icon: Icon,
  title,
  action,
  children,
}: {
  readonly icon: TablerIcon;
  readonly title: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) => (
  <Paper withBorder p="xl">
    <Stack align="center" gap="sm" maw={520} mx="auto" ta="center">
      <ThemeIcon variant="light" size={48} radius="xl" aria-hidden>
        <Icon size={26} />
      </ThemeIcon>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text size="sm" c="dimmed">
        {children}
      </Text>
      {action}
    </Stack>
  </Paper>
);
