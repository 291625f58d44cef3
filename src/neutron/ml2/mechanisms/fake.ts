import type { Logger } from '#common/telemetry/log.ts';
import type { MechanismDriver } from './driver.ts';

/** Binds every port on every host and connects nothing: for tests and for work on scale. */
export function createFakeDriver(): MechanismDriver {
  return { name: 'fake', bind: () => ({ vifType: 'ovs', vifDetails: { port_filter: false }, active: true }) };
}

/** Only writes down what it is asked. */
export function createLoggerDriver(log: Logger): MechanismDriver {
  return {
    name: 'logger',
    bind({ host, segment, vnicType }) {
      log.info(`Asked to bind a ${vnicType} port on ${host}, a ${segment.networkType} segment`);
      return null;
    },
  };
}
