import { Select, Text } from '@mantine/core';
import { useState } from 'react';
import { disassociateFloatingIp } from '#api/compute/server-interfaces.ts';
import { useSignedIn } from '#api/session.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { DialogProps } from '../actions/change-actions.tsx';
import { useServerPorts } from '../use-ports.ts';

/** Takes a floating IP from it. @param initial the one that is chosen already */
export function DisassociateDialog({
  server,
  tools: { t, saved, queries },
  close,
  initial = null,
}: DialogProps & { readonly initial?: string | null }) {
  const { services } = useSignedIn();
  const known = (useServerPorts(server) ?? []).flatMap(({ floating }) => floating);
  const [picked, setPicked] = useState<string | null>(initial);
  const chosen = known.find(({ id }) => id === (picked ?? known[0]?.id));
  return (
    <FormDialog
      title={`${t.disassociate}: ${server.name}`}
      verb={t.disassociate}
      danger
      refuse={chosen ? null : t.chooseAddress}
      preview={{
        command: commandLine([
          'openstack',
          'server',
          'remove',
          'floating',
          'ip',
          server.id,
          chosen?.floating_ip_address ?? '…',
        ]),
        call: {
          method: 'PUT',
          url: `${services.network?.url}/floatingips/${chosen?.id ?? '…'}`,
          body: { floatingip: { port_id: null } },
        },
      }}
      submit={async () => {
        if (!chosen) return;
        await disassociateFloatingIp(chosen.id);
        void queries.invalidateQueries({ queryKey: ['floatingip'] });
        saved(server, t.disassociated(chosen.floating_ip_address));
      }}
      close={close}
    >
      <Select
        label={t.floatingIp}
        allowDeselect={false}
        data-autofocus
        value={chosen?.id ?? null}
        onChange={setPicked}
        data={known.map((one) => ({
          value: one.id,
          label: `${one.floating_ip_address} → ${one.fixed_ip_address ?? ''}`,
        }))}
      />
      <Text size="sm">{t.disassociateConsequence}</Text>
    </FormDialog>
  );
}
