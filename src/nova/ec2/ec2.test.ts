import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpApp } from '#common/api/app.ts';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';
import { ec2ActionNames, findAction } from './actions.ts';
import { ask as askApp, ec2Over, FakeVolumes, type Ec2Answer } from './testing/ec2-app.ts';

let nova: NovaFixture;
let app: HttpApp;
let volumes: FakeVolumes;
let ami: string;
const ask = (
  action: string,
  params: Record<string, string | number> = {},
  options: { key?: string; method?: 'GET' | 'POST' } = {},
): Promise<Ec2Answer> => askApp(app, action, params, options);

beforeEach(async () => {
  nova = await novaFixture();
  volumes = new FakeVolumes();
  app = ec2Over(nova, volumes);
  ami = (await ask('DescribeImages')).one('imageId') as string;
});
afterEach(async () => {
  await app.fastify.close();
  await nova.close();
});

const run = async (params: Record<string, string | number> = {}): Promise<Ec2Answer> => {
  const answer = await ask('RunInstances', { ImageId: ami, InstanceType: 'm1.tiny', ...params });
  expect(answer.status, answer.xml).toBe(200);
  await nova.settled();
  return answer;
};

describe('the EC2 API', () => {
  it('has every action that it names', async () => {
    for (const name of ec2ActionNames) expect(await findAction(name), name).toBeInstanceOf(Function);
  });

  it('answers GET and POST in XML, and errors too', async () => {
    const zones = await ask('DescribeAvailabilityZones', {}, { method: 'GET' });
    expect(zones.xml).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<DescribeAvailabilityZonesResponse xmlns="http:\/\/ec2.amazonaws.com\/doc\/2013-10-15\/"><requestId>req-[\w-]+<\/requestId><availabilityZoneInfo><item><zoneName>nova<\/zoneName><zoneState>available<\/zoneState><\/item><\/availabilityZoneInfo><\/DescribeAvailabilityZonesResponse>$/,
    );
    const unknown = await ask('Levitate');
    expect([unknown.status, unknown.one('Code')]).toEqual([400, 'InvalidAction']);
    expect(unknown.xml).toMatch(
      /^<\?xml version="1.0"\?>\n<Response><Errors><Error><Code>InvalidAction<\/Code>.*<RequestID>req-/,
    );
    expect((await ask('RunInstances')).one('Code')).toBe('MissingParameter');
  });

  it('names its region', async () => {
    expect((await ask('DescribeRegions')).one('regionEndpoint')).toBe('http://127.0.0.1:8773/services/Cloud');
  });
});

