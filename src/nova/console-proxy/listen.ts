import type { Server } from 'node:net';
import { StartupError } from '#common/daemon.ts';

/**
 * Opens a console proxy's port.
 * @param option the option that names the port
 * @throws StartupError when the port is taken
 */
export async function listenOn(server: Server, host: string, port: number, option: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new StartupError(
      `Port ${port} on ${host} is taken. Stop the program that holds it (ss -ltnp 'sport = :${port}' names it), or set ${option}.`,
      { cause },
    );
  }
}
