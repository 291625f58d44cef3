import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { novaManage } from '../manage.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';

let folder: string;
let nova: NovaFixture;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nova-manage-'));
  const url = `sqlite:///${join(folder, 'nova.sqlite')}`;
  nova = await novaFixture({ url, hosts: ['c1'] });
});
afterEach(async () => {
  await nova.close();
  rmSync(folder, { recursive: true });
});

async function manage(...argv: string[]): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const status = await novaManage(argv, {
    config: fromObject(
      { DEFAULT: { log_dir: folder }, database: { connection: `sqlite:///${join(folder, 'nova.sqlite')}` } },
      'test',
    ),
    clock: systemClock,
    log: silentLogger,
    print: (line) => lines.push(line),
  });
  return { status, lines };
}
const boot = async (): Promise<string> => {
  const made = await nova.request('POST', '/v2.1/servers', {
    body: { server: { name: 'web', imageRef: nova.imageId, flavorRef: '1' } },
  });
  await nova.settled();
  return made.body.server.id as string;
};

describe('nova-manage', () => {
  it('makes, lists, changes and deletes flavors', async () => {
    const { lines } = await manage('flavor', 'list', '--name', 'm1.tiny');
    expect(lines).toEqual([
      'm1.tiny: Memory: 512MB, VCPUS: 1, Root: 1GB, Ephemeral: 0Gb, FlavorID: 1, Swap: 0MB, RXTX Factor: 1.0, public, ExtraSpecs {}',
    ]);
    const create = ['flavor', 'create', '--name', 'big', '--memory', '1024', '--cpu', '2', '--root_gb', '5'];
    expect(await manage(...create, '--flavor', '9', '--is_public', 'False')).toEqual({
      status: 0,
      lines: ['big created'],
    });
    expect((await manage(...create)).status).toBe(2);
    expect(await manage('flavor', 'create', 'x', '0', '1', '1')).toEqual({
      status: 1,
      lines: ['Must supply valid parameters to create flavor'],
    });
    expect((await manage('flavor', 'set_key', 'big', 'ssd', 'yes')).lines).toEqual([
      'Key ssd set to yes on instance type big',
    ]);
    expect((await manage('flavor', 'list', 'big')).lines[0]).toContain("private, ExtraSpecs {'ssd': 'yes'}");
    expect((await manage('flavor', 'unset_key', '--name=big', '--key=ssd')).status).toBe(0);
    expect((await manage('flavor', 'delete', 'big')).lines).toEqual(['big deleted']);
    expect(await manage('flavor', 'delete', 'big')).toEqual({ status: 1, lines: ['Valid flavor name is required'] });
  });

  it('lists services and hosts, and what a host has', async () => {
    await boot();
    expect((await manage('service', 'list', '--host', 'c1')).lines).toHaveLength(2);
    expect((await manage('service', 'disable', '--host', 'c1', '--service', 'nova-compute')).lines).toEqual([
      'Service nova-compute on host c1 disabled.',
    ]);
    expect(await manage('service', 'enable', 'c1', 'nova-x')).toEqual({
      status: 2,
      lines: ['error: Could not find binary nova-x on host c1.'],
    });
    expect((await manage('host', 'list')).lines).toEqual([
      'host                     \tzone           ',
      'c1                       \tnova           ',
    ]);
    expect((await manage('host', 'list', 'moon')).lines).toHaveLength(1);
    expect((await manage('service', 'describe_resource', 'c1')).lines).toEqual([
      'HOST                              PROJECT     cpu mem(mb)     hdd',
      'c1              (total)                       100  800000   60000',
      'c1              (used_now)                      1     512       1',
      'c1              (used_max)                      1     512       1',
      'c1                                   demo       1     512       1',
    ]);
    expect((await manage('service', 'describe_resource', 'c9')).status).toBe(2);
  });

  it("shows and changes a project's limits, and forgets the project", async () => {
    const { lines } = await manage('project', 'quota', 'demo', '--key', 'instances', '--value', '7');
    expect(lines[0]).toBe('Quota                                Limit      In Use     Reserved  ');
    expect(lines).toContain('instances                            7          0          0         ');
    expect(
      (await manage('project', 'quota', 'demo', '--user', 'u', '--key', 'cores', '--value', 'unlimited')).lines,
    ).toContain('Quota limit must be greater than 0.');
    expect((await manage('project', 'quota', 'demo', '--key', 'x', '--value', '1')).status).toBe(2);
    expect((await manage('project', 'quota', 'demo', '--key', 'ram', '--value', '-5')).lines).toEqual([
      'Quota limit must be -1 or greater.',
    ]);
    await nova.request('POST', '/v2.1/os-server-groups', {
      body: { server_group: { name: 'g', policies: ['affinity'] } },
    });
    expect(await manage('project', 'scrub', 'demo')).toEqual({ status: 0, lines: [] });
    expect((await nova.request('GET', '/v2.1/os-server-groups')).body.server_groups).toEqual([]);
    expect((await manage('project', 'quota', 'demo')).lines).toContain(
      'instances                            10         0          0         ',
    );
  });

  it('lists servers, and archives deleted ones', async () => {
    const id = await boot();
    expect((await manage('vm', 'list')).lines[1]).toMatch(/^web +c1 +m1.tiny +active +\d{4}-.* demo +user-of-demo/);
    expect(await manage('db', 'archive_deleted_rows')).toEqual({
      status: 1,
      lines: ['Must supply a positive value for max_rows'],
    });
    await nova.request('DELETE', `/v2.1/servers/${id}`);
    await nova.settled();
    expect(await manage('db', 'archive_deleted_rows', '--max_rows', '10')).toEqual({ status: 0, lines: [] });
    expect(await nova.db.query.selectFrom('instances').selectAll().execute()).toEqual([]);
    const [shadow] = await nova.db.query.selectFrom('shadow_instances').selectAll().execute();
    expect([shadow?.id, JSON.parse(shadow?.record ?? '{}').display_name]).toEqual([id, 'web']);
  });

  it('keeps agent builds', async () => {
    const words = ['linux', 'x86_64', '7.0', 'http://x/a', 'abc'];
    expect((await manage('agent', 'create', ...words)).status).toBe(0);
    await expect(manage('agent', 'create', ...words)).rejects.toThrow('already');
    await manage('agent', 'modify', 'linux', 'x86_64', '8.0', 'http://x/b', 'def');
    expect((await manage('agent', 'list')).lines.slice(0, 4)).toEqual([
      'Hypervisor: xen',
      '----------  --------  ------------  --------------------------------',
      'linux       x86_64             8.0  def',
      '    http://x/b',
    ]);
    await manage('agent', 'delete', 'linux', 'x86_64');
    expect((await manage('agent', 'list')).lines).toEqual([]);
    await expect(manage('agent', 'delete', 'linux', 'x86_64')).rejects.toThrow('There is no agent build');
  });

  it('finds errors in the logs, and says what is not here', async () => {
    expect((await manage('logs', 'errors')).lines).toEqual(['No errors in logfiles!']);
    writeFileSync(join(folder, 'api.log'), 'x INFO fine\nx ERROR nova broken\n');
    expect((await manage('logs', 'errors')).lines).toEqual([
      `${join(folder, 'api.log')}:-`,
      'Line 2 : x ERROR nova broken',
    ]);
    expect((await manage('network', 'list')).status).toBe(2);
    expect((await manage('cell', 'list')).lines).toHaveLength(2);
    expect((await manage('version')).lines[0]).toMatch(/^\d+\.\d+/);
    expect((await manage('db', 'version')).lines[0]).toMatch(/^\d{4}-/);
    await expect(manage('flavor', 'fly')).rejects.toThrow('There is no command "flavor fly"');
    await expect(manage('vm', 'list', '--nonsense', 'x')).rejects.toThrow('is not understood');
    await expect(manage('db', 'sync', '--version', '3')).rejects.toThrow('newest version only');
  });
});
