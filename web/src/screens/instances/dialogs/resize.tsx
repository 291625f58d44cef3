import { Select, Text } from '@mantine/core';
import { useState } from 'react';
import { flavors } from '#api/compute/flavors.ts';
import { act } from '#api/compute/server-actions.ts';
import { useList } from '#api/resource.ts';
import { useFormat } from '#i18n/format.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useActionPreview } from './action-preview.ts';

/** Another flavor; then it waits to be confirmed or reverted. */
export function ResizeDialog({ server, tools: { t, follow }, close }: DialogProps) {
  const format = useFormat();
  const preview = useActionPreview(server.id);
  const { data = [] } = useList(flavors);
  const [id, setId] = useState<string | null>(null);
  const now = server.flavor;
  const chosen = data.find((one) => one.id === id);
  const label = (name: string, vcpus: number, ram: number, disk: number): string =>
    t.flavorOption(name, vcpus, format.mib(ram), format.gib(disk));
  return (
    <FormDialog
      title={`${t.resize}: ${server.name}`}
      verb={t.resize}
      refuse={!chosen ? t.chooseFlavor : chosen.name === now.original_name ? t.sameFlavor : null}
      preview={preview(commandLine(['openstack', 'server', 'resize'], ['--flavor', chosen?.name ?? '…'], [server.id]), {
        resize: { flavorRef: chosen?.id ?? '…' },
      })}
      submit={async () =>
        follow(
          server,
          { verb: t.resize, doing: t.resizing, done: t.resized },
          await act(server.id, { resize: { flavorRef: id } }),
        )
      }
      close={close}
    >
      <Text size="sm">{t.resizeHint}</Text>
      <Text size="sm">{t.resizeNow(label(now.original_name, now.vcpus, now.ram, now.disk))}</Text>
      <Select
        label={t.newFlavor}
        data-autofocus
        searchable
        value={id}
        onChange={setId}
        data={data
          .toSorted((a, b) => a.ram - b.ram || a.vcpus - b.vcpus)
          .map((one) => ({
            value: one.id,
            label: label(one.name, one.vcpus, one.ram, one.disk),
            disabled: one.name === now.original_name,
          }))}
      />
    </FormDialog>
  );
}
