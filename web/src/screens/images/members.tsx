import { ActionIcon, Button, Group, Table, Text, Tooltip } from '@mantine/core';
import { IconShare, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { patchImage } from '#api/image/changes.ts';
import { images, type Image } from '#api/image/images.ts';
import { imageMembers, unshareImage } from '#api/image/members.ts';
import { patch } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { Ago } from '#ui/ago.tsx';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { useDialog } from '#ui/dialogs.tsx';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { uiTexts } from '#ui/texts.ts';
import { work } from '#ui/work.ts';
import { ShareDialog } from './share-dialog.tsx';
import { imageTexts } from './texts.ts';

/** The projects that an image is shared with, and what they said to it. */
export function Members({ image }: { readonly image: Image }) {
  const t = useText(imageTexts);
  const ui = useText(uiTexts);
  const open = useDialog();
  const queries = useQueryClient();
  const { projects, project } = useSignedIn();
  const key = ['image', 'part', image.id, 'members'];
  const shared = image.visibility === 'shared';
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => imageMembers(image.id, signal),
    enabled: shared,
  });
  const nameOf = (id: string): string => projects.find((one) => one.id === id)?.name ?? id;
  if (!shared)
    return (
      <Group>
        <Text size="sm">{t.membersOnlyShared}</Text>
        {image.visibility === 'private' && (
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              void work({
                doing: t.makeShared,
                done: null,
                failed: ui.failed,
                run: async () => {
                  const step = { op: 'replace', path: '/visibility', value: 'shared' } as const;
                  patch(queries, images, image.id, await patchImage(image.id, [step]), project.id);
                },
              })
            }
          >
            {t.makeShared}
          </Button>
        )}
      </Group>
    );
  return (
    <>
      <ErrorNotice error={error} />
      <Text size="sm" c="dimmed">
        {t.membersHint}
      </Text>
      {data?.length === 0 && <Text size="sm">{t.noMembers}</Text>}
      {data && data.length > 0 && (
        <Table.ScrollContainer minWidth={320}>
          <Table aria-label={t.members}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.projectId}</Table.Th>
                <Table.Th>{t.answer}</Table.Th>
                <Table.Th>{ui.updated}</Table.Th>
                <Table.Th>
                  <span className="visually-hidden">{ui.actions}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map((member) => (
                <Table.Tr key={member.member_id}>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{nameOf(member.member_id)}</Table.Td>
                  <Table.Td>{t.memberStatus(member.status)}</Table.Td>
                  <Table.Td>
                    <Ago time={member.updated_at} />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Tooltip label={t.unshare}>
                      <ActionIcon
                        variant="subtle"
                        color="red"
                        aria-label={`${t.unshare}: ${nameOf(member.member_id)}`}
                        onClick={() =>
                          open((close) => (
                            <ConfirmDialog
                              title={t.unshareTitle}
                              items={[member]}
                              nameOf={({ member_id }) => nameOf(member_id)}
                              consequence={t.unshareText}
                              verb={t.unshare}
                              danger
                              run={({ member_id }) => unshareImage(image.id, member_id)}
                              after={() => void queries.invalidateQueries({ queryKey: key })}
                              close={close}
                            />
                          ))
                        }
                      >
                        <IconX size={16} />
                      </ActionIcon>
                    </Tooltip>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Button
        size="xs"
        variant="default"
        style={{ alignSelf: 'flex-start' }}
        leftSection={<IconShare size={14} />}
        onClick={() => open((close) => <ShareDialog image={image} close={close} />)}
      >
        {t.share}
      </Button>
    </>
  );
}
