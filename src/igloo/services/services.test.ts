import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

describe('initScript', () => {
  it.each(services.map((service) => [service.name, service] as const))('%s starts a program of bin/', (_, service) => {
    const script = initScript(service, checkout);
    expect(existsSync(join(checkout, 'bin', service.program))).toBe(true);
    expect(existsSync(initFunctions(checkout))).toBe(true);
    expect(script).toContain(`\nprog=${service.name}\n`);
    for (const file of service.configFiles) expect(script).toContain(`--config-file ${file}`);
  });

  it('of the Open vSwitch agent names the old plug-in’s file, which the manual replaces', () => {
    const agent = services.find((one) => one.name === 'neutron-openvswitch-agent');
    expect(agent && initScript(agent, checkout)).toContain('plugins/openvswitch/ovs_neutron_plugin.ini');
  });
});
