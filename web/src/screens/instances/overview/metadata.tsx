import { Badge, Group, Text } from '@mantine/core';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { Facts } from '#ui/facts.tsx';
import { SectionActions } from './section-actions.tsx';
import { Section } from './section.tsx';
import { overviewTexts } from './texts.ts';

/** Metadata and tags of a server. */
export function Metadata({ server }: { readonly server: Server }) {
  const t = useText(overviewTexts);
  const entries = Object.entries(server.metadata);
  const tags = server.tags ?? [];
  return (
    <Section title={t.metadata} actions={<SectionActions server={server} ids={['metadata']} />}>
      {entries.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.noMetadata}
        </Text>
      ) : (
        <Facts rows={entries} />
      )}
      <Group gap="xs">
        <Text size="sm" fw={500}>
          {t.tags}
        </Text>
        {tags.length === 0 && (
          <Text size="sm" c="dimmed">
            {t.noTags}
          </Text>
        )}
        {tags.map((tag) => (
          <Badge key={tag} variant="light" color="gray" tt="none">
            {tag}
          </Badge>
        ))}
      </Group>
    </Section>
  );
}
