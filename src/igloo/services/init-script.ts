import { join } from 'node:path';
import type { Service } from './catalogue.ts';

/** What the init scripts share: start, stop, restart, status. */
export const initFunctions = (checkout: string): string => join(checkout, 'src/igloo/services/functions.sh');

/**
 * A SysV init script (`/etc/init.d/NAME`) for `service NAME start|stop|restart|status` and `chkconfig NAME on|off`.
 * @param checkout folder of the program that it starts
 */
export function initScript(service: Service, checkout: string): string {
  const { name, description, program, user, capability = '', configFiles, logFile, ports } = service;
  const owner = /^(?:openstack-)?([a-z]+)/.exec(name)?.[1] as string;
  return `#!/bin/sh
# ${name}: ${description}
#
# chkconfig: - 98 02
# description: ${description}
### BEGIN INIT INFO
# Provides: ${name}
# Required-Start: $remote_fs $network $syslog
# Required-Stop: $remote_fs $network $syslog
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
# Short-Description: ${description}
### END INIT INFO
prog=${name}
program=${program}
exec=${join(checkout, 'bin', program)}
user=${user}
caps=${capability}
pidfile=/var/run/${owner}/${name}.pid
logfile=${logFile}
ports='${ports.join(' ')}'
args='${configFiles.map((file) => `--config-file ${file}`).join(' ')} --log-file ${logFile}'
. ${initFunctions(checkout)}
`;
}
