import { describe, expect, it } from 'vitest';
import type { Run } from '#common/host/run.ts';
import { openstackService } from './openstack-service.ts';
import { openstackStatus } from './openstack-status.ts';

function collect() {
  const printed = { out: '', err: '' };
  return {
    printed,
    io: { out: (text: string) => void (printed.out += text), err: (text: string) => void (printed.err += text) },
  };
}
/** A machine whose programs answer from a table. */
const programs =
  (answers: Readonly<Record<string, string>>, seen: string[] = []): Run =>
  (argv) => {
    const line = argv.join(' ');
    seen.push(line);
    const known = Object.entries(answers).find(([start]) => line.startsWith(start));
    return Promise.resolve({ status: 0, stdout: known?.[1] ?? '', stderr: '' });
  };

describe('openstack-status', () => {
  const status = async (processes: readonly (readonly string[])[], env: Record<string, string> = {}) => {
    const { printed, io } = collect();
    const run = programs({ 'systemctl is-enabled openstack-nova-api': 'disabled\n' });
    const deps = { io, env, run, installed: (name: string) => name === 'systemctl', processes: () => processes };
    expect(await openstackStatus([], deps)).toBe(0);
    return printed;
  };

  it('says what runs as a process of its own', async () => {
    const { out, err } = await status([['/usr/bin/node', '/x/main.ts', 'nova-compute'], ['/usr/sbin/mariadbd']]);
    expect(out).toContain(
      '== Nova services ==\nopenstack-nova-api:                     inactive  (disabled on boot)\n',
    );
    expect(out).toContain('openstack-nova-compute:                 active\n');
    expect(out).toContain('== Support services ==\nmysqld:                                 active\n');
    expect(err).toBe('Warning keystonerc not sourced\n');
  });

  it('counts the services of an all-in-one cloud, and reports from the cloud for who has signed in', async () => {
    const { out } = await status([['node', '/x/src/igloo/main.ts', 'up', '--detach']], { OS_USERNAME: 'admin' });
    expect(out).toContain('openstack-keystone:                     active\n');
    expect(out).toMatch(/== Keystone users ==\n== Glance images ==\n.*== Nova instances ==\n$/s);
  });
});

describe('openstack-service', () => {
  const units = [
    'openstack-nova-api.service enabled',
    'neutron-server.service enabled',
    'sshd.service enabled',
    'openstack-keystone.service disabled',
  ].join('\n');
  const service = async (...argv: string[]) => {
    const { printed, io } = collect();
    const seen: string[] = [];
    const run = programs(
      {
        'systemctl list-unit-files': units,
        'systemctl show': 'MainPID=12\nId=openstack-nova-api.service\nActiveState=active\n',
      },
      seen,
    );
    const ended = await openstackService(argv, { io, run, installed: (name) => name === 'systemctl' });
    return { ended, seen, ...printed };
  };

  it('lists what starts with the machine, and acts on it', async () => {
    expect((await service('list')).out).toBe('openstack-nova-api\nneutron-server\n');
    expect((await service('status', 'nova')).out).toBe('openstack-nova-api (pid 12) is active\n');
    expect((await service('restart', 'neutron')).seen).toContain('systemctl restart neutron-server.service');
    expect(await service()).toMatchObject({
      ended: 1,
      err: expect.stringContaining('usage: openstack-service ACTION'),
    });
    expect((await service('stop', 'swift')).ended).toBe(1);
  });
});
