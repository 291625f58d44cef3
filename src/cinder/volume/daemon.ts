import { StartupError, type Daemon, type DaemonEnv, type RunningDaemon } from '#common/daemon.ts';
import { backendsOf, type Backend } from '../config.ts';
import { cinderConfig, cinderConfigFiles, healthOf, repeat, type Repeating } from '../daemon-kit.ts';
import { openCinderDatabase } from '../database.ts';
import { startBackend, type BackendProcess } from './backend-process.ts';
import { openBackend, shareTgtd } from './open-backend.ts';

/** cinder-volume: the volumes of one host's back ends. */
export const cinderVolume: Daemon = {
  name: 'cinder-volume',
  configFiles: cinderConfigFiles,
  start: startVolume,
};

async function startVolume(env: DaemonEnv): Promise<RunningDaemon> {
  const { log } = env;
  const conf = cinderConfig(env);
  const described = backendsOf(env.config, conf, env.host, (line) => log.warn(line));
  const db = await openCinderDatabase(conf, env);
  const stopping = new AbortController();
  const running = new Map<string, BackendProcess>();
  const failures = new Map<string, Error>();
  const tgtd = shareTgtd(env, conf, () => {
    for (const backend of running.values()) backend.reconcile();
  });
  const open = async (backend: Backend): Promise<void> => {
    try {
      const opened = await openBackend(env, backend, conf, tgtd, stopping.signal);
      running.set(backend.host, await startBackend(env, conf, db, opened));
      failures.delete(backend.host);
      const { driver, target } = opened.backend;
      log.info(`Back end ${backend.host} keeps volumes by ${driver.name} and offers them by ${target.name}`);
    } catch (error) {
      failures.set(backend.host, error as Error);
      log.error(`Back end ${backend.host} cannot be used: ${(error as Error).message}`);
    }
  };
  const stop = async (repeating?: Repeating): Promise<void> => {
    stopping.abort();
    await repeating?.stop();
    await Promise.all([...running.values()].map((one) => one.stop()));
    await tgtd.close();
    await db.close();
  };

  for (const backend of described) await open(backend);
  const [failure] = failures.values();
  if (running.size === 0 && failure) {
    await stop();
    throw failure instanceof StartupError ? failure : new StartupError(failure.message, { cause: failure });
  }
  // A store that is away at the start may come back: the others do not wait for it.
  const retrying = repeat('Opening back ends', conf.DEFAULT.periodic_interval, log, async () => {
    for (const backend of described) if (!running.has(backend.host) && !stopping.signal.aborted) await open(backend);
  });
  return {
    async health() {
      const { ok, detail } = await healthOf({ db, bus: env.bus });
      const lines = described.map(({ host }) => {
        const trouble = running.get(host)?.trouble() ?? failures.get(host)?.message ?? null;
        return { ok: trouble === null, line: `back end ${host}: ${trouble ?? 'in order'}` };
      });
      return { ok: ok && lines.every((one) => one.ok), detail: [...detail, ...lines.map(({ line }) => line)] };
    },
    stop: () => stop(retrying),
  };
}
