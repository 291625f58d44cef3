import { Badge, Text } from '@mantine/core';
import { memo } from 'react';
import type { CloudEvent } from '#api/events.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { kindTexts } from './kind-texts.ts';
import { eventTexts } from './texts.ts';

/** An event's cells, in the order of the columns. Drawn again only when the event is another. */
export const EventCells = memo(function EventCells({
  event,
  project,
}: {
  readonly event: CloudEvent;
  readonly project: string;
}) {
  const kinds = useText(kindTexts);
  const format = useFormat();
  const { time, priority, type, resource, state } = event;
  return (
    <>
      <div role="gridcell" title={format.time(time)}>
        {format.clock(time)}
      </div>
      <div role="gridcell">
        <Priority priority={priority} />
      </div>
      <div role="gridcell">
        <Text size="xs" ff="monospace" truncate title={type}>
          {type}
        </Text>
      </div>
      <div role="gridcell" title={resource ? (resource.name ?? resource.id) : undefined}>
        {resource ? (
          <>
            <Text span size="xs" c="dimmed">
              {kinds[resource.kind]}{' '}
            </Text>
            {resource.name ?? resource.id.slice(0, 13)}
          </>
        ) : (
          '–'
        )}
      </div>
      <div role="gridcell">{state ?? '–'}</div>
      <div role="gridcell">{project}</div>
    </>
  );
});

/** Said in words; only what is out of the ordinary has a colour. */
export function Priority({ priority }: { readonly priority: CloudEvent['priority'] }) {
  const t = useText(eventTexts);
  if (priority === 'INFO')
    return (
      <Text size="xs" c="dimmed" span>
        {t.info}
      </Text>
    );
  return (
    <Badge color={priority === 'ERROR' ? 'red' : 'orange'} variant="light" size="sm" radius="sm" tt="none">
      {priority === 'ERROR' ? t.error : t.warn}
    </Badge>
  );
}
