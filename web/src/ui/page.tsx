import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';

export interface PageProps {
  readonly title: string;
  /** Shown beside the title: a status. */
  readonly badge?: ReactNode;
  readonly subtitle?: ReactNode;
  /** The list that a thing's page belongs to. */
  readonly up?: { readonly label: string; readonly to: string };
  /** Buttons at the right. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every screen: title (also the window's), where it belongs, what can be done. */
export function Page({ title, badge, subtitle, up, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Igloo`;
  }, [title]);
  // Screen readers and the keyboard start at the new screen's title.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div style={{ minWidth: 0 }}>
          {up && (
            <Breadcrumbs separatorMargin={4}>
              <Anchor size="sm" renderRoot={(props) => <Link to={up.to} {...props} />}>
                {up.label}
              </Anchor>
              <span />
            </Breadcrumbs>
          )}
          <Group gap="sm">
            <Title
              order={1}
              size="h2"
              ref={heading}
              tabIndex={-1}
              style={{ outline: 'none', overflowWrap: 'anywhere' }}
            >
              {title}
            </Title>
            {badge}
          </Group>
          {subtitle !== undefined && (
            <Text size="sm" c="dimmed" component="div">
              {subtitle}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
