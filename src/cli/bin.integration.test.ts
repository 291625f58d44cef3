import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeCloud, manual } from './testing/fake-cloud.ts';

const bin = fileURLToPath(new URL('../../bin/', import.meta.url));
let cloud: FakeCloud;
beforeAll(async () => {
  cloud = await FakeCloud.start();
});
afterAll(() => cloud.stop());

/** Runs an entry of `bin/` as a shell does. */
async function run(program: string, argv: readonly string[], input = ''): Promise<[number, string, string]> {
  const env = {
    ...process.env,
    OS_USERNAME: 'admin',
    OS_PASSWORD: 'secret',
    OS_TENANT_NAME: 'admin',
    OS_AUTH_URL: `${cloud.url}/v2.0`,
  };
  const child = spawn(bin + program, argv, { env });
  child.stdin.end(input);
  const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return [status as number, out, err];
}

describe('the entries in bin/', () => {
  it('print help', async () => {
    expect(await run('keystone', ['help', 'tenant-create'])).toEqual([0, `${manual['M033']?.output}\n`, '']);
    expect(await run('nova', ['nothing'])).toEqual([2, '', expect.stringContaining("invalid choice: u'nothing'")]);
  });

  it('end as soon as they are done, whatever the answer was', async () => {
    const id = '86f16760-0616-4c2e-899f-a1182260705a';
    const path = `/image/v1/images/${id}`;
    cloud.answers.set(`HEAD ${path}`, { headers: { 'x-image-meta-id': id } });
    cloud.answers.set(`DELETE ${path}`, { body: '' });
    cloud.answers.set(`PUT ${path}/members/t`, { status: 204 });
    cloud.answers.set(`GET ${path}`, { body: 'the data' });
    cloud.answers.set('POST /image/v1/images', ({ body }) => ({ body: { image: { id, name: body, properties: {} } } }));
    const began = performance.now();
    expect(await run('glance', ['image-show', id])).toEqual([0, expect.stringContaining(id), '']);
    expect(await run('glance', ['member-create', id, 't'])).toEqual([0, '', '']);
    expect(await run('glance', ['image-download', id])).toEqual([0, 'the data', '']);
    expect(await run('glance', ['image-create'], 'piped in')).toEqual([0, expect.stringContaining('piped in'), '']);
    expect(await run('glance', ['image-delete', id])).toEqual([0, '', '']);
    // A connection that was kept open would hold each for five seconds.
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
