import { Alert, List, Loader, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { servers, type Server } from '#api/compute/servers.ts';
import { isNotFound } from '#api/fault.ts';
import { useSignedIn } from '#api/session.ts';
import { volumeAction } from '#api/volume/actions.ts';
import type { Volume } from '#api/volume/volumes.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { statusTexts } from '#ui/status-texts.ts';
import { nameOf, rightStatus } from './states.ts';
import { volumeTexts } from './texts.ts';

interface Fact {
  readonly attachment: Volume['attachments'][number];
  /** Null: the instance is gone. */
  readonly server: Server | null;
  /** The instance really has it. */
  readonly has: boolean;
}

/** What each attachment's instance says of it. */
async function factsOf(volume: Volume, signal: AbortSignal): Promise<Fact[]> {
  return Promise.all(
    volume.attachments.map(async (attachment) => {
      try {
        const server = (await servers.get?.(attachment.server_id, signal)) as Server;
        return {
          attachment,
          server,
          has: server['os-extended-volumes:volumes_attached'].some(({ id }) => id === volume.id),
        };
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return { attachment, server: null, has: false };
      }
    }),
  );
}

/** Compares what a volume says with what is so, and puts it right: no more volumes stuck in `detaching`. */
export function RepairDialog({ volume, close }: { readonly volume: Volume; readonly close: () => void }) {
  const t = useText(volumeTexts);
  const words = useText(statusTexts) as Readonly<Record<string, string>>;
  const queries = useQueryClient();
  const { isAdmin, services } = useSignedIn();
  const { data: facts, error } = useQuery({
    queryKey: ['volume', 'part', volume.id, 'repair'],
    queryFn: ({ signal }) => factsOf(volume, signal),
  });
  const name = nameOf(volume);
  const stale = (facts ?? []).filter(({ has }) => !has);
  const right = facts
    ? rightStatus(
        volume,
        facts.some(({ has }) => has),
      )
    : null;
  const named = (status: string): string => words[status.toUpperCase()] ?? status;
  const body = { 'os-reset_status': { status: right, attach_status: right === 'in-use' ? 'attached' : 'detached' } };
  return (
    <FormDialog
      title={t.repairTitle(name)}
      verb={right ? t.repairSet(named(right)) : t.repair}
      refuse={
        error
          ? error.message
          : !facts
            ? '…'
            : right === null && stale.length === 0
              ? t.repairFine
              : isAdmin
                ? null
                : t.repairAsk
      }
      close={close}
      {...(right && {
        preview: {
          command: commandLine('openstack volume set', [
            '--state',
            right,
            right === 'in-use' ? '--attached' : '--detached',
            name,
          ]),
          call: { method: 'POST', url: `${services.volume?.url ?? ''}/volumes/${volume.id}/action`, body },
        },
      })}
      submit={async () => {
        for (const { attachment } of stale)
          await volumeAction(volume.id, {
            'os-force_detach': { attachment_id: attachment.attachment_id, connector: {} },
          });
        if (right) await volumeAction(volume.id, body);
        await queries.invalidateQueries({ queryKey: ['volume'] });
      }}
    >
      <Stack gap="xs">
        <Text size="sm">{t.repairWhat}</Text>
        {!facts && !error && <Loader size="sm" />}
        <List size="sm">
          <List.Item>{t.repairSays(named(volume.status))}</List.Item>
          <List.Item>{t.repairAttached(volume.attachments.length)}</List.Item>
          {(facts ?? []).map(({ attachment, server, has }) => (
            <List.Item key={attachment.attachment_id}>
              {server ? t.repairServer(server.name, has) : t.repairGone(attachment.server_id)}
            </List.Item>
          ))}
        </List>
        {right && <Alert color="blue">{t.repairAdvice(named(right))}</Alert>}
        {stale.length > 0 && <Text size="sm">{t.repairStale}</Text>}
      </Stack>
    </FormDialog>
  );
}
