import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeCloud } from '../testing/fake-cloud.ts';
import { cinderClient } from './client.ts';

let cloud: FakeCloud;
beforeAll(async () => {
  cloud = await FakeCloud.start();
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());
const run = (...argv: string[]) => cloud.run(cinderClient, argv);
const second = (...argv: string[]) => run('--os-volume-api-version', '2', ...argv);
const silent = { status: 0, out: '', err: '' };
const v1 = '/volume/v1/t';
const v2 = '/volume/v2/t';

const id = '5d2eadf4-6a0e-4d2f-9b9d-f7d2c30a7e1b';
const volume = {
  status: 'creating',
  display_name: 'demo-v1',
  attachments: [],
  availability_zone: 'nova',
  bootable: 'false',
  created_at: '2014-10-19T08:02:12.409424',
  display_description: null,
  volume_type: 'None',
  snapshot_id: null,
  source_volid: null,
  size: 2,
  id,
  metadata: {},
  encrypted: false,
};
const snapshotId = 'aaaaaaaa-6a0e-4d2f-9b9d-f7d2c30a7e1b';
const known = (): void => {
  cloud.answers.set(`GET ${v1}/volumes/detail`, {
    body: { volumes: [volume, { ...volume, id: '1', display_name: 'x' }] },
  });
  cloud.answers.set(`GET ${v1}/volumes/${id}`, { body: { volume } });
  cloud.answers.set(`POST ${v1}/volumes/${id}/action`, { status: 202 });
  cloud.answers.set(`GET ${v1}/snapshots/detail`, {
    body: { snapshots: [{ id: snapshotId, display_name: 's', metadata: { a: 'b' }, volume_id: id, size: 2 }] },
  });
};

describe('cinder', () => {
  it('creates a volume and prints it centred, in Python’s words (7.3)', async () => {
    cloud.answers.set(`POST ${v1}/volumes`, { body: { volume } });
    const { out } = await run('create', '--display-name', 'demo-v1', '2', '--metadata', 'a=b', 'c=d');
    expect(out).toBe(
      [
        '+---------------------+--------------------------------------+',
        '|       Property      |                Value                 |',
        '+---------------------+--------------------------------------+',
        '|     attachments     |                  []                  |',
        '|  availability_zone  |                 nova                 |',
        '|       bootable      |                false                 |',
        '|      created_at     |      2014-10-19T08:02:12.409424      |',
        '| display_description |                 None                 |',
        '|     display_name    |               demo-v1                |',
        '|      encrypted      |                False                 |',
        `|          id         | ${id} |`,
        '|       metadata      |                  {}                  |',
        '|         size        |                  2                   |',
        '|     snapshot_id     |                 None                 |',
        '|     source_volid    |                 None                 |',
        '|        status       |               creating               |',
        '|     volume_type     |                 None                 |',
        '+---------------------+--------------------------------------+',
        '',
      ].join('\n'),
    );
    expect(cloud.sent('POST')).toMatchObject({
      volume: { size: 2, display_name: 'demo-v1', metadata: { a: 'b', c: 'd' }, imageRef: null },
    });
  });

  it('lists volumes by id, with the servers that they are attached to', async () => {
    cloud.answers.set(`GET ${v1}/volumes/detail`, {
      body: {
        volumes: [
          { ...volume, id: 'b', attachments: [{ server_id: 's1' }] },
          { ...volume, id: 'a' },
        ],
      },
    });
    expect((await run('list')).out).toBe(
      [
        '+----+----------+--------------+------+-------------+----------+-------------+',
        '| ID |  Status  | Display Name | Size | Volume Type | Bootable | Attached to |',
        '+----+----------+--------------+------+-------------+----------+-------------+',
        '| a  | creating |   demo-v1    |  2   |     None    |  false   |             |',
        '| b  | creating |   demo-v1    |  2   |     None    |  false   |      s1     |',
        '+----+----------+--------------+------+-------------+----------+-------------+',
        '',
      ].join('\n'),
    );
    await run('list', '--all-tenants', '--status', 'error', '--metadata', "k=it's");
    expect(decodeURIComponent(cloud.asked.at(-1) ?? '').replaceAll('+', ' ')).toBe(
      `GET ${v1}/volumes/detail?all_tenants=1&status=error&metadata={'k': "it's"}`,
    );
    cloud.answers.set(`GET ${v1}/volumes/detail`, { body: { volumes: [] } });
    expect((await run('list')).out.split('\n')).toHaveLength(5);
  });

  it('finds by id and by name, and says what it cannot find', async () => {
    known();
    expect((await run('show', id)).out).toContain(id);
    expect((await run('show', 'demo-v1')).out).toContain(id);
    expect(await run('show', 'nothing')).toEqual({
      status: 1,
      out: '',
      err: "ERROR: No volume with a name or ID of 'nothing' exists.\n",
    });
    const twins = { body: { volumes: [volume, { ...volume, id: '2' }] } };
    cloud.answers.set(`GET ${v1}/volumes/detail`, twins);
    expect((await run('show', 'demo-v1')).err).toContain('Multiple volume matches found');
  });

  it.each<[string[], string, object]>([
    [['extend', 'demo-v1', '5'], 'action', { 'os-extend': { new_size: 5 } }],
    [['migrate', 'demo-v1', 'h2'], 'action', { 'os-migrate_volume': { host: 'h2', force_host_copy: false } }],
    [['readonly-mode-update', 'demo-v1', 'True'], 'action', { 'os-update_readonly_flag': { readonly: true } }],
    [['set-bootable', 'demo-v1', 'false'], 'action', { 'os-set_bootable': { bootable: false } }],
    [['force-delete', 'demo-v1'], 'action', { 'os-force_delete': null }],
    [['reset-state', '--state', 'error', 'demo-v1'], 'action', { 'os-reset_status': { status: 'error' } }],
    [['metadata', 'demo-v1', 'set', 'a=b'], 'metadata', { metadata: { a: 'b' } }],
  ])('%j', async (argv, path, body) => {
    known();
    cloud.answers.set(`POST ${v1}/volumes/${id}/metadata`, { body: { metadata: {} } });
    expect(await run(...argv)).toEqual(silent);
    expect(cloud.asked.at(-1)).toBe(`POST ${v1}/volumes/${id}/${path}`);
    expect(cloud.sent('POST')).toEqual(body);
  });

  it('deletes several, naming those that it cannot', async () => {
    known();
    cloud.answers.set(`DELETE ${v1}/volumes/${id}`, { status: 202 });
    const failed = "Delete for volume nope failed: No volume with a name or ID of 'nope' exists.\n";
    expect(await run('delete', 'nope', 'demo-v1')).toEqual({ ...silent, out: failed });
    expect(await run('delete', 'nope')).toEqual({
      status: 1,
      out: failed,
      err: 'ERROR: Unable to delete any of the specified volumes.\n',
    });
  });

  it('renames, and shows and replaces metadata', async () => {
    known();
    cloud.answers.set(`PUT ${v1}/volumes/${id}`, { body: {} });
    expect(await run('rename', 'demo-v1', 'new', '--display-description', 'd')).toEqual(silent);
    expect(cloud.sent('PUT')).toEqual({ volume: { display_name: 'new', display_description: 'd' } });
    expect((await run('rename', 'demo-v1')).err).toContain('Must supply either display-name or display-description.');
    expect((await run('snapshot-metadata-show', 's')).out).toContain('| Metadata-property | Value |');
    cloud.answers.set(`PUT ${v1}/volumes/${id}/metadata`, { body: { metadata: { a: 'b' } } });
    expect((await run('metadata-update-all', 'demo-v1', 'a=b')).out).toContain("| metadata | {u'a': u'b'} |");
  });

  it('takes snapshots, backups and transfers', async () => {
    known();
    cloud.answers.set(`POST ${v1}/snapshots`, { body: { snapshot: { id: 's1' } } });
    expect((await run('snapshot-create', '--force', 'True', 'demo-v1')).out).toContain('s1');
    expect(cloud.sent('POST')).toEqual({
      snapshot: { volume_id: id, force: 'True', display_name: null, display_description: null },
    });
    cloud.answers.set(`POST ${v1}/backups`, { body: { backup: { id: 'b1', links: [] } } });
    const { out } = await run('backup-create', '--display-name', 'n', 'demo-v1');
    expect(out).toContain('| volume_id |');
    expect(out).not.toContain('links');
    cloud.answers.set(`POST ${v1}/backups/b1/restore`, { body: { restore: {} } });
    expect(await run('backup-restore', 'b1', '--volume-id', 'demo-v1')).toEqual(silent);
    expect(cloud.sent('POST')).toEqual({ restore: { volume_id: id } });
    cloud.answers.set(`POST ${v1}/os-volume-transfer`, { body: { transfer: { id: 't1', auth_key: 'k', links: [] } } });
    expect((await run('transfer-create', 'demo-v1')).out).toContain('| auth_key |   k   |');
    cloud.answers.set(`POST ${v1}/os-volume-transfer/t1/accept`, { body: { transfer: { id: 't1' } } });
    await run('transfer-accept', 't1', 'k');
    expect(cloud.sent('POST')).toEqual({ accept: { auth_key: 'k' } });
  });

  it('manages types, their encryption, and qos specs', async () => {
    const type = { id: 'bbbbbbbb-6a0e-4d2f-9b9d-f7d2c30a7e1b', name: 'fast', extra_specs: {} };
    cloud.answers.set(`GET ${v1}/types`, { body: { volume_types: [type] } });
    cloud.answers.set(`GET ${v1}/types/${type.id}/extra_specs`, { body: { extra_specs: { k: 'v' } } });
    expect((await run('extra-specs-list')).out).toContain("|   fast  | {u'k': u'v'} |".replace('   fast  ', ' fast '));
    cloud.answers.set(`POST ${v1}/types/${type.id}/encryption`, {
      body: {
        encryption: { volume_type_id: type.id, provider: 'luks', cipher: null, key_size: 256, control_location: null },
      },
    });
    expect((await run('encryption-type-create', '--key_size', '256', 'fast', 'luks')).out).toMatch(
      /luks .* None .* 256 .* None/,
    );
    cloud.answers.set(`GET ${v1}/types/${type.id}/encryption`, { status: 404, body: {} });
    expect((await run('encryption-type-list')).out.split('\n')).toHaveLength(5);
    cloud.answers.set(`DELETE ${v1}/types/${type.id}/extra_specs/k`, { status: 202 });
    expect(await run('type-key', 'fast', 'unset', 'k')).toEqual(silent);
    cloud.answers.set(`PUT ${v1}/qos-specs/q/delete_keys`, { status: 202 });
    expect(await run('qos-key', 'q', 'unset', 'a', 'b')).toEqual(silent);
    expect(cloud.sent('PUT')).toEqual({ keys: ['a', 'b'] });
    cloud.answers.set(`GET ${v1}/qos-specs/q/associate`, { status: 202 });
    expect(await run('qos-associate', 'q', 't')).toEqual(silent);
    expect(cloud.asked.at(-1)).toBe(`GET ${v1}/qos-specs/q/associate?vol_type_id=t`);
  });

  it('shows quotas and usage, also per type, and changes them', async () => {
    const usage = (limit: number) => ({ in_use: 1, reserved: 0, limit });
    cloud.answers.set(`GET ${v1}/os-quota-sets/t9?usage=True`, {
      body: { quota_set: { id: 't9', volumes: usage(10), gigabytes_fast: usage(-1), backups: usage(3) } },
    });
    expect((await run('quota-usage', 't9')).out).toBe(
      [
        '+----------------+--------+----------+-------+',
        '|      Type      | In_use | Reserved | Limit |',
        '+----------------+--------+----------+-------+',
        '| gigabytes_fast |   1    |    0     |   -1  |',
        '|    volumes     |   1    |    0     |   10  |',
        '+----------------+--------+----------+-------+',
        '',
      ].join('\n'),
    );
    cloud.answers.set(`PUT ${v1}/os-quota-sets/t9`, { body: { quota_set: {} } });
    await run('quota-update', '--volumes', '5', '--volume-type', 'fast', 't9');
    expect(cloud.sent('PUT')).toEqual({ quota_set: { tenant_id: 't9', volumes_fast: 5 } });
    const before = cloud.asked.length;
    expect(await run('quota-update', 't9')).toEqual(silent);
    expect(cloud.asked).toHaveLength(before);
  });

  it('speaks version 2 when it is asked to, and refuses an endpoint of the other', async () => {
    const named = { id, name: 'demo-v1', links: [] };
    cloud.answers.set(`GET ${v2}/volumes/detail`, { body: { volumes: [named] } });
    expect((await second('list', '--name', 'x')).out).toMatch(/ Name +\| Size/);
    expect(cloud.asked.at(-1)).toBe(`GET ${v2}/volumes/detail?name=x`);
    cloud.answers.set(`POST ${v2}/volumes/${id}/action`, { status: 202 });
    expect(await second('retype', 'demo-v1', 'fast')).toEqual(silent);
    expect(cloud.sent('POST')).toEqual({ 'os-retype': { new_type: 'fast', migration_policy: 'never' } });
    expect((await run('retype', 'demo-v1', 'fast')).status).toBe(2);
    expect(await run('--service-type', 'volumev2', 'list')).toMatchObject({
      status: 1,
      err: expect.stringContaining('Volume API version is set to 1 but you are accessing a 2 endpoint.'),
    });
    expect((await run('--os-volume-api-version', '3', 'list')).err).toContain("Invalid client version '3'");
  });

  it('lists services and zones, and says who one is', async () => {
    cloud.answers.set(`GET ${v1}/os-services`, {
      body: {
        services: [
          { binary: 'cinder-volume', host: 'h', zone: 'nova', status: 'enabled', state: 'up', updated_at: null },
        ],
      },
    });
    expect((await run('service-list')).out).toContain('| cinder-volume |  h   | nova | enabled |   up  |    None    |');
    cloud.answers.set(`PUT ${v1}/os-services/disable`, { body: { host: 'h', binary: 'b', status: 'disabled' } });
    expect((await run('service-disable', 'h', 'b')).out).toContain('|  h   |   b    | disabled |');
    cloud.answers.set(`GET ${v1}/os-availability-zone`, {
      body: { availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true } }] },
    });
    expect((await run('availability-zone-list')).out).toContain('| nova | available |');
    expect((await run('credentials')).out).toContain('| User Credentials |');
    expect((await run('endpoints')).out).toContain('|   volumev2  |');
  });

  it.each([
    [
      ['create', 'x'],
      2,
      "error: argument <size>: invalid int value: u'x'\nTry 'cinder help create' for more information.\n",
    ],
    [
      ['metadata', 'v', 'add', 'a=b'],
      2,
      "error: argument <action>: invalid choice: u'add'\nTry 'cinder help metadata' for",
    ],
    [
      ['nothing'],
      2,
      "error: argument <subcommand>: invalid choice: u'nothing'\nTry 'cinder help ' for more information.\n",
    ],
    [['list', '--nothing'], 2, 'error: unrecognized arguments: --nothing'],
    [['help', 'nothing'], 1, "ERROR: 'nothing' is not a valid subcommand\n"],
    [['--os-password', 'wrong', 'list'], 1, 'ERROR: Invalid OpenStack Cinder credentials.\n'],
  ])('%j ends with %i', async (argv, status, words) => {
    expect(await run(...argv)).toMatchObject({ status, err: expect.stringContaining(words) });
  });
});
