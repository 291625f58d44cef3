import { spawn } from 'node:child_process';
import { run } from '#common/host/run.ts';
import type { NamespaceHost } from './namespace-host.ts';

/** The cables and switches between hosts, in a network namespace that no host sees. */
export interface Fabric {
  /** Plugs a network card of the host into a switch, which is made when it is not there; up, with these addresses. */
  plug(host: NamespaceHost, card: string, into: string, ...addresses: readonly string[]): Promise<void>;
  /** Gives a switch an address of its own: the router at the end of that network. */
  address(into: string, address: string): Promise<void>;
  stop(): void;
}

export async function startFabric(): Promise<Fabric> {
  // `echo` tells that the namespace is there.
  const holder = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', 'unshare', '--net', 'sh', '-c', 'echo; exec sleep infinity'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await new Promise((resolve, reject) => holder.stdout.once('data', resolve).once('close', reject));
  const pid = String(holder.pid);
  const inside = ['nsenter', '-t', pid, '-n', '--'];
  // Frames on a switch are nobody's to filter.
  await run([...inside, 'sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=0', 'net.ipv4.ip_forward=1']);
  const switches = new Set<string>();
  const ensure = async (name: string): Promise<void> => {
    if (switches.has(name)) return;
    switches.add(name);
    await run([...inside, 'ip', 'link', 'add', name, 'type', 'bridge']);
    await run([...inside, 'ip', 'link', 'set', name, 'up']);
  };
  let cables = 0;
  return {
    async plug(host, card, into, ...addresses) {
      await ensure(into);
      const [near, far] = [`p${cables}`, `q${cables++}`];
      const there = [...host.enter, 'ip'];
      await run([...inside, 'ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far]);
      await run([...inside, 'ip', 'link', 'set', near, 'master', into, 'up']);
      await run([...inside, 'ip', 'link', 'set', far, 'netns', String(host.pid)]);
      await run([...there, 'link', 'set', far, 'name', card]);
      await run([...there, 'link', 'set', card, 'up']);
      // A switch in userspace forwards what a card sends as it is: checksums have to be there.
      await run([...host.enter, 'ethtool', '-K', card, 'tx', 'off'], { ok: [0, 1] });
      for (const address of addresses) await run([...there, 'addr', 'add', address, 'dev', card]);
    },
    async address(into, address) {
      await ensure(into);
      await run([...inside, 'ip', 'addr', 'add', address, 'dev', into]);
    },
    stop: () => void holder.kill('SIGKILL'),
  };
}