describe('instances', () => {
  it('are run, described, stopped, started, rebooted and terminated', async () => {
    await ask('ImportKeyPair', {
      KeyName: 'k',
      PublicKeyMaterial: Buffer.from(
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8g8vVmqCwLbGgPFYpGrVJ8M2S3JwXh2cS5l7lJq8Xk x',
      ).toString('base64'),
    });
    const made = await run({ MinCount: 2, MaxCount: 2, KeyName: 'k', UserData: 'aGk=', 'SecurityGroup.1': 'default' });
    expect(made.one('reservationId')).toMatch(/^r-/);
    expect(made.all('instanceId')).toEqual(['i-00000001', 'i-00000002']);
    const shown = await ask('DescribeInstances', { 'InstanceId.1': 'i-00000001' });
    expect([
      shown.one('imageId'),
      shown.one('instanceType'),
      shown.all('name'),
      shown.one('keyName'),
      shown.one('privateIpAddress'),
      shown.one('rootDeviceType'),
      shown.one('availabilityZone'),
    ]).toEqual([ami, 'm1.tiny', ['running'], 'k', '192.168.27.2', 'instance-store', 'nova']);

    const states = async (): Promise<string[]> => {
      await nova.settled();
      return (await ask('DescribeInstances')).all('name');
    };
    expect((await ask('StopInstances', { 'InstanceId.1': 'i-00000001' })).one('return')).toBe('true');
    expect(await states()).toEqual(['stopped', 'running']);
    expect((await ask('StopInstances', { 'InstanceId.1': 'i-00000001' })).one('Code')).toBe('IncorrectState');
    await ask('StartInstances', { 'InstanceId.1': 'i-00000001' });
    expect(await states()).toEqual(['running', 'running']);
    expect((await ask('RebootInstances', { 'InstanceId.1': 'i-00000002' })).status).toBe(200);
    const gone = await ask('TerminateInstances', { 'InstanceId.1': 'i-00000001', 'InstanceId.2': 'i-00000002' });
    expect(gone.all('name').filter((name) => name !== 'terminated' && name !== 'shutting-down')).toEqual([
      'running',
      'running',
    ]);
    expect(await states()).toEqual([]);
  });

  it('are given once for one client token', async () => {
    const first = await run({ ClientToken: 'once' });
    const again = await run({ ClientToken: 'once' });
    expect(again.one('reservationId')).toBe(first.one('reservationId'));
    expect((await ask('DescribeInstances')).all('instanceId')).toHaveLength(1);
  });

  it('are filtered, and found by nobody else', async () => {
    await run();
    await run({ InstanceType: 'm1.small' });
    const ids = async (name: string, ...values: string[]): Promise<string[]> =>
      (
        await ask('DescribeInstances', {
          'Filter.1.Name': name,
          ...Object.fromEntries(values.map((value, index) => [`Filter.1.Value.${index + 1}`, value])),
        })
      ).all('instanceId');
    expect(await ids('instance-type', 'm1.s*')).toEqual(['i-00000002']);
    expect(await ids('instance-state-name', 'running')).toHaveLength(2);
    expect(await ids('image-id', ami)).toHaveLength(2);
    expect(await ids('image-id', 'ami-0')).toEqual([]);
    const wrong = await ask('DescribeInstances', { 'Filter.1.Name': 'colour', 'Filter.1.Value.1': 'red' });
    expect([wrong.status, wrong.one('Code')]).toEqual([400, 'InvalidParameterValue']);
    const stranger = { key: 'other' };
    expect((await ask('DescribeInstances', {}, stranger)).all('instanceId')).toEqual([]);
    for (const action of ['DescribeInstances', 'TerminateInstances', 'StopInstances', 'CreateTags']) {
      const answer = await ask(
        action,
        { 'InstanceId.1': 'i-00000001', 'ResourceId.1': 'i-00000001', 'Tag.1.Key': 'a' },
        stranger,
      );
      expect([action, answer.status, answer.one('Code'), answer.one('Message')]).toEqual([
        action,
        404,
        'InvalidInstanceID.NotFound',
        'Instance i-00000001 could not be found.',
      ]);
    }
    expect((await ask('DescribeInstances', {}, { key: 'other/admin' })).one('keyName')).toContain('(demo, compute1)');
  });

  it.each([
    [{ ImageId: 'ami-ffffffff' }, 'InvalidAMIID.NotFound'],
    [{ ImageId: 'image' }, 'InvalidAMIID.Malformed'],
    [{ InstanceType: 'm1.nope' }, 'InvalidParameterValue'],
    [{ KeyName: 'nope' }, 'InvalidKeyPair.NotFound'],
    [{ MinCount: 3, MaxCount: 2 }, 'InvalidParameterValue'],
    [{ 'Placement.AvailabilityZone': 'moon' }, 'InvalidParameterValue'],
    [{ KernelId: 'aki-1' }, 'Unsupported'],
    [{ InstanceType: 'm1.xlarge', MinCount: 2000, MaxCount: 2000 }, 'ResourceLimitExceeded'],
  ] as [Record<string, string | number>, string][])('are not run with %j', async (params, code) => {
    const answer = await ask('RunInstances', { ImageId: ami, InstanceType: 'm1.tiny', ...params });
    expect([answer.status >= 400, answer.one('Code')]).toEqual([true, code]);
    expect((await ask('DescribeInstances')).all('instanceId')).toEqual([]);
  });

  it('give their console, their password and their attributes', async () => {
    await run({ UserData: 'aGk=' });
    const id = { InstanceId: 'i-00000001' };
    const output = (await ask('GetConsoleOutput', id)).one('output') ?? '';
    expect(Buffer.from(output, 'base64').toString()).toContain('FAKE CONSOLE OUTPUT');
    expect((await ask('GetPasswordData', id)).xml).toContain('<passwordData/>');
    const attribute = async (name: string): Promise<string> =>
      (await ask('DescribeInstanceAttribute', { ...id, Attribute: name })).xml.replace(
        /.*<\/instanceId>|<\/Desc.*/gs,
        '',
      );
    expect(await attribute('instanceType')).toBe('<instanceType><value>m1.tiny</value></instanceType>');
    expect(await attribute('userData')).toBe('<userData><value>aGk=</value></userData>');
    expect(await attribute('groupSet')).toContain('<groupName>default</groupName>');
    expect((await ask('DescribeInstanceAttribute', { ...id, Attribute: 'mood' })).one('Code')).toBe(
      'InvalidParameterValue',
    );
  });

  it('carry tags', async () => {
    await run();
    const tag = (action: string, params: Record<string, string>) =>
      ask(action, { 'ResourceId.1': 'i-00000001', ...params });
    await tag('CreateTags', { 'Tag.1.Key': 'role', 'Tag.1.Value': 'web', 'Tag.2.Key': 'tier', 'Tag.2.Value': 'one' });
    expect((await ask('DescribeTags')).all('key')).toEqual(['role', 'tier']);
    expect((await ask('DescribeTags', { 'Filter.1.Name': 'key', 'Filter.1.Value.1': 'tier' })).one('value')).toBe(
      'one',
    );
    expect(
      (await ask('DescribeInstances', { 'Filter.1.Name': 'tag:role', 'Filter.1.Value.1': 'web' })).all('instanceId'),
    ).toHaveLength(1);
    await tag('DeleteTags', { 'Tag.1.Key': 'role', 'Tag.1.Value': 'other', 'Tag.2.Key': 'tier' });
    expect((await ask('DescribeTags')).all('key')).toEqual(['role']);
    expect((await tag('CreateTags', { 'ResourceId.1': 'vol-00000001', 'Tag.1.Key': 'x' })).one('Message')).toBe(
      'Only instances implemented',
    );
  });
});

