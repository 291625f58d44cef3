import type { HttpApp } from './app.ts';

/** A socket that a daemon listens on. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** What a socket is opened for. */
export type ListeningApp = Pick<HttpApp, 'name' | 'fastify'>;

/** Opens a daemon's listening sockets. */
export interface HttpHost {
  /**
   * Serves `app` at host:port (port 0 picks one).
   * @throws StartupError when the port is taken, naming the port and what to do
   */
  listen(app: ListeningApp, address: { readonly host: string; readonly port: number }): Promise<Listener>;
}
