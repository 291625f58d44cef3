import { Alert } from '@mantine/core';
import { forceDown } from '#api/services.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { commandLine } from '#ui/command-line.ts';
import { FormDialog } from '#ui/form-dialog.tsx';
import type { AnyService } from '../services/every-service.ts';
import { nodeTexts } from './texts.ts';

/** Asks before a host is declared dead. */
export function ForceDownDialog({
  compute,
  close,
  after,
}: {
  readonly compute: AnyService;
  readonly close: () => void;
  readonly after: () => Promise<void>;
}) {
  const t = useText(nodeTexts);
  const { services } = useSignedIn();
  return (
    <FormDialog
      title={`${t.forceDown}: ${compute.host}`}
      verb={t.forceDown}
      danger
      preview={{
        command: commandLine(['openstack', 'compute', 'service', 'set', '--down', compute.host, compute.binary]),
        call: {
          method: 'PUT',
          url: `${services.compute?.url ?? ''}/os-services/${compute.ownId}`,
          body: { forced_down: true },
        },
      }}
      submit={() => forceDown(compute.ownId, true).then(after)}
      close={close}
    >
      <Alert color="red" variant="light">
        {t.forceDownText}
      </Alert>
      {t.forceDownPreview}
    </FormDialog>
  );
}
