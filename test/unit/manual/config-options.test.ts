import { describe, expect, it } from 'vitest';
import { busOptions } from '#common/bus/options.ts';
import type { ConfigSource, Option, OptionTable } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { describeUnknown } from '#common/config/unknown.ts';
import { cinderOptions } from '#cinder/config.ts';
import { glanceApiOptions, glanceRegistryOptions } from '#glance/config.ts';
import { keystoneOptions } from '#keystone/config.ts';
import { computeOptions } from '#nova/compute/options.ts';
import { novaOptions } from '#nova/config.ts';
import { dhcpAgentOptions, l3AgentOptions, metadataAgentOptions, ovsAgentOptions } from '#neutron/agents/config.ts';
import { neutronServerOptions } from '#neutron/config.ts';
import manual from '../../manual/config-options.json' with { type: 'json' };

type Manual = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, { values: readonly string[]; default: string }>>>>>
>;

/** Who reads each file of the manual. */
const readers: Readonly<Record<string, readonly OptionTable[]>> = {
  '/etc/keystone/keystone.conf': [keystoneOptions],
  '/etc/glance/glance-api.conf': [glanceApiOptions],
  '/etc/glance/glance-registry.conf': [glanceRegistryOptions],
  '/etc/nova/nova.conf': [novaOptions, computeOptions, busOptions],
  '/etc/neutron/neutron.conf': [neutronServerOptions, busOptions],
  '/etc/cinder/cinder.conf': [cinderOptions, busOptions],
  '/etc/neutron/plugins/ml2/ml2_conf.ini': [neutronServerOptions, ovsAgentOptions],
  '/etc/neutron/l3_agent.ini': [l3AgentOptions],
  '/etc/neutron/dhcp_agent.ini': [dhcpAgentOptions],
  '/etc/neutron/metadata_agent.ini': [metadataAgentOptions],
};

/** Where the default is another than in Icehouse on purpose, and why. */
const otherDefaults: Readonly<Record<string, string>> = {
  'keystone.conf DEFAULT admin_token': 'a well-known secret opens every cloud that forgets it',
  'glance-api.conf paste_deploy flavor': 'an API without authentication is no default',
  'glance-registry.conf paste_deploy flavor': 'an API without authentication is no default',
  'nova.conf DEFAULT auth_strategy': 'an API without authentication is no default',
  'cinder.conf DEFAULT auth_strategy': 'an API without authentication is no default',
  'nova.conf libvirt virt_type': 'kvm only where it works',
  'nova.conf DEFAULT network_api_class': 'the only network service is Neutron',
  'nova.conf DEFAULT security_group_api': 'the only network service is Neutron',
  'nova.conf DEFAULT linuxnet_interface_driver': 'Neutron says how interfaces are wired',
  'neutron.conf DEFAULT core_plugin': 'there is one: ml2',
  'neutron.conf DEFAULT service_plugins': 'routers are what everybody wants',
  'ml2_conf.ini securitygroup firewall_driver': 'security groups are on unless somebody turns them off',
  'neutron.conf DEFAULT rpc_backend': 'the same broker, by its short name',
};
/** Defaults that the specification tells in words, which no comparison can read. */
const inWords = /\(|^(an? |address of|hypervisor-specific)/;

interface Row {
  readonly name: string;
  readonly file: string;
  readonly section: string;
  readonly option: string;
  readonly values: readonly string[];
  readonly default: string;
}
const rows: readonly Row[] = Object.entries(manual as Manual).flatMap(([file, sections]) =>
  Object.entries(sections).flatMap(([section, options]) =>
    Object.entries(options).map(([option, facts]) => {
      const name = `${file.split('/').at(-1)} ${section} ${option}`;
      return { name, file, section, option, ...facts };
    }),
  ),
);

const declared = ({ file, section, option }: Row): readonly Option<unknown>[] =>
  (readers[file] ?? []).flatMap((table) =>
    Object.entries(table).flatMap(([group, options]) =>
      group.toLowerCase() === section.toLowerCase() && options[option] ? [options[option]] : [],
    ),
  );
const sourceOf = (section: string, name: string, value: string): ConfigSource => ({
  values: [{ section, name, value, origin: '/etc/x.conf:1' }],
});

describe('the manual’s 110 options', () => {
  it('are all here', () => expect(rows.length).toBe(110));

  it.each(rows)('$name is read by a daemon of its file, with the manual’s values', (row) => {
    const found = declared(row);
    expect(found.length).toBeGreaterThan(0);
    for (const option of found)
      for (const value of row.values) {
        const parsed = loadConfig(
          { [row.section]: { [row.option]: option } },
          sourceOf(row.section, row.option, value),
        );
        expect(parsed[row.section]?.[row.option]).not.toBeUndefined();
      }
    expect(describeUnknown(readers[row.file] ?? [], sourceOf(row.section, row.option, 'x'), 'x')).toEqual([]);
  });

  it.each(rows.filter((row) => !inWords.test(row.default)))('$name has Icehouse’s default, or a reason', (row) => {
    if (otherDefaults[row.name] !== undefined) return;
    const expected = row.default === 'unset' || row.default === 'empty' ? '' : row.default.toLowerCase();
    for (const option of declared(row)) expect(String(option.default ?? '').toLowerCase()).toBe(expected);
  });

  it.each(Object.keys(otherDefaults))('%s: the other default is the manual’s option', (name) => {
    expect(rows.map((row) => row.name)).toContain(name);
  });
});

describe('older spellings', () => {
  const heard = (table: OptionTable, section: string, name: string, value: string): unknown[] => {
    const lines: string[] = [];
    const conf = loadConfig(table, sourceOf(section, name, value), (line) => lines.push(line));
    return [conf, lines];
  };

  it.each([
    ['sql', 'connection'],
    ['DEFAULT', 'sql_connection'],
  ])('[%s] %s of keystone.conf is [database] connection', (section, name) => {
    const [conf, lines] = heard({ database: keystoneOptions.database }, section, name, 'sqlite:////x');
    expect(conf).toMatchObject({ database: { connection: 'sqlite:////x' } });
    expect(lines).toEqual([
      `/etc/x.conf:1: [${section}] ${name} is a deprecated spelling; write [database] connection instead.`,
    ]);
  });

  it('libvirt_type is [libvirt] virt_type', () => {
    const [conf] = heard(computeOptions, 'DEFAULT', 'libvirt_type', 'qemu');
    expect(conf).toMatchObject({ libvirt: { virt_type: 'qemu' } });
  });

  it.each([
    ['nova.openstack.common.rpc.impl_qpid', 'qpid'],
    ['neutron.openstack.common.rpc.impl_qpid', 'qpid'],
    ['nova.openstack.common.rpc.impl_kombu', 'rabbit'],
    ['nova.openstack.common.rpc.impl_zmq', 'zmq'],
  ])('rpc_backend %s is %s', (value, name) => {
    expect(heard(busOptions, 'DEFAULT', 'rpc_backend', value)[0]).toMatchObject({ DEFAULT: { rpc_backend: name } });
  });

  it('class names are the plug-ins', () => {
    const value = 'neutron.plugins.ml2.plugin.Ml2Plugin';
    expect(heard(neutronServerOptions, 'DEFAULT', 'core_plugin', value)[0]).toMatchObject({
      DEFAULT: { core_plugin: 'ml2' },
    });
  });
});
