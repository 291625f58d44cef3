import type { OptionTable } from '#common/config/config.ts';
import {
  dhcpAgentOptions,
  l3AgentOptions,
  loadBalancerAgentOptions,
  metadataAgentOptions,
  meteringAgentOptions,
  ovsAgentOptions,
} from './agents/config.ts';
import { neutronServerOptions } from './config.ts';

/** Every option that neutron-server or an agent reads: they share neutron.conf. */
export const knownOptions = (): readonly OptionTable[] => [
  neutronServerOptions,
  ovsAgentOptions,
  l3AgentOptions,
  loadBalancerAgentOptions,
  dhcpAgentOptions,
  metadataAgentOptions,
  meteringAgentOptions,
];
