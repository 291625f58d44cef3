import { Anchor, Paper, SimpleGrid, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Project } from '#api/identity/identity.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { uiTexts } from '#ui/texts.ts';
import { projectTexts } from './texts.ts';
import { useContents } from './use-contents.ts';

/** How much of what lives in a project, with the way there. */
export function ContentsPanel({ project }: { readonly project: Project }) {
  const t = useText(projectTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { contents, pending, error } = useContents(project.id);
  return (
    <>
      <ErrorNotice error={error} />
      {pending && contents.length === 0 && <Text size="sm">{ui.loading}</Text>}
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }}>
        {contents.map(({ kind, count, list }) => (
          <Paper withBorder p="md" key={kind}>
            <Text size="xl" fw={600} style={{ fontVariantNumeric: 'tabular-nums' }}>
              {format.number(count)}
            </Text>
            {list !== null && count > 0 ? (
              <Anchor
                size="sm"
                renderRoot={(props) => <Link to={`${list}?q=${encodeURIComponent(project.name)}`} {...props} />}
              >
                {t[kind]}
              </Anchor>
            ) : (
              <Text size="sm" c="dimmed">
                {t[kind]}
              </Text>
            )}
          </Paper>
        ))}
      </SimpleGrid>
    </>
  );
}
