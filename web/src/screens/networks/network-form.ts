import type { NewNetwork } from '#api/network/network-writes.ts';

/** What is typed into the form of a new network. */
export interface NetworkValues {
  readonly name: string;
  readonly description: string;
  readonly adminState: boolean;
  readonly portSecurity: boolean;
  readonly mtu: string;
  readonly withSubnet: boolean;
  /** Administrators only, as all below. */
  readonly shared: boolean;
  readonly external: boolean;
  /** Empty: the current one. */
  readonly project: string;
  /** Empty: what the cloud gives its projects. */
  readonly providerType: string;
  readonly physical: string;
  readonly segment: string;
}

export const emptyNetwork: NetworkValues = {
  name: '',
  description: '',
  adminState: true,
  portSecurity: true,
  mtu: '',
  withSubnet: true,
  shared: false,
  external: false,
  project: '',
  providerType: '',
  physical: '',
  segment: '',
};

export const providerTypes = ['flat', 'vlan', 'gre', 'vxlan', 'local'] as const;
export const hasPhysical = (type: string): boolean => type === 'flat' || type === 'vlan';
export const hasSegment = (type: string): boolean => type === 'vlan' || type === 'gre' || type === 'vxlan';

export const mtuWrong = (text: string): boolean =>
  text.trim() !== '' && !(/^\d{2,5}$/.test(text.trim()) && Number(text) >= 68 && Number(text) <= 65535);
export const segmentWrong = (text: string): boolean => text.trim() !== '' && !/^[1-9]\d{0,9}$/.test(text.trim());

/** Only what differs from what Neutron does by itself; others' fields only from administrators. */
export function newNetwork(values: NetworkValues, admin: boolean): NewNetwork {
  const { providerType: type, physical, segment, project } = values;
  return {
    name: values.name.trim(),
    admin_state_up: values.adminState,
    ...(values.description.trim() !== '' && { description: values.description.trim() }),
    ...(values.mtu.trim() !== '' && { mtu: Number(values.mtu) }),
    ...(!values.portSecurity && { port_security_enabled: false }),
    ...(admin && {
      shared: values.shared,
      'router:external': values.external,
      ...(project !== '' && { tenant_id: project }),
      ...(type !== '' && { 'provider:network_type': type }),
      ...(hasPhysical(type) && physical.trim() !== '' && { 'provider:physical_network': physical.trim() }),
      ...(hasSegment(type) && segment.trim() !== '' && { 'provider:segmentation_id': Number(segment) }),
    }),
  };
}
