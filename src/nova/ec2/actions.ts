import type { Ec2Action } from './deps.ts';

type Module = Readonly<Record<string, Ec2Action>>;

/** Every action: where it is, loaded when somebody asks for it. */
const modules: readonly (readonly [() => Promise<Module>, readonly string[]])[] = [
  [async () => (await import('./instances.ts')).instanceActions, ['DescribeInstances', 'DescribeInstanceAttribute']],
  [
    async () => (await import('./run-instances.ts')).runActions,
    ['RunInstances', 'TerminateInstances', 'StartInstances', 'StopInstances', 'RebootInstances'],
  ],
  [async () => (await import('./guests.ts')).guestActions, ['GetConsoleOutput', 'GetPasswordData']],
  [
    async () => (await import('./images.ts')).imageActions,
    ['DescribeImages', 'DescribeImageAttribute', 'ModifyImageAttribute', 'CreateImage', 'DeregisterImage'],
  ],
  [
    async () => (await import('./keypairs.ts')).keypairActions,
    ['DescribeKeyPairs', 'CreateKeyPair', 'ImportKeyPair', 'DeleteKeyPair'],
  ],
  [
    async () => (await import('./security-groups.ts')).securityGroupActions,
    [
      ...['DescribeSecurityGroups', 'CreateSecurityGroup', 'DeleteSecurityGroup'],
      ...['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'],
    ],
  ],
  [async () => (await import('./places.ts')).placeActions, ['DescribeAvailabilityZones', 'DescribeRegions']],
  [
    async () => (await import('./addresses.ts')).addressActions,
    ['AllocateAddress', 'ReleaseAddress', 'AssociateAddress', 'DisassociateAddress', 'DescribeAddresses'],
  ],
  [
    async () => (await import('./volumes.ts')).volumeActions,
    ['DescribeVolumes', 'CreateVolume', 'DeleteVolume', 'AttachVolume', 'DetachVolume'],
  ],
  [
    async () => (await import('./snapshots.ts')).snapshotActions,
    ['DescribeSnapshots', 'CreateSnapshot', 'DeleteSnapshot'],
  ],
  [async () => (await import('./tags.ts')).tagActions, ['CreateTags', 'DeleteTags', 'DescribeTags']],
];
const table = new Map(modules.flatMap(([load, names]) => names.map((name) => [name, load] as const)));

export const ec2ActionNames: readonly string[] = [...table.keys()];

/** Null for an action that is none. */
export async function findAction(name: string): Promise<Ec2Action | null> {
  const load = table.get(name);
  return load ? ((await load())[name] ?? null) : null;
}
