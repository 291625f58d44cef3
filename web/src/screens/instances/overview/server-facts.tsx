import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Server } from '#api/compute/servers.ts';
import { projects } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { Ago } from '#ui/ago.tsx';
import { Copyable } from '#ui/copy.tsx';
import { Facts } from '#ui/facts.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useServerImage } from '../use-server-image.ts';
import { Section } from './section.tsx';
import { overviewTexts } from './texts.ts';

const To = ({ to, children }: { readonly to: string; readonly children: ReactNode }) => (
  <Anchor size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
    {children}
  </Anchor>
);

/** What is known of a server. */
export function ServerFacts({ server }: { readonly server: Server }) {
  const t = useText(overviewTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { isAdmin } = useSignedIn();
  const image = useServerImage(server);
  const { data: owners = [] } = useList(projects, { enabled: isAdmin });
  const { flavor } = server;
  const host = server['OS-EXT-SRV-ATTR:host'];
  return (
    <Section title={t.facts}>
      <Facts
        rows={[
          [ui.description, server.description ?? ''],
          [
            t.flavor,
            `${flavor.original_name}: ${t.size(flavor.vcpus, format.mib(flavor.ram), format.gib(flavor.disk))}`,
          ],
          [
            t.image,
            <>
              {image && <To to={`/images/${image.id}`}>{image.name ?? image.id}</To>}
              {server.image === '' && <div>{t.fromVolume}</div>}
            </>,
          ],
          [t.keyPair, server.key_name],
          [t.zone, server['OS-EXT-AZ:availability_zone']],
          [t.power, t.powers.split('|')[server['OS-EXT-STS:power_state']] ?? ''],
          [ui.created, <Ago time={server.created} />],
          [t.launched, server['OS-SRV-USG:launched_at'] && <Ago time={server['OS-SRV-USG:launched_at']} />],
          [t.configDrive, server.config_drive ? ui.yes : ui.no],
          ...(isAdmin
            ? ([
                [t.hostName, host ? <To to={`/admin/nodes/${host}`}>{host}</To> : null],
                [t.hostStatus, server.host_status],
                [t.hypervisor, server['OS-EXT-SRV-ATTR:hypervisor_hostname']],
                [t.instanceName, server['OS-EXT-SRV-ATTR:instance_name']],
                [
                  t.projectId,
                  <To to={`/admin/projects/${server.tenant_id}`}>
                    {owners.find(({ id }) => id === server.tenant_id)?.name ?? server.tenant_id}
                  </To>,
                ],
              ] as const)
            : []),
          [t.user, <Copyable text={server.user_id} />],
        ]}
      />
    </Section>
  );
}
