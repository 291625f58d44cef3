import { ActionIcon, Anchor, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo, useId, useState } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { Ago } from '#ui/ago.tsx';
import { operationLabel } from '#ui/operation-label.ts';
import { Status } from '#ui/status.tsx';
import { resourcePath } from '../events/resource-path.ts';
import { goesOn, seconds, type Entry } from './merge.ts';
import { OperationDetails } from './operation-details.tsx';
import classes from './operations.module.css';
import { Elapsed } from './elapsed.tsx';
import { operationsTexts } from './texts.ts';

/** One operation; opened, its steps. */
export const OperationRow = memo(function OperationRow({
  entry,
  project,
  user,
}: {
  readonly entry: Entry;
  readonly project: string;
  readonly user: string;
}) {
  const t = useText(operationsTexts);
  const format = useFormat();
  const id = useId();
  const [open, setOpen] = useState(false);
  const { resource_type: type, resource_id: resource, resource_name: name, progress, step } = entry;
  const called = name ?? resource.slice(0, 8);
  const what = `${operationLabel(entry.kind)}: ${called}`;
  const to = resourcePath(type, resource);
  return (
    <li>
      <div className={classes['row']}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t.detailsOf(what)}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          {open ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
        </ActionIcon>
        <Text size="sm" fw={600}>
          {operationLabel(entry.kind)}
        </Text>
        <div>
          {to === null ? (
            called
          ) : (
            <Anchor size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
              {called}
            </Anchor>
          )}
        </div>
        <div>{project}</div>
        <div>
          <Status status={entry.status} />
          {goesOn(entry) && step !== null && progress.total !== null && (
            <Text size="xs" c="dimmed">
              {t.progress(step, progress.done, progress.total)}
            </Text>
          )}
          {entry.failure && (
            <Text size="xs" c="dimmed" lineClamp={2}>
              {entry.failure.message}
            </Text>
          )}
        </div>
        <Ago time={entry.started_at} />
        <div>
          {goesOn(entry) ? (
            <Elapsed since={entry.started_at} />
          ) : (
            format.span(seconds(entry.started_at, entry.finished_at, Date.now()))
          )}
        </div>
      </div>
      <div id={id} hidden={!open}>
        {open && <OperationDetails entry={entry} user={user} />}
      </div>
    </li>
  );
});
