import { systemClock } from '#common/clock.ts';
import { randomIds } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { bootstrapIdentity, type IdentityPlan } from '#keystone/bootstrap.ts';
import { daemonConfig, type CloudSettings } from './settings.ts';

/** What the Identity service begins with: the manual's projects, accounts, roles and catalogue. */
function identityPlan({ address, ports, secrets }: CloudSettings): IdentityPlan {
  const services = ['glance', 'nova', 'neutron', 'cinder', 'events'];
  const everywhere = (url: string): Record<'public' | 'internal' | 'admin', string> => ({
    public: url,
    internal: url,
    admin: url,
  });
  const root = (port: number): string => `http://${address}:${port}`;
  return {
    region: 'regionOne',
    projects: [
      { name: 'admin', description: 'Administrators' },
      { name: 'demo', description: 'A project to begin with' },
      { name: 'service', description: "The services' own accounts" },
    ],
    roles: ['admin', 'member', 'reader', 'service', '_member_'],
    implied: { admin: ['member'], member: ['reader'] },
    users: [
      // The password in the credentials' files is the one that counts.
      { name: 'admin', password: secrets.adminPassword, resetPassword: true, project: 'admin' },
      { name: 'demo', password: secrets.demoPassword, project: 'demo' },
      ...services.map((name) => ({ name, password: secrets.servicePassword, project: 'service' })),
    ],
    grants: [
      { user: 'admin', role: 'admin', project: 'admin' },
      { user: 'admin', role: 'admin' },
      { user: 'demo', role: 'member', project: 'demo' },
      { user: 'demo', role: '_member_', project: 'demo' },
      ...services.flatMap((user) => [
        { user, role: 'admin', project: 'service' },
        { user, role: 'service', project: 'service' },
      ]),
    ],
    services: [
      {
        name: 'keystone',
        type: 'identity',
        description: 'OpenStack Identity',
        urls: {
          public: `${root(ports.keystonePublic)}/v3`,
          internal: `${root(ports.keystonePublic)}/v3`,
          admin: `${root(ports.keystoneAdmin)}/v3`,
        },
      },
      { name: 'glance', type: 'image', description: 'OpenStack Image Service', urls: everywhere(root(ports.glance)) },
      {
        name: 'nova',
        type: 'compute',
        description: 'OpenStack Compute',
        urls: everywhere(`${root(ports.nova)}/v2.1/%(tenant_id)s`),
      },
      { name: 'neutron', type: 'network', description: 'OpenStack Networking', urls: everywhere(root(ports.neutron)) },
      ...(
        [
          ['cinder', 'volume', 'v1'],
          ['cinderv2', 'volumev2', 'v2'],
          ['cinderv3', 'volumev3', 'v3'],
        ] as const
      ).map(([name, type, version]) => ({
        name,
        type,
        description: 'OpenStack Block Storage',
        urls: everywhere(`${root(ports.cinder)}/${version}/%(tenant_id)s`),
      })),
      {
        name: 'igloo-events',
        type: 'event',
        description: 'What happens in the cloud, as it happens',
        urls: everywhere(`${root(ports.events)}/v1`),
      },
    ],
  };
}

/** Accounts and catalogue are as this start wants them; the services make their own tables. @throws StartupError */
export async function prepareServices(settings: CloudSettings, log: Logger): Promise<void> {
  await bootstrapIdentity(identityPlan(settings), {
    config: daemonConfig('keystone', 'keystone-all', settings),
    log: log.child('keystone'),
    clock: systemClock,
    ids: randomIds,
  });
}
