import { Anchor, Button, Code, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { CloudEvent } from '#api/events.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { Copyable, CopyButton } from '#ui/copy.tsx';
import { Facts } from '#ui/facts.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useProjectName } from '../project-name.ts';
import { adminTexts } from '../texts.ts';
import { Priority } from './event-row.tsx';
import { kindTexts } from './kind-texts.ts';
import { resourcePath } from './resource-path.ts';
import { eventTexts } from './texts.ts';

/** Everything that an event says. */
export function EventDrawer({
  event,
  newer,
  older,
  close,
}: {
  readonly event: CloudEvent | null;
  /** Null when there is none. */
  readonly newer: (() => void) | null;
  readonly older: (() => void) | null;
  readonly close: () => void;
}) {
  const t = useText(eventTexts);
  const ui = useText(uiTexts);
  return (
    <Drawer
      opened={event !== null}
      onClose={close}
      position="right"
      size="lg"
      title={
        <Text ff="monospace" size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {event?.type}
        </Text>
      }
      closeButtonProps={{ 'aria-label': ui.close }}
    >
      <Stack>
        <Group gap="xs">
          <Step words={t.newer} icon={<IconChevronUp size={14} />} go={newer} />
          <Step words={t.older} icon={<IconChevronDown size={14} />} go={older} />
        </Group>
        {event && <Content event={event} />}
      </Stack>
    </Drawer>
  );
}

const Step = ({
  words,
  icon,
  go,
}: {
  readonly words: string;
  readonly icon: React.ReactNode;
  readonly go: (() => void) | null;
}) => (
  <Button size="compact-sm" variant="default" leftSection={icon} disabled={go === null} onClick={() => go?.()}>
    {words}
  </Button>
);

function Content({ event }: { readonly event: CloudEvent }) {
  const t = useText(eventTexts);
  const admin = useText(adminTexts);
  const ui = useText(uiTexts);
  const kinds = useText(kindTexts);
  const format = useFormat();
  const projectName = useProjectName();
  const { resource, payload } = event;
  const to = resource && resourcePath(resource.kind, resource.id);
  const name = resource && (resource.name ?? resource.id);
  const text = payload === null ? null : JSON.stringify(payload, null, 2);
  return (
    <>
      <Facts
        rows={[
          [t.when, format.time(event.time)],
          [t.priority, <Priority key="priority" priority={event.priority} />],
          [t.kind, resource && kinds[resource.kind]],
          [
            t.what,
            to === null ? (
              name
            ) : (
              <Anchor key="what" size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
                {name}
              </Anchor>
            ),
          ],
          [ui.id, resource && <Copyable key="id" text={resource.id} />],
          [t.state, event.state],
          [ui.project, projectName(event.project_id)],
          [t.publisher, event.publisher],
          [t.request, event.request_id && <Copyable key="request" text={event.request_id} />],
        ]}
      />
      <Group justify="space-between">
        <Title order={2} size="h6">
          {admin.payload}
        </Title>
        {text !== null && <CopyButton text={text} />}
      </Group>
      {text === null ? (
        <Text size="sm">{t.noPayload}</Text>
      ) : (
        <Code block tabIndex={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {text}
        </Code>
      )}
    </>
  );
}
