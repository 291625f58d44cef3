import { describe, expect, it } from 'vitest';
import type { Flavor } from '#api/compute/flavors.ts';
import type { FlavorFit } from '#api/compute/launch.ts';
import type { Image } from '#api/image/images.ts';
import type { Network, SecurityGroup } from '#api/network/networks.ts';
import type { Snapshot, Volume } from '#api/volume/volumes.ts';
import { blocksOf } from './blocks.ts';
import { bySize, choose, chooseFlavor, type Offer } from './choices.ts';
import { novaCommand, openstackCommand } from './commands.ts';
import { keepDraft, readDraft, withLink } from './draft.ts';
import { localFits, standings, wishOf } from './fit.ts';
import { emptyForm, namesInShort, namesOf, type LaunchForm } from './form.ts';
import { launchBody } from './request.ts';
import { lets } from './reachable.ts';
import { encodeUserData, USER_DATA_BYTES, USER_DATA_LIMIT, userDataBytes, userDataKind } from './user-data.ts';

const GIB = 1024 ** 3;
const image = { id: 'i1', name: 'cirros', status: 'active', size: 3 * GIB, min_disk: 0, min_ram: 512 } as Image;
const flavor = (id: string, ram: number, vcpus: number, disk: number): Flavor =>
  ({ id, name: `m1.${id}`, ram, vcpus, disk }) as Flavor;
const tiny = flavor('tiny', 512, 1, 1);
const small = flavor('small', 2048, 1, 20);
const network = { id: 'n1', name: 'private', tenant_id: 'p1' } as Network;
const group = (
  id: string,
  name: string,
  rules: SecurityGroup['security_group_rules'] | readonly object[] = [],
): SecurityGroup => ({ id, name, tenant_id: 'p1', security_group_rules: rules }) as unknown as SecurityGroup;
const offer: Offer = {
  images: [image],
  volumes: [{ id: 'v1', name: 'root' } as Volume],
  snapshots: [{ id: 's1', size: 8 } as Snapshot],
  flavors: [small, tiny],
  networks: [network],
  securityGroups: [group('g1', 'default'), group('g2', 'web')],
  keypairs: [{ id: 'k', name: 'k' } as never],
  last: {},
};
const form = (changes: Partial<LaunchForm> = {}): LaunchForm => ({ ...emptyForm, name: 'web', ...changes });
const chosen = (changes: Partial<LaunchForm> = {}, more: Partial<Offer> = {}) =>
  choose(form(changes), { ...offer, ...more }, 'p1');
const names = { images: offer.images, flavors: offer.flavors };
const usage = (used: number, limit: number | null) => ({ used, limit });
const usages = {
  compute: { instances: usage(9, 10), cores: usage(0, null), ram: usage(0, 4096), serverGroups: usage(0, 10) },
  volume: { volumes: usage(0, 10), gigabytes: usage(0, 10), snapshots: usage(0, 10), backups: usage(0, 10) },
};

describe('defaults', () => {
  it('need nothing but a name where there is one of each', () => {
    const choices = chosen();
    expect(choices).toMatchObject({ image: { id: 'i1' }, keyName: 'k' });
    expect(choices.networks).toEqual([{ kind: 'network', id: 'n1', fixedIp: '' }]);
    expect(choices.securityGroups.map(({ id }) => id)).toEqual(['g1']);
    const fit = { flavor_id: 'small', fits: true } as FlavorFit;
    expect(chooseFlavor(form(), offer.flavors, new Map([['small', fit]]))?.id).toBe('small');
    expect(chooseFlavor(form(), offer.flavors, new Map())?.id).toBe('tiny');
  });
  it('do not choose among several, except the last used', () => {
    const other = { ...image, id: 'i2' };
    expect(chosen({}, { images: [image, other] }).image).toBeNull();
    expect(chosen({}, { images: [image, other], last: { imageId: 'i2' } }).image?.id).toBe('i2');
    const theirs = { ...network, id: 'n2', tenant_id: 'p2' };
    expect(chosen({}, { networks: [network, theirs] }).networks).toHaveLength(1);
    expect(chosen({}, { networks: [theirs, { ...theirs, id: 'n3' }] }).networks).toEqual([]);
  });
  it('leave an explicit nothing alone', () => {
    expect(chosen({ keyName: '', networks: [], securityGroups: [] })).toMatchObject({
      ...{ keyName: '', networks: [], securityGroups: [] },
    });
  });
  it('make a new volume as large as its source needs', () => {
    expect(chosen({ source: 'newVolume' }).volumeSize).toBe(3);
    expect(chosen({ source: 'snapshot' }).volumeSize).toBe(8);
    expect([small, tiny].toSorted(bySize)[0]).toBe(tiny);
  });
});

