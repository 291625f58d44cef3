/** Faults of load balancing, in Neutron's words. */
import { ApiError } from '#common/api/errors.ts';

const fault = (status: number, type: string, message: string): ApiError => new ApiError(status, message, { type });

export const lbErrors = {
  notAuthorized: () => fault(403, 'NotAuthorized', 'Not authorized.'),
  vipNotFound: (id: string) => fault(404, 'VipNotFound', `Vip ${id} could not be found`),
  vipExists: (pool: string) => fault(409, 'VipExists', `Another Vip already exists for pool ${pool}`),
  poolNotFound: (id: string) => fault(404, 'PoolNotFound', `Pool ${id} could not be found`),
  poolInUse: (id: string) => fault(409, 'PoolInUse', `Pool ${id} is still in use`),
  memberNotFound: (id: string) => fault(404, 'MemberNotFound', `Member ${id} could not be found`),
  memberExists: (address: string, port: number, pool: string) =>
    fault(409, 'MemberExists', `Member with address ${address} and port ${port} already present in pool ${pool}`),
  monitorNotFound: (id: string) => fault(404, 'HealthMonitorNotFound', `Health_monitor ${id} could not be found`),
  monitorInUse: (id: string) =>
    fault(409, 'HealthMonitorInUse', `Health monitor ${id} still has associations with pools`),
  notAssociated: (monitor: string, pool: string) =>
    fault(404, 'PoolMonitorAssociationNotFound', `Monitor ${monitor} is not associated with Pool ${pool}`),
  associated: (monitor: string, pool: string) =>
    fault(409, 'PoolMonitorAssociationExists', `health_monitor ${monitor} is already associated with pool ${pool}`),
  protocolMismatch: (vip: string, pool: string) =>
    fault(400, 'ProtocolMismatch', `Protocol ${vip} does not match pool protocol ${pool}`),
  delayOrTimeout: () => fault(400, 'DelayOrTimeoutInvalid', 'Delay must be greater than or equal to timeout'),
  noEligibleBackend: (pool: string) => fault(404, 'NoEligibleBackend', `No eligible backend for pool ${pool}`),
  providerNotFound: (name: string) =>
    fault(
      404,
      'ServiceProviderNotFound',
      `Service provider '${name}' could not be found for service type LOADBALANCER`,
    ),
  noDefaultProvider: () =>
    fault(404, 'DefaultServiceProviderNotFound', 'Service type LOADBALANCER does not have a default service provider'),
} as const;
