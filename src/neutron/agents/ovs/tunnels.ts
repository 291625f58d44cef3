import type { OvsBridges, PortSpec } from '#common/host/ovs-bridges.ts';
import type { PluginClient } from '../heartbeat.ts';
import { tunnelPort } from '../names.ts';
import type { TunnelPort } from './flows.ts';

export interface TunnelSettings {
  readonly bridge: string;
  readonly localIp: string;
  readonly types: readonly ('gre' | 'vxlan')[];
  readonly vxlanUdpPort: number;
}

export interface TunnelDeps {
  readonly bridges: OvsBridges;
  readonly plugin: PluginClient;
  readonly host: string;
  readonly settings: TunnelSettings;
}

/** Brings br-tun's tunnels to what the server knows of endpoints: one to each other host, per type. */
export async function syncTunnels({ bridges, plugin, host, settings }: TunnelDeps): Promise<TunnelPort[]> {
  const { bridge, localIp, types, vxlanUdpPort } = settings;
  const wanted: Record<string, PortSpec> = {};
  for (const type of types) {
    const { endpoints } = await plugin.call('tunnelSync', { host, tunnelType: type, localIp });
    for (const { ip } of endpoints) {
      if (ip === localIp) continue;
      const udp = type === 'vxlan' ? { dst_port: String(vxlanUdpPort) } : {};
      const options = { local_ip: localIp, remote_ip: ip, in_key: 'flow', out_key: 'flow', df_default: 'true', ...udp };
      wanted[tunnelPort(type, ip)] = { type, options };
    }
  }
  const isTunnel = (name: string): boolean => /^(gre|vxlan)-[0-9a-f]{8}$/.test(name);
  const stale = bridges.ports(bridge).filter(({ name }) => isTunnel(name) && !(name in wanted));
  await bridges.deletePorts(stale.map(({ name }) => name));
  const ports = await bridges.ensurePorts(bridge, wanted);
  return ports.map(({ type, ofport }) => ({ type: type as 'gre' | 'vxlan', ofport: ofport! }));
}
