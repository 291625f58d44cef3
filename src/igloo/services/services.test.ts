import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromObject } from '#common/config/load.ts';
import { loadDashboardSettings } from '#dashboard/settings/load.ts';
import { readPython } from '#dashboard/settings/python.ts';
import { services } from './catalogue.ts';
import { initFunctions, initScript } from './init-script.ts';
import { packages } from './packages.ts';

const checkout = join(import.meta.dirname, '../../..');

describe('the manual’s packages', () => {
  it.each(Object.entries(packages))('%s brings commands and services that there are', (_, pack) => {
    for (const command of pack.commands ?? []) expect(existsSync(join(checkout, 'bin', command)), command).toBe(true);
    for (const name of pack.services ?? []) expect(services.map((one) => one.name)).toContain(name);
  });

  it('bring every service', () => {
    const brought = Object.values(packages).flatMap((pack) => pack.services ?? []);
    expect(services.map((one) => one.name).filter((name) => !brought.includes(name))).toEqual([]);
  });
});

describe('the local_settings of openstack-dashboard', () => {
  it('is one that the dashboard reads without a word', () => {
    const notes: string[] = [];
    const path = join(import.meta.dirname, 'local_settings');
    const source = fromObject({ DEFAULT: { local_settings: path } }, 'test');
    expect(loadDashboardSettings(source, (line) => notes.push(line))).toMatchObject({
      keystoneUrl: 'http://127.0.0.1:5000/v3',
      sessions: { kind: 'memory' },
    });
    expect(notes).toEqual([]);
  });

  it('shows every setting by which it would differ', () => {
    const text = packages['openstack-dashboard']?.files?.['/etc/openstack-dashboard/local_settings'] ?? '';
    const { names } = readPython(text.replace(/^#(?! [A-Z])/gm, ''), 'local_settings');
    for (const name of ['ALLOWED_HOSTS', 'CACHES', 'TIME_ZONE', 'SESSION_TIMEOUT', 'SESSION_COOKIE_SECURE'])
      expect([...names.keys()], name).toContain(name);
  });
});

describe('initScript', () => {
  it.each(services.map((service) => [service.name, service] as const))('%s starts a program of bin/', (_, service) => {
    const script = initScript(service, checkout);
    expect(existsSync(join(checkout, 'bin', service.program))).toBe(true);
    expect(existsSync(initFunctions(checkout))).toBe(true);
    expect(script).toContain(`\nprog=${service.name}\n`);
    for (const file of service.configFiles) expect(script).toContain(`--config-file ${file}`);
  });

  it('of the dashboard lets it listen on port 80 without being root', () => {
    const httpd = services.find((one) => one.name === 'httpd');
    const script = httpd && initScript(httpd, checkout);
    expect(script).toContain('\nuser=apache\ncaps=net_bind_service\n');
    expect(script).toContain("\nports='80'\n");
  });

  it('of the Open vSwitch agent names the old plug-in’s file, which the manual replaces', () => {
    const agent = services.find((one) => one.name === 'neutron-openvswitch-agent');
    expect(agent && initScript(agent, checkout)).toContain('plugins/openvswitch/ovs_neutron_plugin.ini');
  });
});
