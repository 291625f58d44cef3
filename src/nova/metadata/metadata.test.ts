import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpApp } from '#common/api/app.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import { systemClock } from '#common/clock.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { createMetadataApp } from '../api/app.ts';
import { createHostDirectory } from '../hosts/directory.ts';
import { novaPolicies } from '../policies.ts';
import { findServer } from '../servers/rows.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';
import { configDriveFiles, networkDataJson } from './documents.ts';

const secret = 'METADATA_SECRET';
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMuqjpaFIHETs8m6oSc5DsHFj0AaRyzXsuG/Ysw/RHAo';
let nova: NovaFixture;
let app: HttpApp;
let id: string;

beforeEach(async () => {
  nova = await novaFixture({
    conf: { service_neutron_metadata_proxy: true, neutron_metadata_proxy_shared_secret: secret },
  });
  app = createMetadataApp(
    {
      db: nova.db,
      conf: nova.conf,
      directory: createHostDirectory({ db: nova.db, clock: systemClock, conf: nova.conf }),
    },
    { enforcer: createEnforcer(novaPolicies), authenticate: () => Promise.reject(new Error('Nobody signs in here')) },
    { log: silentLogger },
  );
  await nova.request('POST', '/v2.1/os-keypairs', { body: { keypair: { name: 'demokey', public_key: publicKey } } });
  const made = await nova.request('POST', '/v2.1/servers', {
    body: {
      server: {
        name: 'Demo i1',
        imageRef: nova.imageId,
        flavorRef: '1',
        key_name: 'demokey',
        metadata: { role: 'web' },
        user_data: Buffer.from('#!/bin/sh\necho hi\n').toString('base64'),
        personality: [{ path: '/etc/motd', contents: Buffer.from('hello').toString('base64') }],
      },
    },
  });
  id = made.body.server.id as string;
  await nova.settled();
});
afterEach(async () => {
  await app.fastify.close();
  await nova.close();
});

const sign = (text: string, key = secret): string => createHmac('sha256', key).update(text).digest('hex');
const get = async (
  url: string,
  headers: Record<string, string> = {},
  method: 'GET' | 'POST' = 'GET',
  payload?: string,
) => {
  const answer = await app.fastify.inject({
    method,
    url,
    headers: {
      'x-instance-id': id,
      'x-tenant-id': 'demo',
      'x-instance-id-signature': sign(id),
      'x-forwarded-for': '192.168.27.2',
      ...headers,
    },
    ...(payload !== undefined && { payload }),
  });
  return { status: answer.statusCode, body: answer.body, type: answer.headers['content-type'] };
};