describe('images and keys', () => {
  it('keep their numbers, and are filtered by owner', async () => {
    expect(ami).toBe('ami-84e34943');
    expect((await ask('DescribeImages', { 'ImageId.1': ami })).one('name')).toBe('cirros');
    nova.images.add('second', { owner: 'demo', visibility: 'private' });
    const all = await ask('DescribeImages');
    expect(new Set(all.all('imageId')).size).toBe(2);
    expect((await ask('DescribeImages', { 'Owner.1': 'self' })).all('name')).toEqual(['second']);
    expect((await ask('DescribeImageAttribute', { ImageId: ami, Attribute: 'launchPermission' })).one('group')).toBe(
      'all',
    );
    expect((await ask('DescribeImages', { 'ImageId.1': 'ami-12' })).one('Code')).toBe('InvalidAMIID.NotFound');
    const [, second = ''] = all.all('imageId');
    const modify = (params: Record<string, string>) => ask('ModifyImageAttribute', { ImageId: second, ...params });
    const open = { Attribute: 'launchPermission', OperationType: 'add', 'UserGroup.1': 'all' };
    expect((await modify(open)).one('return')).toBe('true');
    expect((await ask('DescribeImages', { 'ImageId.1': second })).one('isPublic')).toBe('true');
    expect((await modify({ ...open, 'UserGroup.1': 'some' })).one('Code')).toBe('InvalidParameterValue');
    expect((await modify({ 'Description.Value': 'mine' })).one('return')).toBe('true');
    expect((await ask('DeregisterImage', { ImageId: second })).one('return')).toBe('true');
    expect((await ask('DescribeImages')).all('imageId')).toEqual([ami]);
  });

  it('are made, imported, listed and deleted', async () => {
    const made = await ask('CreateKeyPair', { KeyName: 'mine' });
    expect(made.one('keyMaterial')).toContain('BEGIN RSA PRIVATE KEY');
    const again = await ask('CreateKeyPair', { KeyName: 'mine' });
    expect([again.status, again.one('Code')]).toEqual([409, 'InvalidKeyPair.Duplicate']);
    expect((await ask('DescribeKeyPairs')).all('keyName')).toEqual(['mine']);
    expect((await ask('DescribeKeyPairs', {}, { key: 'other' })).all('keyName')).toEqual([]);
    expect((await ask('DescribeKeyPairs', { 'KeyName.1': 'no' })).one('Code')).toBe('InvalidKeyPair.NotFound');
    expect((await ask('ImportKeyPair', { KeyName: 'x', PublicKeyMaterial: 'eA==' })).one('Code')).toBe(
      'InvalidKeyPair.Format',
    );
    expect((await ask('DeleteKeyPair', { KeyName: 'mine' })).one('return')).toBe('true');
    expect((await ask('DeleteKeyPair', { KeyName: 'mine' })).one('return')).toBe('true');
  });
});

