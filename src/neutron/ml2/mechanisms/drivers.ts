import { StartupError } from '#common/daemon.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Binding, BindingRequest, MechanismDriver } from './driver.ts';
import { createFakeDriver, createLoggerDriver } from './fake.ts';
import { createOpenvswitchDriver, type OpenvswitchOptions } from './openvswitch.ts';

export interface MechanismDeps {
  readonly openvswitch: OpenvswitchOptions;
  readonly log: Logger;
}

const makers: Readonly<Record<string, (deps: MechanismDeps) => MechanismDriver>> = {
  openvswitch: ({ openvswitch }) => createOpenvswitchDriver(openvswitch),
  logger: ({ log }) => createLoggerDriver(log),
  fake: () => createFakeDriver(),
};
/** Names of the makers, for messages and for the test that runs the contract on each. */
export const mechanismNames: readonly string[] = Object.keys(makers);

/** The drivers of `[ml2] mechanism_drivers`, in order. @throws StartupError for an unknown name */
export function createMechanisms(names: readonly string[], deps: MechanismDeps): readonly MechanismDriver[] {
  return names.map((name) => {
    const make = makers[name];
    if (!make)
      throw new StartupError(
        `[ml2] mechanism_drivers: there is no mechanism driver "${name}". Choose among ${mechanismNames.join(', ')}.`,
      );
    return make(deps);
  });
}

/** What is answered for a port that no driver can connect on its host. */
export const bindingFailed: Binding = { vifType: 'binding_failed', vifDetails: {}, active: false };
/** And for one without a host. */
export const unbound: Binding = { vifType: 'unbound', vifDetails: {}, active: false };

/** The first driver that connects the port. */
export function bindPort(drivers: readonly MechanismDriver[], request: BindingRequest): Binding {
  for (const driver of drivers) {
    const binding = driver.bind(request);
    if (binding) return binding;
  }
  return bindingFailed;
}
