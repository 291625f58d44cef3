/** Lists of many servers: by page, by Igloo's `nova`, by the stock `openstack` and `nova`. `node bench/lists.ts` */
import { run } from '#common/host/run.ts';
import { projectRoot } from '../test/fixtures/cloud.ts';
import { benchCloud, json, load, printFigures, show, type Figure } from './lib.ts';
import { allActive, raiseQuota } from './servers.ts';

const figures: Figure[] = [];
const add = (what: string, value: string, goal: string): void => void figures.push({ what, value, goal });
const count = 1_000;

const bench = await benchCloud('--virt', 'fake', '--network', 'fake');
try {
  const { port, cloud } = bench;
  const token = await bench.token();
  await raiseQuota(port, token);
  const compute = `${port(8774)}/v2.1`;
  const { images } = await json<{ images: { id: string }[] }>('GET', `${port(9292)}/v2/images`, token);
  const started = performance.now();
  await load(count, 8, async (index) => {
    const body = { server: { name: `b${index}`, flavorRef: '1', imageRef: images[0]?.id, networks: 'none' } };
    await json('POST', `${compute}/servers`, token, body, { 'openstack-api-version': 'compute 2.37' });
  });
  await allActive(compute, token, count);
  add(`${count} servers to ACTIVE, 8 at a time (fake driver)`, seconds(started), '');

  const pages = await load(20, 1, async () => {
    let marker = '';
    let seen = 0;
    for (;;) {
      const { servers } = await json<{ servers: { id: string }[] }>(
        'GET',
        `${compute}/servers/detail?limit=100${marker}`,
        token,
      );
      seen += servers.length;
      const last = servers.at(-1);
      if (!last) break;
      marker = `&marker=${last.id}`;
    }
    if (seen !== count) throw new Error(`${seen} servers were listed`);
  });
  add(`${count} servers listed by 100, all ${count / 100 + 1} pages`, show(pages), '');
  const whole = await load(20, 1, async () => void (await json('GET', `${compute}/servers/detail`, token)));
  add(`${count} servers in one answer`, show(whole), '');

  const rc = await cloud.environment('admin');
  const v2 = { ...rc, OS_AUTH_URL: (rc['OS_AUTH_URL'] ?? '').replace(/\/v3$/, '/v2.0/') };
  const time = async (argv: readonly string[], env: Readonly<Record<string, string>>): Promise<string> => {
    const figure = await load(5, 1, async () => void (await run(argv, { env, timeoutMs: 120_000 })));
    return show(figure);
  };
  add("Igloo's nova list", await time([`${projectRoot}/bin/nova`, 'list'], v2), '');
  add("Igloo's nova flavor-list", await time([`${projectRoot}/bin/nova`, 'flavor-list'], v2), '≤ 0.1 s');
  add("Debian's openstack server list", await time(['openstack', 'server', 'list', '-n', '--limit', '-1'], rc), '');
  add("Debian's openstack flavor list", await time(['openstack', 'flavor', 'list'], rc), '');
} finally {
  await bench.destroy();
}
printFigures('Lists', figures);
process.exit(0);

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(2)} s`;
}