describe('security groups', () => {
  it('are made, opened, closed and deleted', async () => {
    const made = await ask('CreateSecurityGroup', { GroupName: 'web', GroupDescription: 'the web' });
    const groupId = made.one('groupId') as string;
    expect((await ask('CreateSecurityGroup', { GroupName: 'web' })).one('Code')).toBe('InvalidGroup.Duplicate');
    const http = { GroupName: 'web', IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' };
    expect((await ask('AuthorizeSecurityGroupIngress', http)).one('return')).toBe('true');
    expect((await ask('AuthorizeSecurityGroupIngress', http)).one('Code')).toBe('InvalidPermission.Duplicate');
    await ask('AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      'IpPermissions.1.IpProtocol': 'icmp',
      'IpPermissions.1.FromPort': -1,
      'IpPermissions.1.ToPort': -1,
      'IpPermissions.1.Groups.1.GroupName': 'default',
    });
    const shown = await ask('DescribeSecurityGroups', { 'GroupName.1': 'web' });
    expect([shown.all('ipProtocol'), shown.all('fromPort'), shown.all('toPort'), shown.all('cidrIp')]).toEqual([
      ['tcp', 'icmp'],
      ['80', '-1'],
      ['80', '-1'],
      ['0.0.0.0/0'],
    ]);
    expect(shown.xml).toContain('<userId>demo</userId>');
    expect((await ask('RevokeSecurityGroupIngress', http)).one('return')).toBe('true');
    expect((await ask('RevokeSecurityGroupIngress', { ...http, FromPort: 1, ToPort: 2 })).one('Message')).toBe(
      'No rule for the specified parameters.',
    );
    expect((await ask('AuthorizeSecurityGroupIngress', { ...http, FromPort: 90 })).one('Code')).toBe(
      'InvalidPortRange',
    );
    expect((await ask('AuthorizeSecurityGroupIngress', { GroupName: 'web' })).one('Code')).toBe('MissingParameter');
    expect((await ask('DeleteSecurityGroup', { GroupName: 'web' })).one('return')).toBe('true');
    expect((await ask('DeleteSecurityGroup', { GroupName: 'web' })).one('Code')).toBe('InvalidGroup.NotFound');
    expect((await ask('DeleteSecurityGroup', {}, {})).one('Code')).toBe('MissingParameter');
  });
});

