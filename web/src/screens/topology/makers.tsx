import { Button } from '@mantine/core';
import { IconPlus, IconRocket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useText } from '#i18n/catalogue.ts';
import { useDialog } from '#ui/dialogs.tsx';
import { CreateNetworkDialog } from '../networks/create-network-dialog.tsx';
import { CreateRouterDialog } from '../routers/router-dialog.tsx';
import { topologyTexts } from './texts.ts';

/** What makes more of what is in the picture. */
export function Makers() {
  const t = useText(topologyTexts);
  const open = useDialog();
  return (
    <>
      <Button
        variant="default"
        aria-label={t.createNetworkLabel}
        leftSection={<IconPlus size={16} />}
        onClick={() => open((close) => <CreateNetworkDialog close={close} />)}
      >
        {t.createNetwork}
      </Button>
      <Button
        variant="default"
        aria-label={t.createRouterLabel}
        leftSection={<IconPlus size={16} />}
        onClick={() => open((close) => <CreateRouterDialog close={close} />)}
      >
        {t.createRouter}
      </Button>
      <Button
        aria-label={t.launchLabel}
        leftSection={<IconRocket size={16} />}
        renderRoot={(props) => <Link to="/launch" {...props} />}
      >
        {t.launch}
      </Button>
    </>
  );
}