describe('the call', () => {
  it('is short for a short form', () => {
    expect(launchBody(form(), chosen(), tiny)).toEqual({
      server: {
        ...{ name: 'web', flavorRef: 'tiny', imageRef: 'i1', networks: [{ uuid: 'n1' }], key_name: 'k' },
        security_groups: [{ name: 'default' }],
      },
    });
  });
  it('carries everything', () => {
    const full: Partial<LaunchForm> = {
      ...{ count: 3, source: 'newVolume', volumeSize: 10, volumeType: 'lvm', deleteVolume: true, description: 'd' },
      networks: [
        { kind: 'network', id: 'n1', fixedIp: ' 10.0.0.5 ' },
        { kind: 'port', id: 'port-1' },
      ],
      ...{ userData: '#!/bin/sh\necho é', configDrive: true, zone: 'nova', groupId: 'sg', tags: ['a'] },
      metadata: [
        { key: 'k', value: 'v' },
        { key: '', value: '' },
      ],
    };
    expect(launchBody(form(full), chosen(full), small)).toEqual({
      server: {
        ...{ name: 'web', description: 'd', flavorRef: 'small', key_name: 'k', config_drive: true },
        block_device_mapping_v2: [
          {
            ...{ boot_index: 0, source_type: 'image', destination_type: 'volume', uuid: 'i1' },
            ...{ volume_size: 10, volume_type: 'lvm', delete_on_termination: true },
          },
        ],
        networks: [{ uuid: 'n1', fixed_ip: '10.0.0.5' }, { port: 'port-1' }],
        security_groups: [{ name: 'default' }],
        user_data: Buffer.from('#!/bin/sh\necho é').toString('base64'),
        ...{ availability_zone: 'nova', metadata: { k: 'v' }, tags: ['a'] },
        ...{ min_count: 3, max_count: 3, return_reservation_id: true },
      },
      'os:scheduler_hints': { group: 'sg' },
    });
  });
  it('says none for no network, and no groups for ports that are there', () => {
    const bare = launchBody(form({ networks: [] }), chosen({ networks: [] }), tiny);
    expect(bare.server.networks).toBe('none');
    expect(bare.server.security_groups).toBeUndefined();
  });
  it('names a group by id when its name is not unique', () => {
    const twice = chosen({ securityGroups: ['g1', 'g3'] }, { securityGroups: [group('g1', 'x'), group('g3', 'x')] });
    expect(launchBody(form(), twice, tiny).server.security_groups).toEqual([{ name: 'g1' }, { name: 'g3' }]);
  });
});

describe('the commands', () => {
  it('are what people type', () => {
    expect(openstackCommand(form(), chosen(), tiny, names)).toBe(
      'openstack server create --flavor m1.tiny --image cirros --nic net-id=n1 --security-group default --key-name k web',
    );
    expect(novaCommand(form({ count: 2 }), chosen(), tiny, names)).toBe(
      'nova boot --flavor m1.tiny --image cirros --nic net-id=n1 --security-groups default --key-name k --num-instances 2 web',
    );
  });
  it('quote, and tell volumes and addresses', () => {
    const volume: Partial<LaunchForm> = {
      ...{ source: 'volume', name: "it's", keyName: '', securityGroups: [] },
      networks: [{ kind: 'network', id: 'n1', fixedIp: 'fd00::5' }],
    };
    expect(openstackCommand(form(volume), chosen(volume), tiny, names)).toBe(
      `openstack server create --flavor m1.tiny --block-device uuid=v1,source_type=volume,destination_type=volume,boot_index=0,delete_on_termination=false --nic net-id=n1,v6-fixed-ip=fd00::5 'it'\\''s'`,
    );
    expect(novaCommand(form(volume), chosen(volume), tiny, names)).toBe(
      `nova boot --flavor m1.tiny --block-device source=volume,id=v1,dest=volume,bootindex=0,shutdown=preserve --nic net-id=n1,v6-fixed-ip=fd00::5 'it'\\''s'`,
    );
  });
});

describe('what fits', () => {
  it('is asked as the form stands', () => {
    expect(wishOf(form({ count: 0, zone: 'az' }), chosen())).toEqual({
      ...{ image: 'i1', count: 1, availability_zone: 'az', volume_size: null, scheduler_hints: null },
    });
    expect(wishOf(form({ source: 'volume' }), chosen())).toMatchObject({ image: null, volume_size: 0 });
    expect(wishOf(form({ source: 'newVolume', volumeSize: 7 }), chosen({ volumeSize: 7 }))).toMatchObject({
      ...{ image: 'i1', volume_size: 7 },
    });
  });
  it('can be told without the scheduler', () => {
    const [ofTiny, ofSmall] = localFits(form({ count: 2 }), chosen(), [tiny, small], usages);
    expect(ofTiny?.reasons.map(({ kind, resource, needed }) => [kind, resource, needed])).toEqual([
      ['quota', 'instances', 2],
      ['image', 'disk', 3],
    ]);
    expect(ofSmall?.reasons.map(({ resource }) => resource)).toEqual(['instances']);
    const volume = { source: 'newVolume', volumeSize: 20 } as const;
    expect(localFits(form(volume), chosen(volume), [tiny], usages)[0]?.reasons.map(({ resource }) => resource)).toEqual(
      ['gigabytes'],
    );
  });
});

