import type { Daemon } from '../daemon.ts';

/** What `--help` prints. */
export function usage({ name, configFiles }: Daemon): string {
  const files = configFiles.length > 0 ? configFiles.join(', ') : 'none';
  return `usage: ${name} [--config-file FILE]... [--config-dir DIR] [--OPTION VALUE]...

Runs ${name} in the foreground until SIGTERM or SIGINT.

  --config-file FILE      read this file instead of the usual ones; repeat it for several, later ones win
                          (usual: ${files})
  --config-dir DIR        read every *.conf in this folder after them
  --log-file FILE         log to this file instead of standard error
  --log-dir DIR           log to DIR/${name}.log
  --pid-file FILE         write the process id there while it runs
  --debug, -d             log everything
  --verbose, -v           log what happens (the default), not only warnings and errors
  --check-config          say what is wrong with the configuration instead of starting: values of a wrong type, unknown
                          options, old spellings; status 1 when there is something
  --version               print the version
  --help, -h              print this

Any configuration option may be given too: --my_ip 192.0.2.1 for [DEFAULT] my_ip, --database-connection URL for
[database] connection. The environment says the same as OS_DEFAULT__MY_IP, OS_DATABASE__CONNECTION; the command line wins.
`;
}
