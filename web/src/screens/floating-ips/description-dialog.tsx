import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { FloatingIp } from '#api/network/networks.ts';
import { floatingIpWrites } from '#api/network/floating-ip-writes.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-preview.tsx';
import { FormDialog } from '#ui/form-dialog.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useReread } from '../networks/use-network.ts';
import { floatingTexts } from './texts.ts';

export function DescriptionDialog({ floating, close }: { readonly floating: FloatingIp; readonly close: () => void }) {
  const t = useText(floatingTexts);
  const u = useText(uiTexts);
  const reread = useReread();
  const [text, setText] = useState(floating.description ?? '');
  const change = { description: text.trim() };
  return (
    <FormDialog
      title={`${t.describe}: ${floating.floating_ip_address}`}
      verb={u.save}
      close={close}
      preview={{
        command: commandLine(
          'openstack floating ip set',
          ['--description', change.description],
          [floating.floating_ip_address],
        ),
        call: floatingIpWrites.updateCall(floating.id, change),
      }}
      submit={async () => {
        await floatingIpWrites.update(floating.id, change);
        reread('floatingip');
      }}
    >
      <TextInput
        label={u.description}
        maxLength={255}
        data-autofocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