describe('addresses', () => {
  it('are taken, tied to an instance, loosed and given back', async () => {
    expect((await ask('AllocateAddress')).one('Code')).toBe('NoMoreFloatingIps');
    nova.network.addNetwork('public', 'admin', { external: true });
    await run();
    const address = (await ask('AllocateAddress')).one('publicIp') as string;
    expect(address).toBe('172.16.200.152');
    const tie = { PublicIp: address, InstanceId: 'i-00000001' };
    expect((await ask('AssociateAddress', tie)).one('return')).toBe('true');
    expect((await ask('DescribeAddresses')).one('instanceId')).toBe('i-00000001');
    expect((await ask('AssociateAddress', { ...tie, PublicIp: '9.9.9.9' })).one('Code')).toBe(
      'InvalidAddress.NotFound',
    );
    expect((await ask('DisassociateAddress', { PublicIp: address })).one('return')).toBe('true');
    expect((await ask('DescribeAddresses')).xml).toContain('<instanceId/>');
    expect((await ask('ReleaseAddress', { PublicIp: address }, { key: 'other' })).one('Code')).toBe(
      'InvalidAddress.NotFound',
    );
    expect((await ask('ReleaseAddress', { PublicIp: address })).one('return')).toBe('true');
    expect((await ask('DescribeAddresses')).all('publicIp')).toEqual([]);
  });
});

describe('volumes and snapshots', () => {
  it('are made of each other, shown with their instances, and deleted', async () => {
    await run();
    const made = await ask('CreateVolume', { Size: 2, AvailabilityZone: 'nova' });
    expect([made.one('volumeId'), made.one('size'), made.one('status')]).toEqual(['vol-00000001', '2', 'available']);
    expect((await ask('CreateVolume')).one('Code')).toBe('MissingParameter');
    const snapshot = await ask('CreateSnapshot', { VolumeId: 'vol-00000001', Description: 'before' });
    expect([snapshot.one('snapshotId'), snapshot.one('status'), snapshot.one('volumeSize')]).toEqual([
      'snap-00000002',
      'completed',
      '2',
    ]);
    const copy = await ask('CreateVolume', { SnapshotId: 'snap-00000002' });
    expect([copy.one('size'), copy.one('snapshotId')]).toEqual(['2', 'snap-00000002']);
    const [volume] = [...volumes.volumes.values()];
    const { body } = await nova.request('GET', '/v2.1/servers');
    volumes.volumes.set(volume!.id, {
      ...volume!,
      status: 'in-use',
      attachments: [
        { attachment_id: 'a', server_id: body.servers[0].id as string, device: '/dev/vdb', volume_id: volume!.id },
      ],
    });
    const shown = await ask('DescribeVolumes', { 'Filter.1.Name': 'status', 'Filter.1.Value.1': 'in-use' });
    expect([shown.one('instanceId'), shown.one('device'), shown.all('status')]).toEqual([
      'i-00000001',
      '/dev/vdb',
      ['in-use', 'attached'],
    ]);
    expect((await ask('DescribeInstances')).one('deviceName')).toBe('/dev/vdb');
    expect((await ask('DeleteVolume', { VolumeId: 'vol-00000001' })).one('Code')).toBe('IncorrectState');
    expect((await ask('DeleteVolume', { VolumeId: 'vol-00000003' })).one('return')).toBe('true');
    expect((await ask('DescribeSnapshots')).all('snapshotId')).toEqual(['snap-00000002']);
    expect((await ask('DeleteSnapshot', { SnapshotId: 'snap-00000002' })).one('return')).toBe('true');
    expect((await ask('DeleteSnapshot', { SnapshotId: 'snap-00000002' })).one('Code')).toBe('InvalidSnapshot.NotFound');
    expect((await ask('DescribeVolumes', { 'VolumeId.1': 'vol-99' })).one('Code')).toBe('InvalidVolume.NotFound');
  });
});
