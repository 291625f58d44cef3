import { Button } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A way to the thing's own page. @param tab of that page */
export const PageButton = ({
  to,
  tab,
  children,
}: {
  readonly to: string;
  readonly tab?: string;
  readonly children: ReactNode;
}) => (
  <Button
    variant="default"
    rightSection={<IconArrowRight size={16} />}
    renderRoot={(props) => <Link to={to} {...(tab !== undefined && { search: { tab } })} {...props} />}
  >
    {children}
  </Button>
);
