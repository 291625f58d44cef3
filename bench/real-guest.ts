/** Figures with a real guest: API accept to the guest's process running, and to its login prompt. `npm run bench:guest` */
import { setTimeout as sleep } from 'node:timers/promises';
import { benchCloud, json, printFigures, type Figure } from './lib.ts';

const figures: Figure[] = [];
const bench = await benchCloud();
try {
  const { port } = bench;
  const token = await bench.token();
  const compute = `${port(8774)}/v2.1`;
  const { images } = await json<{ images: { id: string }[] }>('GET', `${port(9292)}/v2/images`, token);
  const net = await json<{ network: { id: string } }>('POST', `${port(9696)}/v2.0/networks`, token, {
    network: { name: 'bench' },
  });
  await json('POST', `${port(9696)}/v2.0/subnets`, token, {
    subnet: { network_id: net.network.id, ip_version: 4, cidr: '10.77.0.0/24' },
  });
  for (const round of ['first (image is fetched)', 'second', 'third']) {
    const started = performance.now();
    const { server } = await json<{ server: { id: string } }>('POST', `${compute}/servers`, token, {
      server: { name: 'bench', flavorRef: '1', imageRef: images[0]?.id, networks: [{ uuid: net.network.id }] },
    });
    const accepted = performance.now();
    let active = 0;
    while (active === 0) {
      const shown = await json<{ server: { status: string; fault?: { message: string } } }>(
        'GET',
        `${compute}/servers/${server.id}`,
        token,
      );
      if (shown.server.status === 'ERROR') throw new Error(shown.server.fault?.message);
      if (shown.server.status === 'ACTIVE') active = performance.now();
      else await sleep(5);
    }
    figures.push({ what: `API accept, ${round}`, value: `${(accepted - started).toFixed(0)} ms`, goal: '' });
    figures.push({
      what: `accept to ACTIVE (process runs), ${round}`,
      value: `${(active - accepted).toFixed(0)} ms`,
      goal: '≤ 500 ms',
    });
    for (;;) {
      const log = await json<{ output: string }>('POST', `${compute}/servers/${server.id}/action`, token, {
        'os-getConsoleOutput': {},
      });
      if (log.output.includes('login:')) break;
      await sleep(100);
    }
    figures.push({
      what: `accept to login prompt, ${round}`,
      value: `${((performance.now() - accepted) / 1000).toFixed(1)} s`,
      goal: '',
    });
    await json('DELETE', `${compute}/servers/${server.id}`, token);
    await sleep(2_000);
  }
} finally {
  await bench.destroy();
}
printFigures('A real guest', figures);
process.exit(0);
