/**
 * Every error of the Networking API, in one table: status, NeutronError type, text. The texts are Neutron's own, because
 * clients and test suites match them.
 */
import { ApiError } from '#common/api/errors.ts';

const error = (status: number, type: string, message: string): ApiError => new ApiError(status, message, { type });
const ids = (list: readonly string[]): string => list.join(',');

export const errors = {
  // requests
  malformed: (message: string) => error(400, 'HTTPBadRequest', message),
  invalidInput: (message: string) => error(400, 'InvalidInput', `Invalid input for operation: ${message}.`),
  badRequest: (resource: string, message: string) => error(400, 'BadRequest', `Bad ${resource} request: ${message}.`),
  notAuthorized: (rules: string) => error(403, 'PolicyNotAuthorized', `${rules} is disallowed by policy`),
  adminRequired: (reason: string) => error(403, 'AdminRequired', `User does not have admin privileges: ${reason}.`),
  revisionMismatch: (id: string, wanted: number) =>
    error(412, 'RevisionNumberConstraintFailed', `Constrained to ${wanted}, but current revision of ${id} is another`),

  // networks
  networkNotFound: (id: string) => error(404, 'NetworkNotFound', `Network ${id} could not be found.`),
  networkInUse: (id: string, ports: readonly string[]) =>
    error(
      409,
      'NetworkInUse',
      `Unable to complete operation on network ${id}. There are one or more ports still in use on the network, id for these ports is: ${ids(ports)}.`,
    ),
  invalidSharedSetting: (id: string) =>
    error(
      409,
      'InvalidSharedSetting',
      `Unable to reconfigure sharing settings for network ${id}. Multiple tenants are using it.`,
    ),
  externalNetworkInUse: (id: string) =>
    error(
      409,
      'ExternalNetworkInUse',
      `External network ${id} cannot be updated to be made non-external, since it has existing gateway ports.`,
    ),
  noNetworkAvailable: () =>
    error(503, 'NoNetworkAvailable', 'Unable to create the network. No tenant network is available for allocation.'),
  vlanIdInUse: (id: number, physical: string) =>
    error(
      409,
      'VlanIdInUse',
      `Unable to create the network. The VLAN ${id} on physical network ${physical} is in use.`,
    ),
  flatNetworkInUse: (physical: string) =>
    error(409, 'FlatNetworkInUse', `Unable to create the flat network. Physical network ${physical} is in use.`),
  tunnelIdInUse: (id: number) =>
    error(409, 'TunnelIdInUse', `Unable to create the network. The tunnel ID ${id} is in use.`),

  // subnets and addresses
  subnetNotFound: (id: string) => error(404, 'SubnetNotFound', `Subnet ${id} could not be found.`),
  subnetPoolNotFound: (id: string) => error(404, 'SubnetPoolNotFound', `Subnet pool ${id} could not be found.`),
  emptySubnetPool: () => error(400, 'EmptySubnetPoolPrefixList', 'Empty subnet pool prefix list.'),
  poolOfBothVersions: () => error(400, 'PrefixVersionMismatch', 'Cannot mix IPv4 and IPv6 prefixes in a subnet pool.'),
  illegalPrefixBounds: (type: string, length: number, baseType: string, baseLength: number) =>
    error(400, 'IllegalSubnetPoolPrefixBounds', `Illegal prefix bounds: ${type}=${length}, ${baseType}=${baseLength}.`),
  illegalPrefixUpdate: (reason: string) =>
    error(400, 'IllegalSubnetPoolPrefixUpdate', `Illegal update to prefixes: ${reason}.`),
  subnetPoolInUse: () =>
    error(400, 'SubnetPoolDeleteError', 'Unable to delete subnet pool: Subnet pool has existing allocations.'),
  subnetPrefixTooShort: (length: number, least: number) =>
    error(
      400,
      'MinPrefixSubnetAllocationError',
      `Unable to allocate subnet with prefix length ${length}, minimum allowed prefix is ${least}.`,
    ),
  subnetPrefixTooLong: (length: number, most: number) =>
    error(
      400,
      'MaxPrefixSubnetAllocationError',
      `Unable to allocate subnet with prefix length ${length}, maximum allowed prefix is ${most}.`,
    ),
  // Neutron answers 500 for it; nothing is broken, so it is a conflict here.
  subnetAllocation: (reason: string) => error(409, 'SubnetAllocationError', `Failed to allocate subnet: ${reason}.`),
  subnetPoolQuota: () => error(409, 'SubnetPoolQuotaExceeded', 'Per-tenant subnet pool prefix quota exceeded.'),
  poolsOfOneNetwork: () =>
    error(
      400,
      'NetworkSubnetPoolAffinityError',
      'Subnets hosted on the same network must be allocated from the same subnet pool.',
    ),
  subnetInUse: (id: string, reason = 'One or more ports have an IP allocation from this subnet') =>
    error(409, 'SubnetInUse', `Unable to complete operation on subnet ${id}: ${reason}.`),
  invalidAllocationPool: (pool: string) =>
    error(400, 'InvalidAllocationPool', `The allocation pool ${pool} is not valid.`),
  outOfBoundsPool: (pool: string, cidr: string) =>
    error(400, 'OutOfBoundsAllocationPool', `The allocation pool ${pool} spans beyond the subnet cidr ${cidr}.`),
  overlappingPools: (one: string, two: string, cidr: string) =>
    error(409, 'OverlappingAllocationPools', `Found overlapping allocation pools: ${one} ${two} for subnet ${cidr}.`),
  gatewayConflict: (ip: string, pool: string) =>
    error(409, 'GatewayConflictWithAllocationPools', `Gateway ip ${ip} conflicts with allocation pool ${pool}.`),
  gatewayIpInUse: (ip: string, port: string) =>
    error(409, 'GatewayIpInUse', `Current gateway ip ${ip} already in use by port ${port}. Unable to update.`),
  nameserversExhausted: (id: string, max: number) =>
    error(
      400,
      'DNSNameServersExhausted',
      `Unable to complete operation for ${id}. The number of DNS nameservers exceeds the limit ${max}.`,
    ),
  hostRoutesExhausted: (id: string, max: number) =>
    error(
      400,
      'HostRoutesExhausted',
      `Unable to complete operation for ${id}. The number of host routes exceeds the limit ${max}.`,
    ),
  ipInUse: (network: string, ip: string) =>
    error(
      409,
      'IpAddressInUse',
      `Unable to complete operation for network ${network}. The IP address ${ip} is in use.`,
    ),
  addressesExhausted: (network: string) =>
    error(409, 'IpAddressGenerationFailure', `No more IP addresses available on network ${network}.`),
  ipNotOnNetwork: (ip: string) =>
    error(
      400,
      'InvalidIpForNetwork',
      `IP address ${ip} is not a valid IP for any of the subnets on the specified network.`,
    ),
  ipNotOnSubnet: (ip: string) =>
    error(400, 'InvalidIpForSubnet', `IP address ${ip} is not a valid IP for the specified subnet.`),

  // ports
  portNotFound: (id: string) => error(404, 'PortNotFound', `Port ${id} could not be found.`),
  portInUse: (id: string, network: string, device: string) =>
    error(
      409,
      'PortInUse',
      `Unable to complete operation on port ${id} for network ${network}. Port already has an attached device ${device}.`,
    ),
  macInUse: (network: string, mac: string) =>
    error(
      409,
      'MacAddressInUse',
      `Unable to complete operation for network ${network}. The mac address ${mac} is in use.`,
    ),
  macGenerationFailure: (network: string) =>
    error(503, 'MacAddressGenerationFailure', `Unable to generate unique mac on network ${network}.`),
  servicePortInUse: (id: string, owner: string) =>
    error(
      409,
      'ServicePortInUse',
      `Port ${id} cannot be deleted directly via the port API: has device owner ${owner}.`,
    ),
  groupsNeedPortSecurity: () =>
    error(
      400,
      'PortSecurityAndIPRequiredForSecurityGroups',
      'Port security must be enabled and port must have an IP address in order to use security groups.',
    ),
  portHasGroups: () =>
    error(
      409,
      'PortSecurityPortHasSecurityGroup',
      'Port has security group associated. Cannot disable port security or IP address until security group is removed.',
    ),
  pairsNeedPortSecurity: () =>
    error(
      409,
      'AddressPairAndPortSecurityRequired',
      'Port Security must be enabled in order to have allowed address pairs on a port.',
    ),
  pairsExhausted: (quota: number) =>
    error(400, 'AllowedAddressPairExhausted', `The number of allowed address pair exceeds the maximum ${quota}.`),
  duplicatePair: (mac: string, ip: string) =>
    error(
      400,
      'DuplicateAddressPairInRequest',
      `Request contains duplicate address pair: mac_address ${mac} ip_address ${ip}.`,
    ),

  // routers
  routerNotFound: (id: string) => error(404, 'RouterNotFound', `Router ${id} could not be found`),
  routerInUse: (id: string, ports: readonly string[]) =>
    error(409, 'RouterInUse', `Router ${id} has ports still attached: ${ids(ports)}`),
  routerInterfaceNotFound: (router: string, port: string) =>
    error(404, 'RouterInterfaceNotFound', `Router ${router} does not have an interface with id ${port}`),
  routerInterfaceNotFoundForSubnet: (router: string, subnet: string) =>
    error(404, 'RouterInterfaceNotFoundForSubnet', `Router ${router} has no interface on subnet ${subnet}`),
  routerInterfaceInUse: (router: string, subnet: string) =>
    error(
      409,
      'RouterInterfaceInUseByFloatingIP',
      `Router interface for subnet ${subnet} on router ${router} cannot be deleted, as it is required by one or more floating IPs.`,
    ),
  routerInterfaceInUseByRoute: (router: string, subnet: string) =>
    error(
      409,
      'RouterInterfaceInUseByRoute',
      `Router interface for subnet ${subnet} on router ${router} cannot be deleted, as it is required by one or more routes.`,
    ),
  gatewayInUse: (router: string, network: string) =>
    error(
      409,
      'RouterExternalGatewayInUseByFloatingIp',
      `Gateway cannot be updated for router ${router}, since a gateway to external network ${network} is required by one or more floating IPs.`,
    ),
  invalidRoutes: (routes: string, reason: string) =>
    error(400, 'InvalidRoutes', `Invalid format for routes: ${routes}, ${reason}`),
  routesExhausted: (router: string, max: number) =>
    error(
      400,
      'RoutesExhausted',
      `Unable to complete operation for ${router}. The number of routes exceeds the maximum ${max}.`,
    ),

  // floating IPs
  floatingIpNotFound: (id: string) => error(404, 'FloatingIPNotFound', `Floating IP ${id} could not be found`),
  noRouterForFloatingIp: (subnet: string, network: string, port: string) =>
    error(
      404,
      'ExternalGatewayForFloatingIPNotFound',
      `External network ${network} is not reachable from subnet ${subnet}.  Therefore, cannot associate Port ${port} with a Floating IP.`,
    ),
  alreadyAssociated: (address: string, id: string, port: string, fixed: string, network: string) =>
    error(
      409,
      'FloatingIPPortAlreadyAssociated',
      `Cannot associate floating IP ${address} (${id}) with port ${port} using fixed IP ${fixed}, as that fixed IP already has a floating IP on external network ${network}.`,
    ),

  // security groups
  groupNotFound: (id: string) => error(404, 'SecurityGroupNotFound', `Security group ${id} does not exist`),
  groupInUse: (id: string) => error(409, 'SecurityGroupInUse', `Security Group ${id} in use.`),
  defaultGroupExists: () => error(409, 'SecurityGroupDefaultAlreadyExists', 'Default security group already exists.'),
  defaultGroupKept: () =>
    error(409, 'SecurityGroupCannotRemoveDefault', 'Insufficient rights for removing default security group.'),
  defaultGroupFixed: () =>
    error(409, 'SecurityGroupCannotUpdateDefault', 'Updating default security group not allowed.'),
  ruleNotFound: (id: string) => error(404, 'SecurityGroupRuleNotFound', `Security group rule ${id} does not exist`),
  ruleExists: (id: string) =>
    error(409, 'SecurityGroupRuleExists', `Security group rule already exists. Rule id is ${id}.`),
  duplicateRulesInPost: () => error(409, 'DuplicateSecurityGroupRuleInPost', 'Duplicate Security Group Rule in POST.'),
  rulesOfSeveralGroups: () =>
    error(400, 'SecurityGroupNotSingleGroupRules', 'Only allowed to update rules for one security profile at a time'),
  ruleProtocol: (protocol: string, values: string) =>
    error(
      400,
      'SecurityGroupRuleInvalidProtocol',
      `Security group rule protocol ${protocol} not supported. Only protocol values ${values} and integer representations [0 to 255] are supported.`,
    ),
  ruleNeedsProtocol: () =>
    error(400, 'SecurityGroupProtocolRequiredWithPorts', 'Must also specify protocol if port range is given.'),
  rulePortRange: () =>
    error(400, 'SecurityGroupInvalidPortRange', 'For TCP/UDP protocols, port_range_min must be <= port_range_max'),
  rulePortValue: (port: number) => error(400, 'SecurityGroupInvalidPortValue', `Invalid value for port ${port}`),
  ruleIcmpValue: (field: string, attribute: string, value: number) =>
    error(
      400,
      'SecurityGroupInvalidIcmpValue',
      `Invalid value for ICMP ${field} (${attribute}) ${value}. It must be 0 to 255.`,
    ),
  ruleIcmpType: (code: number) =>
    error(
      400,
      'SecurityGroupMissingIcmpType',
      `ICMP code (port-range-max) ${code} is provided but ICMP type (port-range-min) is missing.`,
    ),
  ruleTwoRemotes: () =>
    error(
      400,
      'SecurityGroupRemoteGroupAndRemoteIpPrefix',
      'Only remote_ip_prefix or remote_group_id may be provided.',
    ),
  ruleEthertype: (ethertype: string, cidr: string) =>
    error(400, 'SecurityGroupRuleParameterConflict', `Conflicting value ethertype ${ethertype} for CIDR ${cidr}`),

  // metering
  labelNotFound: (id: string) => error(404, 'MeteringLabelNotFound', `Metering label ${id} does not exist.`),
  labelRuleNotFound: (id: string) =>
    error(404, 'MeteringLabelRuleNotFound', `Metering label rule ${id} does not exist.`),
  labelRuleOverlaps: (prefix: string) =>
    error(409, 'MeteringLabelRuleOverlaps', `Metering label rule with remote_ip_prefix ${prefix} overlaps another.`),

  // quotas
  overQuota: (resources: readonly string[]) =>
    error(409, 'OverQuota', `Quota exceeded for resources: [${resources.map((name) => `'${name}'`).join(', ')}].`),

  // agents and their schedulers
  agentNotFound: (id: string) => error(404, 'AgentNotFound', `Agent ${id} could not be found.`),
  notADhcpAgent: (id: string) =>
    error(404, 'InvalidDHCPAgent', `Agent ${id} is not a valid DHCP Agent or has been disabled.`),
  networkHosted: (network: string, agent: string) =>
    error(
      409,
      'NetworkHostedByDHCPAgent',
      `The network ${network} has been already hosted by the DHCP Agent ${agent}.`,
    ),
  networkNotHosted: (network: string, agent: string) =>
    error(409, 'NetworkNotHostedByDhcpAgent', `The network ${network} is not hosted by the DHCP agent ${agent}.`),
  notAnL3Agent: (id: string) => error(404, 'InvalidL3Agent', `Agent ${id} is not a L3 Agent or has been disabled.`),
  routerHosted: (router: string, agent: string) =>
    error(409, 'RouterHostedByL3Agent', `The router ${router} has been already hosted by the L3 Agent ${agent}.`),
  routerNotHosted: (router: string, agent: string) =>
    error(409, 'RouterNotHostedByL3Agent', `The router ${router} is not hosted by L3 agent ${agent}.`),

  // other
  noRoute: (message = 'The resource could not be found.') => error(404, 'HTTPNotFound', message),
  tagNotFound: (tag: string) => error(404, 'TagNotFound', `Tag ${tag} could not be found.`),
} as const;
