import { join } from 'node:path';
import { ensureFolder, writeFileIfChanged } from '#common/host/files.ts';
import type { Run } from '#common/host/run.ts';
import { Supervisor, type Succession, type SupervisedProgram } from '#common/host/supervisor.ts';
import type { Logger } from '#common/telemetry/log.ts';

/** One place where guests ask for metadata. */
export interface MetadataListener {
  readonly netns: string;
  readonly port: number;
  /** Tells the metadata agent whose addresses these are. */
  readonly header: 'X-Neutron-Router-ID' | 'X-Neutron-Network-ID';
  readonly id: string;
}

export interface MetadataProxyDeps {
  readonly folder: string;
  /** The metadata agent's unix socket: its path leads there from every namespace. */
  readonly socket: string;
  readonly run: Run;
  readonly log: Logger;
}

const NAME = 'metadata-proxy';
/** Seconds that a replaced haproxy may take to end its connections. */
const DRAIN_S = 60;
const takeOver: Succession = {
  argv: (running) => ['-sf', String(running.pid)],
  farewell: 'SIGUSR1',
  patienceMs: (DRAIN_S + 5) * 1_000,
};

/**
 * The first hop of guests' metadata requests. One haproxy listens in all namespaces of an agent: it opens each socket in
 * the namespace that its `bind` line names, so there is one process of some 10 MB, whatever the number of networks.
 */
export class MetadataProxy {
  readonly #deps: MetadataProxyDeps;
  readonly #supervisor: Supervisor;
  #current = false;

  constructor(deps: MetadataProxyDeps) {
    this.#deps = deps;
    this.#supervisor = new Supervisor({ folder: deps.folder, run: deps.run, log: deps.log });
  }

  /**
   * Listens exactly there. The namespaces must exist. A change starts a successor that takes over without a gap.
   * @param renewed a namespace was made anew: what listens in the old one must be let go
   */
  async listen(listeners: readonly MetadataListener[], renewed = false): Promise<void> {
    const { folder, socket } = this.#deps;
    await ensureFolder(folder);
    if (listeners.length === 0) return this.#supervisor.stop(NAME);
    const changed = await writeFileIfChanged(join(folder, 'haproxy.cfg'), haproxyConfig(listeners, socket));
    const anew = changed || renewed || !this.#current;
    this.#current = false;
    const program = this.#program();
    if (anew) await this.#supervisor.succeed(program, takeOver);
    else await this.#supervisor.ensure(program);
    this.#current = true;
  }

  /** Stops watching; the proxy runs on. */
  close(): Promise<void> {
    return this.#supervisor.close();
  }

  #program(): SupervisedProgram {
    const pidFile = join(this.#deps.folder, 'haproxy.pid');
    return {
      name: NAME,
      argv: ['haproxy', '-D', '-p', pidFile, '-f', join(this.#deps.folder, 'haproxy.cfg')],
      pidFile,
    };
  }
}

/** haproxy's configuration; guests' own versions of the headers that are trusted further on are dropped. */
export function haproxyConfig(listeners: readonly MetadataListener[], socket: string): string {
  const sections = [...listeners]
    .sort((a, b) => (a.netns < b.netns ? -1 : 1))
    .map(({ netns, port, header, id }) => [
      `frontend ${netns}`,
      `  bind 0.0.0.0:${port} namespace ${netns}`,
      '  http-request del-header X-Instance-ID',
      '  http-request del-header X-Tenant-ID',
      '  http-request del-header X-Instance-ID-Signature',
      '  http-request del-header X-Neutron-Router-ID',
      '  http-request del-header X-Neutron-Network-ID',
      '  http-request set-header X-Forwarded-For %[src]',
      `  http-request set-header ${header} ${id}`,
      '  default_backend metadata-agent',
    ]);
  return [
    'global',
    '  maxconn 1024',
    '  nbthread 1',
    `  hard-stop-after ${DRAIN_S}s`,
    'defaults',
    '  mode http',
    '  timeout connect 5s',
    '  timeout client 60s',
    '  timeout server 60s',
    '  timeout http-request 10s',
    ...sections.flat(),
    'backend metadata-agent',
    `  server agent unix@${socket}`,
    '',
  ].join('\n');
}
