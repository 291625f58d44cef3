/** Figures of the event stream: what telling costs, and how fast it is heard. `node bench/events.ts` */
import http from 'node:http';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchCloud, json, load, printFigures, show, type Figure } from './lib.ts';
import { allActive, deleteAll, raiseQuota } from './servers.ts';

const figures: Figure[] = [];
const add = (what: string, value: string, goal = ''): void => void figures.push({ what, value, goal });

/** Milliseconds from an event's making to its arrival, for each that arrived. */
interface Listener {
  readonly delays: number[];
  close(): void;
}

function listen(url: string, token: string): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const asked = http.request(url, { agent: false, headers: { 'x-auth-token': token } }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`The stream answered ${answer.statusCode}`));
      const delays: number[] = [];
      let rest = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const time = line.startsWith('data: {') ? /"time":"([^"]+)"/.exec(line)?.[1] : undefined;
          if (time !== undefined) delays.push(Date.now() - Date.parse(time));
        }
      });
      answer.on('error', () => undefined);
      resolve({ delays, close: () => answer.destroy() });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Seconds of processor that a process has taken. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const bench = await benchCloud('--virt', 'fake', '--network', 'fake');
try {
  const { port, cloud } = bench;
  const token = await bench.token();
  const compute = `${port(8774)}/v2.1`;
  const stream = `${port(8790)}/v1/events/stream`;
  await raiseQuota(port, token);
  const { images } = await json<{ images: { id: string }[] }>('GET', `${port(9292)}/v2/images`, token);
  const boot = async (count: number, name: string): Promise<void> => {
    const body = { server: { name, flavorRef: '1', imageRef: images[0]?.id, networks: 'none', min_count: count } };
    await json('POST', `${compute}/servers`, token, body, { 'openstack-api-version': 'compute 2.37' });
  };
  const thousand = async (): Promise<string> => {
    const started = performance.now();
    await load(100, 4, () => boot(10, 'many'));
    await allActive(compute, token, 1000);
    const seconds = (performance.now() - started) / 1000;
    await deleteAll(compute, token);
    return `${seconds.toFixed(2)} s`;
  };
  const alone = async (): Promise<string> => {
    const measured = await load(30, 1, async () => {
      await boot(1, 'one');
      await allActive(compute, token, 1);
      await deleteAll(compute, token);
    });
    return show(measured);
  };
  await thousand();
  add('a server made, ACTIVE and deleted, alone; nobody listens', await alone());
  add('1,000 servers to ACTIVE; nobody listens', await thousand());

  const crowd = await Promise.all(Array.from({ length: 20 }, () => listen(`${stream}?all_projects=1`, token)));
  add('the same server; 20 listen', await alone());
  add('the same 1,000; 20 listen', await thousand());

  await boot(1, 'told');
  await allActive(compute, token, 1);
  const { servers } = await json<{ servers: { id: string }[] }>('GET', `${compute}/servers`, token);
  const url = `${compute}/servers/${servers[0]?.id}/metadata/count`;
  await sleep(1000);
  for (const { delays } of crowd) delays.length = 0;
  const [events, seconds] = [2000, 10];
  const pid = await cloud.pid();
  const before = cpuOf(pid);
  const started = performance.now();
  for (let i = 0; i < events; i++) {
    const due = started + (i * seconds * 1000) / events;
    if (performance.now() < due) await sleep(due - performance.now());
    void json('PUT', url, token, { meta: { count: String(i) } });
  }
  await sleep(1000);
  const cpu = (cpuOf(pid) - before) / (seconds + 1);
  const all = crowd.flatMap(({ delays }) => delays).toSorted((a, b) => a - b);
  add(`${events / seconds} events a second to 20 clients: arrived`, `${all.length} of ${events * 20}`, 'all');
  add(
    'from the change to the client',
    `p50 ${all[Math.floor(all.length / 2)]} ms, p99 ${all[Math.floor(all.length * 0.99)]} ms`,
    'p99 ≤ 100 ms',
  );
  add('processor meanwhile, with the requests that make the events', `${(cpu * 100).toFixed(0)} % of one`);
  for (const client of crowd) client.close();
} finally {
  await bench.destroy();
}
printFigures('Event stream', figures);