describe('the metadata service', () => {
  it('answers in Amazon’s form', async () => {
    expect((await get('/')).body.split('\n')).toContain('2009-04-04');
    expect((await get('/2009-04-04/')).body).toBe('meta-data/\nuser-data');
    expect((await get('/latest/meta-data/')).body.split('\n')).toEqual(
      expect.arrayContaining(['instance-id', 'public-keys/', 'placement/', 'local-ipv4', 'block-device-mapping/']),
    );
    const value = async (path: string) => (await get(`/2009-04-04/meta-data/${path}`)).body;
    expect(await value('instance-id')).toBe('i-00000001');
    expect(await value('hostname')).toBe('demo-i1.novalocal');
    expect(await value('local-ipv4')).toBe('192.168.27.2');
    expect(await value('public-keys/')).toBe('0=demokey');
    expect(await value('public-keys/0/')).toBe('openssh-key');
    expect(await value('public-keys/0/openssh-key')).toBe(publicKey);
    expect(await value('placement/availability-zone')).toBe('nova');
    expect((await get('/latest/user-data')).body).toBe('#!/bin/sh\necho hi\n');
    for (const path of [
      '/latest/meta-data/nope',
      '/1999-01-01/meta-data',
      '/latest/meta-data/_name',
      '/latest/meta-data/__proto__',
    ])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
  });

  it('answers in OpenStack’s form', async () => {
    expect((await get('/openstack')).body.split('\n')).toContain('latest');
    expect((await get('/openstack/latest/')).body.split('\n')).toEqual([
      'meta_data.json',
      'user_data',
      'password',
      'vendor_data.json',
      'network_data.json',
    ]);
    const data = JSON.parse((await get('/openstack/2012-08-10/meta_data.json')).body) as Record<string, unknown>;
    expect(data).toMatchObject({
      uuid: id,
      name: 'Demo i1',
      hostname: 'demo-i1.novalocal',
      launch_index: 0,
      availability_zone: 'nova',
      project_id: 'demo',
      meta: { role: 'web' },
      public_keys: { demokey: publicKey },
      keys: [{ name: 'demokey', type: 'ssh', data: publicKey }],
      files: [{ path: '/etc/motd', content_path: '/content/0000' }],
    });
    expect(data).not.toHaveProperty('admin_pass');
    expect((await get('/openstack/content/0000')).body).toBe('hello');
    expect((await get('/openstack/content/0001')).status).toBe(404);
    expect(JSON.parse((await get('/openstack/latest/network_data.json')).body)).toMatchObject({
      links: [{ ethernet_mac_address: 'fa:16:3e:00:00:02', mtu: 1450 }],
      networks: [{ type: 'ipv4_dhcp' }],
      services: [{ type: 'dns', address: '8.8.8.8' }],
    });
  });

  it('tells of volumes, by their devices and by their tags', async () => {
    const volume = nova.volumes.add();
    await nova.request('POST', `/v2.1/servers/${id}/os-volume_attachments`, {
      version: '2.49',
      body: { volumeAttachment: { volumeId: volume.id, tag: 'data' } },
    });
    await nova.settled();
    const at = '/2009-04-04/meta-data/block-device-mapping';
    expect((await get(at)).body).toBe('ami\nroot\nebs0');
    expect([(await get(`${at}/ami`)).body, (await get(`${at}/ebs0`)).body]).toEqual(['vda', '/dev/vdb']);
    expect(JSON.parse((await get('/openstack/latest/meta_data.json')).body).devices).toEqual([
      { type: 'disk', bus: 'none', address: 'none', serial: volume.id, path: '/dev/vdb', tags: ['data'] },
    ]);
  });

  it('takes the guest’s password once', async () => {
    const post = (text: string) => get('/openstack/latest/password', { 'content-type': 'text/plain' }, 'POST', text);
    expect((await get('/openstack/latest/password')).body).toBe('');
    expect((await post('x'.repeat(2000))).status).toBe(400);
    expect((await post('c2VjcmV0')).status).toBe(200);
    expect((await post('again')).status).toBe(409);
    expect((await nova.request('GET', `/v2.1/servers/${id}/os-server-password`)).body).toEqual({
      password: 'c2VjcmV0',
    });
    expect((await nova.request('DELETE', `/v2.1/servers/${id}/os-server-password`)).status).toBe(204);
    expect((await get('/openstack/latest/password')).body).toBe('');
  });

  it.each([
    ['another’s signature', { 'x-instance-id-signature': 'ab' }, 403],
    ['a signature with another key', { 'x-instance-id-signature': sign('x', 'other') }, 403],
    ['another project', { 'x-tenant-id': 'other' }, 404],
    ['an unknown server', { 'x-instance-id': 'nope', 'x-instance-id-signature': sign('nope') }, 404],
  ])('refuses %s', async (_what, headers, status) => {
    expect((await get('/latest/meta-data/hostname', headers)).status).toBe(status);
  });

  it('refuses who does not come through Neutron', async () => {
    const answer = await app.fastify.inject({
      method: 'GET',
      url: '/latest/meta-data/',
      headers: { 'x-forwarded-for': '192.168.27.2' },
    });
    expect(answer.statusCode).toBe(400);
  });
});

describe('documents', () => {
  it('fill a config drive', async () => {
    const server = await findServer(nova.db.query, id);
    const files = configDriveFiles({
      server: server!,
      devices: [],
      zone: 'nova',
      domain: '',
      adminPassword: 'pw',
      keyType: 'ssh',
    });
    expect(Object.keys(files).sort()).toEqual(
      [
        'ec2/latest/meta-data.json',
        'ec2/latest/user-data',
        'openstack/content/0000',
        ...['2012-08-10', 'latest'].flatMap((version) =>
          ['meta_data', 'network_data', 'vendor_data'].map((name) => `openstack/${version}/${name}.json`),
        ),
        ...['2012-08-10', 'latest'].map((version) => `openstack/${version}/user_data`),
      ].sort(),
    );
    expect(JSON.parse(files['openstack/latest/meta_data.json']!)).toMatchObject({
      admin_pass: 'pw',
      hostname: 'demo-i1',
    });
  });

  it('describe static networks whole', () => {
    const subnet = { id: 's', cidr: '10.0.4.0/22', version: 4, gateway: '10.0.4.1', dns: [], dhcp: false } as const;
    const data = networkDataJson([
      {
        portId: 'cccccccc-0000-4000-8000-000000000001',
        mac: 'fa:16:3e:00:00:01',
        networkId: 'n',
        label: 'n',
        mtu: 1500,
        addresses: [{ address: '10.0.4.7', version: 4, subnetId: 's', floating: [] }],
        subnets: [{ ...subnet, routes: [{ destination: '10.9.0.0/16', nexthop: '10.0.4.2' }] }],
        vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
        ours: true,
        tag: null,
      },
    ]);
    expect(data['networks']).toEqual([
      {
        id: 'network0',
        link: 'tapcccccccc-00',
        network_id: 'n',
        type: 'ipv4',
        ip_address: '10.0.4.7',
        netmask: '255.255.252.0',
        routes: [
          { network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.4.1' },
          { network: '10.9.0.0', netmask: '255.255.0.0', gateway: '10.0.4.2' },
        ],
        services: [],
      },
    ]);
  });
});
