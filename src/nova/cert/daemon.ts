import type { Daemon } from '#common/daemon.ts';
import type { RpcHandlers } from '#common/bus/bus.ts';
import { healthOf, heartbeat, novaConfig, novaConfigFiles } from '../daemon-kit.ts';
import { openNovaDatabase } from '../database.ts';
import { certRpc } from '../rpc.ts';

type Handlers = RpcHandlers<(typeof certRpc)['methods']>;

/** nova-cert: signs X.509 certificates for users. */
export const novaCert: Daemon = {
  name: 'nova-cert',
  configFiles: novaConfigFiles,
  async start(env) {
    const { bus, clock, host } = env;
    const conf = novaConfig(env);
    const db = await openNovaDatabase(conf, env);
    let loaded: Promise<Handlers> | undefined;
    // Loaded at the first question: an idle cloud does not pay for it.
    const handlers = (): Promise<Handlers> =>
      (loaded ??= import('./handlers.ts').then(({ certHandlers }) => certHandlers({ db, clock, conf })));
    const subscription = await bus.serve(certRpc, host, {
      fetchCa: async (args, meta) => (await handlers()).fetchCa(args, meta),
      fetchCrl: async (args, meta) => (await handlers()).fetchCrl(args, meta),
      generate: async (args, meta) => (await handlers()).generate(args, meta),
      revoke: async (args, meta) => (await handlers()).revoke(args, meta),
      decrypt: async (args, meta) => (await handlers()).decrypt(args, meta),
    });
    const beat = heartbeat(env, conf, 'nova-cert', certRpc.topic);
    return {
      health: () => healthOf({ db, bus }),
      async stop() {
        await beat.stop();
        await subscription.close();
        await db.close();
      },
    };
  },
};
