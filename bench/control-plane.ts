/** Figures of the control plane alone (fake drivers): start, memory, requests, boots. `npm run bench` */
import { setTimeout as sleep } from 'node:timers/promises';
import { benchCloud, json, load, printFigures, pssMiB, request, show, type Figure } from './lib.ts';
import { allActive, deleteAll, raiseQuota } from './servers.ts';

const figures: Figure[] = [];
const add = (what: string, value: string, goal: string): void => void figures.push({ what, value, goal });

const bench = await benchCloud('--virt', 'fake', '--network', 'fake');
try {
  const { port, cloud } = bench;
  // The first start sets up; the second is the one that counts.
  await cloud.igloo('down');
  const again = await cloud.up();
  const answered = /([\d.]+) s +all APIs answer/.exec(again.stdout)?.[1];
  add('`up` to all APIs answering (set-up excluded)', `${answered} s`, '≤ 2 s');
  await sleep(15_000);
  add('memory idle, whole control plane (PSS)', `${pssMiB(await cloud.pid()).toFixed(0)} MiB`, '≤ 170 MiB');

  const token = await bench.token();
  const auth = await load(2_000, 8, async () => {
    const answer = await request('POST', `${port(5000)}/v3/auth/tokens`, {}, bench.authBody);
    if (answer.status !== 201) throw new Error(answer.text);
  });
  add('password authentication, 8 connections, repeated credentials', show(auth), '≥ 1,000/s');
  const validation = async (): Promise<void> => {
    const headers = { 'x-auth-token': token, 'x-subject-token': token };
    const answer = await request('GET', `${port(5000)}/v3/auth/tokens`, headers);
    if (answer.status !== 200) throw new Error(answer.text);
  };
  await load(500, 8, validation);
  add('token validation, 8 connections', show(await load(10_000, 8, validation)), '≥ 5,000/s');
  add('token validation, alone', show(await load(2_000, 1, validation)), 'p50 ≤ 1 ms');

  const { networks } = await json<{ networks: { id: string; name: string }[] }>(
    'GET',
    `${port(9696)}/v2.0/networks`,
    token,
  );
  const network = networks.find((one) => one.name !== 'ext-net')?.id;
  await raiseQuota(port, token);
  const created: string[] = [];
  const create = await load(200, 1, async () => {
    const { port: made } = await json<{ port: { id: string } }>('POST', `${port(9696)}/v2.0/ports`, token, {
      port: { network_id: network },
    });
    created.push(made.id);
  });
  const remove = await load(200, 1, async (index) => {
    await json('DELETE', `${port(9696)}/v2.0/ports/${created[index]}`, token);
  });
  add('port create, alone', show(create), 'p50 ≤ 4 ms');
  add('port delete, alone', show(remove), 'p50 ≤ 4 ms');

  const compute = `${port(8774)}/v2.1`;
  const { images } = await json<{ images: { id: string }[] }>('GET', `${port(9292)}/v2/images`, token);
  for (const [title, nic, goal] of [
    ['100 servers to ACTIVE, 8 at a time, no network (fake driver)', 'none', '≤ 1.5 s'],
    ['100 servers to ACTIVE, 8 at a time, one network (fake driver)', [{ uuid: network }], '≤ 3 s'],
  ] as const) {
    const started = performance.now();
    await load(100, 8, async (index) => {
      const body = { server: { name: `b${index}`, flavorRef: '1', imageRef: images[0]?.id, networks: nic } };
      await json('POST', `${compute}/servers`, token, body, { 'openstack-api-version': 'compute 2.37' });
    });
    await allActive(compute, token, 100);
    add(title, `${((performance.now() - started) / 1000).toFixed(2)} s`, goal);
    if (nic === 'none') await deleteAll(compute, token);
  }
  const page = async (): Promise<void> => void (await json('GET', `${compute}/servers/detail?limit=100`, token));
  await load(100, 4, page);
  add('page of 100 servers, alone', show(await load(300, 1, page)), 'p50 ≤ 3 ms');
  add('page of 100 servers, 8 connections', show(await load(1_000, 8, page)), '≥ 600/s');
  const flavors = async (): Promise<void> => void (await json('GET', `${compute}/flavors`, token));
  await load(500, 8, flavors);
  add('GET flavors, 8 connections', show(await load(5_000, 8, flavors)), '≥ 10,000/s');
  const nets = async (): Promise<void> => void (await json('GET', `${port(9696)}/v2.0/networks`, token));
  add('GET networks, 8 connections', show(await load(3_000, 8, nets)), '≥ 5,000/s');
  const imageList = async (): Promise<void> => void (await json('GET', `${port(9292)}/v2/images`, token));
  add('GET images, 8 connections', show(await load(3_000, 8, imageList)), '≥ 8,000/s');
  const started = performance.now();
  await deleteAll(compute, token);
  add('100 servers deleted and gone', `${((performance.now() - started) / 1000).toFixed(2)} s`, '≤ 1 s');
  add('memory after all this (PSS)', `${pssMiB(await cloud.pid()).toFixed(0)} MiB`, '');
} finally {
  await bench.destroy();
}
printFigures('Control plane', figures);
process.exit(0);
