import type { Daemon } from '#common/daemon.ts';

/** Neutron's daemons; each is loaded when it is started. */
export const daemons: Record<string, () => Promise<Daemon>> = {
  'neutron-server': async () => (await import('./server/neutron-server.ts')).neutronServer,
  'neutron-openvswitch-agent': async () => (await import('./agents/ovs/daemon.ts')).createOvsAgentDaemon(),
  'neutron-dhcp-agent': async () => (await import('./agents/dhcp/daemon.ts')).createDhcpAgentDaemon(),
  'neutron-l3-agent': async () => (await import('./agents/l3/daemon.ts')).createL3AgentDaemon(),
  'neutron-lbaas-agent': async () => (await import('./agents/lbaas/daemon.ts')).createLoadBalancerAgentDaemon(),
  'neutron-metadata-agent': async () => (await import('./agents/metadata/daemon.ts')).createMetadataAgentDaemon(),
  'neutron-metering-agent': async () => (await import('./agents/metering/daemon.ts')).createMeteringAgentDaemon(),
};
