import { Stack } from '@mantine/core';
import type { Server } from '#api/compute/servers.ts';
import { useSignedIn } from '#api/session.ts';
import { Failure } from './failure.tsx';
import { Metadata } from './metadata.tsx';
import { Networks } from './networks.tsx';
import { ServerFacts } from './server-facts.tsx';
import { Volumes } from './volumes.tsx';

/** What a server is, and what it has. */
export function Overview({ server }: { readonly server: Server }) {
  const { services } = useSignedIn();
  return (
    <Stack>
      <Failure server={server} />
      <ServerFacts server={server} />
      {services.network && <Networks server={server} />}
      {services.volume && <Volumes server={server} />}
      <Metadata server={server} />
    </Stack>
  );
}
