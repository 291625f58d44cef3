import { useQuery } from '@tanstack/react-query';
import { hypervisorUptime, type Hypervisor } from '#api/compute/hosts.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { Facts } from '#ui/facts.tsx';
import { processorOf, versionOf } from './facts.ts';
import { nodeTexts } from './texts.ts';

/** What a hypervisor is. */
export function HypervisorFacts({ hypervisor }: { readonly hypervisor: Hypervisor }) {
  const t = useText(nodeTexts);
  const format = useFormat();
  const { data: uptime } = useQuery({
    queryKey: ['hypervisor', 'part', hypervisor.id, 'uptime'],
    queryFn: ({ signal }) => hypervisorUptime(hypervisor.id, signal),
    enabled: hypervisor.state === 'up',
    refetchInterval: 30_000,
  });
  const { model, topology } = processorOf(hypervisor.cpu_info);
  const { disk_available_least: free } = hypervisor;
  return (
    <Facts
      rows={[
        [t.hypervisor, hypervisor.hypervisor_type],
        [t.version, versionOf(hypervisor.hypervisor_version)],
        [t.hypervisorName, hypervisor.hypervisor_hostname],
        [t.address, hypervisor.host_ip],
        [t.processor, model],
        [t.topology, topology],
        [t.freeDisk, free === null ? null : format.gib(free)],
        [t.uptime, uptime?.trim() ?? null],
      ]}
    />
  );
}
