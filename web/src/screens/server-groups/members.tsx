import { Anchor, List, Modal, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { servers } from '#api/compute/servers.ts';
import type { ServerGroup } from '#api/compute/server-groups.ts';
import { useList } from '#api/resource.ts';
import { useText } from '#i18n/catalogue.ts';
import { uiTexts } from '#ui/texts.ts';
import { groupTexts } from './texts.ts';

/** Who is in a group, by name. */
export function MembersDialog({ group, close }: { readonly group: ServerGroup; readonly close: () => void }) {
  const t = useText(groupTexts);
  const ui = useText(uiTexts);
  const { data } = useList(servers);
  return (
    <Modal opened onClose={close} title={t.membersOf(group.name)} closeButtonProps={{ 'aria-label': ui.close }}>
      {group.members.length === 0 ? (
        <Text size="sm">{t.noMembers}</Text>
      ) : (
        <List size="sm">
          {group.members.map((id) => {
            const server = data?.find((one) => one.id === id);
            return (
              <List.Item key={id}>
                {server ? (
                  <Anchor onClick={close} renderRoot={(props) => <Link to={`/instances/${id}`} {...props} />}>
                    {server.name}
                  </Anchor>
                ) : (
                  t.gone(id)
                )}
              </List.Item>
            );
          })}
        </List>
      )}
    </Modal>
  );
}
