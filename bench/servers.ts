/** Servers by the hundred. */
import { setTimeout as sleep } from 'node:timers/promises';
import { json, load } from './lib.ts';

/** As many servers and ports as anybody may ask for. */
export async function raiseQuota(port: (n: number) => string, token: string): Promise<void> {
  const me = await json<{ token: { project: { id: string } } }>(
    'GET',
    `${port(5000)}/v3/auth/tokens`,
    token,
    undefined,
    {
      'x-subject-token': token,
    },
  );
  const id = me.token.project.id;
  await json('PUT', `${port(8774)}/v2.1/os-quota-sets/${id}`, token, {
    quota_set: { instances: -1, cores: -1, ram: -1 },
  });
  await json('PUT', `${port(9696)}/v2.0/quotas/${id}`, token, { quota: { port: -1 } });
}

/** @throws Error when one fails */
export async function allActive(compute: string, token: string, count: number): Promise<void> {
  for (;;) {
    const { servers } = await json<{ servers: { status: string; fault?: { message: string } }[] }>(
      'GET',
      `${compute}/servers/detail`,
      token,
    );
    const bad = servers.find((one) => one.status === 'ERROR');
    if (bad) throw new Error(`A server failed: ${bad.fault?.message}`);
    if (servers.length >= count && servers.every((one) => one.status === 'ACTIVE')) return;
    await sleep(20);
  }
}

/** Returns when all are gone. */
export async function deleteAll(compute: string, token: string): Promise<void> {
  const { servers } = await json<{ servers: { id: string }[] }>('GET', `${compute}/servers`, token);
  await load(servers.length, 8, async (index) => {
    await json('DELETE', `${compute}/servers/${servers[index]?.id}`, token);
  });
  for (;;) {
    const left = await json<{ servers: unknown[] }>('GET', `${compute}/servers`, token);
    if (left.servers.length === 0) return;
    await sleep(10);
  }
}
