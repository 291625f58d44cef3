import { Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of a page, in a frame with its title. */
export const Section = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Paper withBorder p="md" component="section" aria-label={title} style={{ minWidth: 0 }}>
    <Title order={2} size="h5" mb="sm">
      {title}
    </Title>
    {children}
  </Paper>
);
