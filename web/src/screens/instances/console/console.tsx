import { SegmentedControl, Stack } from '@mantine/core';
import type { Server } from '#api/compute/servers.ts';
import { useText } from '#i18n/catalogue.ts';
import { useUrlText } from '#ui/use-url-text.ts';
import { SerialConsole } from './serial-console.tsx';
import { consoleTexts } from './texts.ts';
import { VncConsole } from './vnc-console.tsx';

/** A server's screen, or its serial terminal. */
export function Console({ server }: { readonly server: Server }) {
  const t = useText(consoleTexts);
  const [kind, setKind] = useUrlText('console');
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={t.which}
        style={{ alignSelf: 'flex-start' }}
        value={kind === 'serial' ? 'serial' : 'vnc'}
        onChange={(value) => setKind(value === 'serial' ? 'serial' : '')}
        data={[
          { value: 'vnc', label: t.vnc },
          { value: 'serial', label: t.serial },
        ]}
      />
      {kind === 'serial' ? <SerialConsole server={server} /> : <VncConsole server={server} />}
    </Stack>
  );
}
