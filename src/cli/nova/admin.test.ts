import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { generateKeyPairSync, publicEncrypt, constants } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeCloud } from '../testing/fake-cloud.ts';
import { novaClient } from './client.ts';

let cloud: FakeCloud;
let folder: string;
beforeAll(async () => {
  cloud = await FakeCloud.start();
  folder = await mkdtemp(join(tmpdir(), 'igloo-cli-nova-admin-'));
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => cloud.reset());
const run = (...argv: string[]) => cloud.run(novaClient, argv);
const silent = { status: 0, out: '', err: '' };
const id = '70af5516-b0ce-4908-823b-fdb5ee0ce22b';
const server = (more: object = {}) => {
  cloud.answers.set('GET /compute/servers', { body: { servers: [{ id, name: 'demo-i1' }] } });
  cloud.answers.set(`GET /compute/servers/${id}`, { body: { server: { id, name: 'demo-i1', ...more } } });
};

describe('nova, for operators', () => {
  it('manages aggregates, saying what was done', async () => {
    const aggregate = { id: 1, name: 'agg', availability_zone: 'z', hosts: ['h1', 'h2'], metadata: { k: 'v' } };
    cloud.answers.set('GET /compute/os-aggregates', { body: { aggregates: [aggregate] } });
    cloud.answers.set('GET /compute/os-aggregates/1', { body: { aggregate } });
    cloud.answers.set('POST /compute/os-aggregates/1/action', { body: { aggregate } });
    const { hosts: _hosts, metadata: _metadata, ...bare } = aggregate;
    cloud.answers.set('POST /compute/os-aggregates', { body: { aggregate: bare } });
    const table = [
      '+----+------+-------------------+------------+----------+',
      '| Id | Name | Availability Zone | Hosts      | Metadata |',
      '+----+------+-------------------+------------+----------+',
      "| 1  | agg  | z                 | 'h1', 'h2' | 'k=v'    |",
      '+----+------+-------------------+------------+----------+',
      '',
    ].join('\n');
    expect((await run('aggregate-create', 'agg', 'z')).out).toBe(table);
    expect((await run('aggregate-add-host', 'agg', 'h2')).out).toBe(
      `Host h2 has been successfully added for aggregate 1 \n${table}`,
    );
    expect(cloud.sent('POST')).toEqual({ add_host: { host: 'h2' } });
    await run('aggregate-set-metadata', '1', 'k=v', 'gone');
    expect(cloud.sent('POST')).toEqual({ set_metadata: { metadata: { k: 'v', gone: null } } });
    cloud.answers.set('DELETE /compute/os-aggregates/1', { body: '' });
    expect((await run('aggregate-delete', 'agg')).out).toBe('Aggregate 1 has been successfully deleted.\n');
    expect((await run('aggregate-details', 'nope')).err).toContain("No aggregate with a name or ID of 'nope' exists.");
  });

  it('evacuates and migrates all of a host, saying for which it was accepted', async () => {
    const servers = [{ uuid: 'a' }, { uuid: 'b' }];
    cloud.answers.set('GET /compute/os-hypervisors/h1/servers', { body: { hypervisors: [{ servers }] } });
    cloud.answers.set('POST /compute/servers/a/action', { status: 202 });
    cloud.answers.set('POST /compute/servers/b/action', {
      status: 409,
      body: { conflictingRequest: { message: 'No', code: 409 } },
    });
    const { out } = await run('host-evacuate', 'h1', '--target_host', 'h2');
    expect(out).toContain('| a           | True              |');
    expect(out).toContain('| b           | False             | Error while evacuating instance: No (HTTP 409) |');
    expect(cloud.sent('POST')).toEqual({ evacuate: { onSharedStorage: false, host: 'h2' } });
    expect((await run('host-servers-migrate', 'h1')).out).toContain('Migration Accepted');
  });

  it('changes passwords that are typed twice, and decrypts those that guests sent', async () => {
    server();
    cloud.answers.set(`POST /compute/servers/${id}/action`, { status: 202 });
    expect(await cloud.run(novaClient, ['root-password', 'demo-i1'], { secrets: ['x', 'x'] })).toEqual(silent);
    expect(cloud.sent('POST')).toEqual({ changePassword: { adminPass: 'x' } });
    expect((await cloud.run(novaClient, ['root-password', 'demo-i1'], { secrets: ['x', 'y'] })).err).toBe(
      'ERROR: Passwords do not match.\n',
    );
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = join(folder, 'key.pem');
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const password = publicEncrypt(
      { key: publicKey, padding: constants.RSA_PKCS1_PADDING },
      Buffer.from('hush'),
    ).toString('base64');
    cloud.answers.set(`GET /compute/servers/${id}/os-server-password`, { body: { password } });
    expect((await run('get-password', 'demo-i1')).out).toBe(`${password}\n`);
    expect((await run('get-password', 'demo-i1', key)).out).toBe('hush\n');
    expect((await run('get-password', 'demo-i1', '/none')).err).toContain('cannot be decrypted with /none');
  });

  it('writes certificates to files that nobody else reads, and over none', async () => {
    const [key, cert] = [join(folder, 'pk.pem'), join(folder, 'cert.pem')];
    cloud.answers.set('POST /compute/os-certificates', { body: { certificate: { data: 'CERT', private_key: 'KEY' } } });
    expect((await run('x509-create-cert', key, cert)).out).toBe(
      `Wrote private key to ${key}\nWrote x509 certificate to ${cert}\n`,
    );
    expect([await readFile(key, 'utf8'), (await stat(key)).mode & 0o777]).toEqual(['KEY', 0o400]);
    expect((await run('x509-create-cert', key, cert)).err).toBe(`ERROR: Unable to write privatekey - ${key} exists.\n`);
  });

  it('starts ssh with the address that was asked for', async () => {
    const address = (addr: string, type: string, version = 4) => ({ addr, version, 'OS-EXT-IPS:type': type });
    server({ addresses: { 'demo-net': [address('192.168.27.2', 'fixed'), address('172.16.200.152', 'floating')] } });
    await run('ssh', 'cirros@demo-i1', '--extra-opts', '-o BatchMode=yes');
    expect(cloud.programs.at(-1)).toEqual(['ssh', '-4', '-p22', '-o', 'BatchMode=yes', 'cirros@172.16.200.152']);
    await run('ssh', '--private', '-i', 'k', '--port', '2222', 'demo-i1');
    expect(cloud.programs.at(-1)).toEqual(['ssh', '-4', '-p2222', '-i', 'k', 'root@192.168.27.2']);
    expect((await run('ssh', '--ipv6', 'demo-i1')).out).toBe('ERROR: No public IPv6 address found.\n');
  });

  it('speaks to the volume service for volumes', async () => {
    cloud.answers.set('GET /volume/v1/t/volumes/detail', {
      body: {
        volumes: [
          {
            id: 'v',
            status: 'in-use',
            display_name: 'd',
            size: 1,
            volume_type: null,
            attachments: [{ server_id: id }],
          },
        ],
      },
    });
    expect((await run('volume-list')).out).toContain(`| v  | in-use | d            | 1    | -           | ${id} |`);
    cloud.answers.set('DELETE /volume/v1/t/volumes/v', { status: 202 });
    expect(await run('volume-delete', 'd')).toEqual(silent);
  });

  it('prints usage of all tenants', async () => {
    const usage = {
      tenant_id: 't',
      server_usages: [1],
      total_memory_mb_usage: 1.239,
      total_vcpus_usage: 2,
      total_local_gb_usage: 0,
    };
    cloud.answers.set('GET /compute/os-simple-tenant-usage', { body: { tenant_usages: [usage] } });
    const { out } = await run('usage-list', '--start', '2014-01-01', '--end', '2014-02-01');
    expect(out).toMatch(/^Usage from 2014-01-01 to 2014-02-01:\n/);
    expect(out).toContain('| t         | 1       | 1.24         | 2.00      | 0.00          |');
    expect(cloud.asked.at(-1)).toBe(
      'GET /compute/os-simple-tenant-usage?start=2014-01-01T00:00:00&end=2014-02-01T00:00:00&detailed=1',
    );
    expect((await run('usage', '--start', 'May')).err).toBe(
      "ERROR: time data 'May' does not match format '%Y-%m-%d'\n",
    );
  });

  it('finds servers by their name as part of a URL, after exact names', async () => {
    cloud.answers.set('GET /compute/servers', ({ url }) => ({
      body: { servers: url.includes('name=') ? [] : [{ id, name: 'Demo One!' }] },
    }));
    cloud.answers.set(`POST /compute/servers/${id}/action`, { status: 202 });
    expect(await run('pause', 'demo-one')).toEqual(silent);
  });

  it.each<[string[], string, object | undefined]>([
    [
      ['backup', 'demo-i1', 'b', 'daily', '2'],
      `POST /compute/servers/${id}/action`,
      { createBackup: { name: 'b', backup_type: 'daily', rotation: '2' } },
    ],
    [['migrate', 'demo-i1'], `POST /compute/servers/${id}/action`, { migrate: null }],
    [
      ['refresh-network', 'demo-i1'],
      'POST /compute/os-server-external-events',
      { events: [{ server_uuid: id, name: 'network-changed' }] },
    ],
    [['fixed-ip-reserve', '10.0.0.1'], 'POST /compute/os-fixed-ips/10.0.0.1/action', { reserve: null }],
    [
      ['floating-ip-bulk-create', '--pool', 'p', '10.0.0.0/24'],
      'POST /compute/os-floating-ips-bulk',
      { floating_ips_bulk_create: { ip_range: '10.0.0.0/24', pool: 'p' } },
    ],
    [
      ['network-disassociate', '--host-only', '1', 'n'],
      'POST /compute/os-networks/n/action',
      { disassociate_host: null },
    ],
    [['cloudpipe-create', 'p'], 'POST /compute/os-cloudpipe', { cloudpipe: { project_id: 'p' } }],
    [
      ['dns-create', '1.1.1.1', 'n', 'd.e'],
      'PUT /compute/os-floating-ip-dns/d%252Ee/entries/n',
      { dns_entry: { ip: '1.1.1.1', dns_type: 'A' } },
    ],
    [
      ['quota-class-update', '--cores', '5', 'default'],
      'PUT /compute/os-quota-class-sets/default',
      { quota_class_set: { cores: 5 } },
    ],
  ])('%j', async (argv, request, body) => {
    server();
    cloud.answers.set(request, { body: {} });
    expect(await run(...argv)).toEqual(silent);
    expect(cloud.asked.at(-1)).toBe(request);
    expect(cloud.sent(request.split(' ')[0] as string)).toEqual(body);
  });

  it('refuses what makes no sense before it asks', async () => {
    expect((await run('flavor-create', 'n', 'auto', 'x', '1', '1')).err).toBe('ERROR: Ram must be an integer.\n');
    expect((await run('network-create', 'n')).err).toContain('Must specify either fixed_range_v4 or fixed_range_v6');
    expect((await run('flavor-access-list')).err).toContain('Specify --flavor or --tenant');
    expect((await run('dns-list', 'd')).err).toBe('ERROR: You must specify either --ip or --name\n');
  });
});