describe('what blocks a launch', () => {
  const blocks = (changes: Partial<LaunchForm>, fit?: FlavorFit) =>
    blocksOf({
      ...{ form: form(changes), choices: chosen(changes), flavor: small, fit },
      standings: standings(form(changes), chosen(changes), small, usages),
    }).map(({ what }) => what);
  it('is nothing when all is there', () => expect(blocks({})).toEqual([]));
  it('is what the API would refuse', () => {
    expect(blocks({ name: ' ' })).toEqual(['name']);
    expect(blocks({ count: 0 })).toEqual(['count']);
    expect(blocks({ count: 2 })).toEqual(['quota']);
    expect(blocks({ source: 'newVolume', volumeSize: 2 })).toEqual(['volume-size']);
    expect(blocks({ networks: [{ kind: 'network', id: 'n1', fixedIp: 'x' }] })).toEqual(['address']);
    expect(blocks({ userData: 'x'.repeat(USER_DATA_BYTES + 1) })).toEqual(['user-data']);
    expect(blocks({ metadata: ['a', 'b', 'a'].map((key) => ({ key, value: '' })) })).toEqual(['key-twice']);
  });
  it('is not the want of hosts, which may come', () => {
    const reason = { kind: 'hosts', message: '', resource: 'hosts', limit: 0, needed: 1 } as const;
    const fit = { flavor_id: 'small', fits: false, hosts: 0, reasons: [reason], host_verdicts: [] };
    expect(blocks({}, fit)).toEqual([]);
    expect(blocks({}, { ...fit, reasons: [reason, { ...reason, kind: 'image', resource: 'ram' }] })).toEqual(['fit']);
  });
});

describe('names', () => {
  it('are numbered as Nova does', () => {
    expect(namesOf('web', 1)).toEqual(['web']);
    expect(namesOf('web', 3)).toEqual(['web-1', 'web-2', 'web-3']);
    expect(namesInShort('web', 20)).toBe('web-1, web-2 … web-20');
  });
});

describe('user data', () => {
  it('is measured as it is sent', () => {
    expect(encodeUserData('é')).toBe('w6k=');
    expect(userDataBytes('é')).toBe(2);
    expect(encodeUserData('x'.repeat(USER_DATA_BYTES)).length).toBeLessThanOrEqual(USER_DATA_LIMIT);
    expect(encodeUserData('x'.repeat(USER_DATA_BYTES + 1)).length).toBeGreaterThan(USER_DATA_LIMIT);
  });
  it.each([
    ['#cloud-config\npackages: []', 'cloud-config'],
    ['#!/bin/sh', 'script'],
    ['#include\nhttp://x', 'other'],
    ['hello', null],
  ])('%j is %s', (text, kind) => expect(userDataKind(text)).toBe(kind));
});

describe('a draft', () => {
  const memory = () => {
    const kept = new Map<string, string>();
    return {
      kept,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
  };
  it('comes back in the same project, without the user data', () => {
    const store = memory();
    keepDraft(store, 'p1', form({ count: 4, userData: 'password: x' }));
    expect([...store.kept.values()].join()).not.toContain('password');
    expect(readDraft(store, 'p1')).toEqual(form({ count: 4 }));
    expect(readDraft(store, 'p2')).toBeNull();
    keepDraft(store, 'p1', emptyForm);
    expect(readDraft(store, 'p1')).toBeNull();
  });
  it('is not made of rubbish', () => {
    const store = memory();
    for (const text of ['{', '1', '{"name":1}', '{"name":"x","source":"floppy"}']) {
      store.setItem('igloo-launch-draft:p1', text);
      expect(readDraft(store, 'p1')).toBeNull();
    }
  });
  it('gives way to a link', () => {
    expect(withLink(form({ source: 'volume' }), new URLSearchParams('image=i9'))).toMatchObject({
      ...{ name: 'web', source: 'image', imageId: 'i9' },
    });
    expect(withLink(form(), new URLSearchParams('network=n9')).networks).toEqual([
      { kind: 'network', id: 'n9', fixedIp: '' },
    ]);
  });
});

describe('whether SSH is let in', () => {
  const rule = (facts: object) => [{ direction: 'ingress', ethertype: 'IPv4', protocol: null, ...facts }];
  it.each([
    [rule({ protocol: 'tcp', port_range_min: 22, port_range_max: 22 }), true],
    [rule({ protocol: 'tcp', port_range_min: null, port_range_max: null }), true],
    [rule({}), true],
    [rule({ protocol: 'tcp', port_range_min: 80, port_range_max: 90 }), false],
    [rule({ protocol: 'icmp' }), false],
    [rule({ remote_group_id: 'g1' }), false],
    [rule({ direction: 'egress' }), false],
  ])('%j: %s', (rules, answer) => expect(lets([group('g', 'x', rules)], 'tcp', 22)).toBe(answer));
});
