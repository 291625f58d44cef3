import {
  IconActivity,
  IconApi,
  IconArrowsSplit,
  IconBolt,
  IconBox,
  IconBoxMultiple,
  IconBuilding,
  IconCamera,
  IconCpu,
  IconDatabase,
  IconDatabaseExport,
  IconGauge,
  IconHistory,
  IconInfoCircle,
  IconKey,
  IconLayersLinked,
  IconMapPin,
  IconNetwork,
  IconPhoto,
  IconRocket,
  IconRouter,
  IconServer2,
  IconShieldLock,
  IconSitemap,
  IconUser,
  IconUsers,
  IconUserShield,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { ServiceKey } from '#api/client.ts';
import type { appTexts } from './texts.ts';

type Title = {
  [K in keyof (typeof appTexts)['en']]: (typeof appTexts)['en'][K] extends string ? K : never;
}[keyof (typeof appTexts)['en']];

/** One screen: its address, its place in the navigation, its code (loaded when it is first opened). */
export interface Screen {
  /** Below /dashboard; `$name` is a parameter, read by `useParams({ strict: false })`. */
  readonly path: string;
  readonly title: Title;
  readonly icon: TablerIcon;
  /** Where it stands in the navigation; null: reached from another screen. */
  readonly nav: NavGroup | null;
  /** Only for administrators. */
  readonly admin?: boolean;
  /** Hidden when the catalogue lacks it. */
  readonly service?: ServiceKey;
  readonly load: () => Promise<{ readonly Screen: ComponentType }>;
}
export type NavGroup =
  'projectNav' | 'computeNav' | 'storageNav' | 'networkNav' | 'adminNav' | 'identityNav' | 'systemNav';

/** Every screen, in the order of the navigation. */
export const screens: readonly Screen[] = [
  {
    path: '/',
    title: 'overview',
    icon: IconGauge,
    nav: 'projectNav',
    load: () => import('#screens/overview/screen.tsx'),
  },
  {
    path: '/topology',
    title: 'topology',
    icon: IconSitemap,
    nav: 'projectNav',
    service: 'network',
    load: () => import('#screens/topology/screen.tsx'),
  },
  {
    path: '/access',
    title: 'apiAccess',
    icon: IconApi,
    nav: 'projectNav',
    load: () => import('#screens/access/screen.tsx'),
  },

  {
    path: '/instances',
    title: 'instances',
    icon: IconServer2,
    nav: 'computeNav',
    service: 'compute',
    load: () => import('#screens/instances/list.tsx'),
  },
  {
    path: '/instances/$id',
    title: 'instances',
    icon: IconServer2,
    nav: null,
    service: 'compute',
    load: () => import('#screens/instances/detail.tsx'),
  },
  {
    path: '/launch',
    title: 'launch',
    icon: IconRocket,
    nav: null,
    service: 'compute',
    load: () => import('#screens/launch/screen.tsx'),
  },
  {
    path: '/images',
    title: 'images',
    icon: IconPhoto,
    nav: 'computeNav',
    service: 'image',
    load: () => import('#screens/images/list.tsx'),
  },
  {
    path: '/images/$id',
    title: 'images',
    icon: IconPhoto,
    nav: null,
    service: 'image',
    load: () => import('#screens/images/detail.tsx'),
  },
  {
    path: '/keypairs',
    title: 'keyPairs',
    icon: IconKey,
    nav: 'computeNav',
    service: 'compute',
    load: () => import('#screens/keypairs/screen.tsx'),
  },
  {
    path: '/server-groups',
    title: 'serverGroups',
    icon: IconBoxMultiple,
    nav: 'computeNav',
    service: 'compute',
    load: () => import('#screens/server-groups/screen.tsx'),
  },

  {
    path: '/volumes',
    title: 'volumes',
    icon: IconDatabase,
    nav: 'storageNav',
    service: 'volume',
    load: () => import('#screens/volumes/list.tsx'),
  },
  {
    path: '/volumes/$id',
    title: 'volumes',
    icon: IconDatabase,
    nav: null,
    service: 'volume',
    load: () => import('#screens/volumes/detail.tsx'),
  },
  {
    path: '/snapshots',
    title: 'snapshots',
    icon: IconCamera,
    nav: 'storageNav',
    service: 'volume',
    load: () => import('#screens/snapshots/screen.tsx'),
  },
  {
    path: '/backups',
    title: 'backups',
    icon: IconDatabaseExport,
    nav: 'storageNav',
    service: 'volume',
    load: () => import('#screens/backups/screen.tsx'),
  },

  {
    path: '/networks',
    title: 'networks',
    icon: IconNetwork,
    nav: 'networkNav',
    service: 'network',
    load: () => import('#screens/networks/list.tsx'),
  },
  {
    path: '/networks/$id',
    title: 'networks',
    icon: IconNetwork,
    nav: null,
    service: 'network',
    load: () => import('#screens/networks/detail.tsx'),
  },
  {
    path: '/routers',
    title: 'routers',
    icon: IconRouter,
    nav: 'networkNav',
    service: 'network',
    load: () => import('#screens/routers/list.tsx'),
  },
  {
    path: '/routers/$id',
    title: 'routers',
    icon: IconRouter,
    nav: null,
    service: 'network',
    load: () => import('#screens/routers/detail.tsx'),
  },
  {
    path: '/floating-ips',
    title: 'floatingIps',
    icon: IconMapPin,
    nav: 'networkNav',
    service: 'network',
    load: () => import('#screens/floating-ips/screen.tsx'),
  },
  {
    path: '/security-groups',
    title: 'securityGroups',
    icon: IconShieldLock,
    nav: 'networkNav',
    service: 'network',
    load: () => import('#screens/security-groups/list.tsx'),
  },
  {
    path: '/security-groups/$id',
    title: 'securityGroups',
    icon: IconShieldLock,
    nav: null,
    service: 'network',
    load: () => import('#screens/security-groups/detail.tsx'),
  },

  {
    path: '/admin/nodes',
    title: 'nodes',
    icon: IconCpu,
    nav: 'adminNav',
    admin: true,
    load: () => import('#screens/admin/nodes/list.tsx'),
  },
  {
    path: '/admin/nodes/$host',
    title: 'nodes',
    icon: IconCpu,
    nav: null,
    admin: true,
    load: () => import('#screens/admin/nodes/detail.tsx'),
  },
  {
    path: '/admin/instances',
    title: 'allInstances',
    icon: IconServer2,
    nav: 'adminNav',
    admin: true,
    service: 'compute',
    load: () => import('#screens/admin/instances/screen.tsx'),
  },
  {
    path: '/admin/volumes',
    title: 'allVolumes',
    icon: IconDatabase,
    nav: 'adminNav',
    admin: true,
    service: 'volume',
    load: () => import('#screens/admin/volumes/screen.tsx'),
  },
  {
    path: '/admin/networks',
    title: 'allNetworks',
    icon: IconNetwork,
    nav: 'adminNav',
    admin: true,
    service: 'network',
    load: () => import('#screens/admin/networks/screen.tsx'),
  },
  {
    path: '/admin/images',
    title: 'allImages',
    icon: IconPhoto,
    nav: 'adminNav',
    admin: true,
    service: 'image',
    load: () => import('#screens/admin/images/screen.tsx'),
  },
  {
    path: '/admin/flavors',
    title: 'flavors',
    icon: IconBox,
    nav: 'adminNav',
    admin: true,
    service: 'compute',
    load: () => import('#screens/admin/flavors/screen.tsx'),
  },
  {
    path: '/admin/aggregates',
    title: 'aggregates',
    icon: IconLayersLinked,
    nav: 'adminNav',
    admin: true,
    service: 'compute',
    load: () => import('#screens/admin/aggregates/screen.tsx'),
  },

  {
    path: '/admin/projects',
    title: 'projects',
    icon: IconBuilding,
    nav: 'identityNav',
    admin: true,
    load: () => import('#screens/admin/projects/list.tsx'),
  },
  {
    path: '/admin/projects/$id',
    title: 'projects',
    icon: IconBuilding,
    nav: null,
    admin: true,
    load: () => import('#screens/admin/projects/detail.tsx'),
  },
  {
    path: '/admin/users',
    title: 'users',
    icon: IconUsers,
    nav: 'identityNav',
    admin: true,
    load: () => import('#screens/admin/users/list.tsx'),
  },
  {
    path: '/admin/users/$id',
    title: 'users',
    icon: IconUsers,
    nav: null,
    admin: true,
    load: () => import('#screens/admin/users/detail.tsx'),
  },
  {
    path: '/admin/roles',
    title: 'roles',
    icon: IconUserShield,
    nav: 'identityNav',
    admin: true,
    load: () => import('#screens/admin/roles/screen.tsx'),
  },
  {
    path: '/admin/quotas',
    title: 'quotas',
    icon: IconArrowsSplit,
    nav: 'identityNav',
    admin: true,
    load: () => import('#screens/admin/quotas/screen.tsx'),
  },

  {
    path: '/admin/services',
    title: 'services',
    icon: IconActivity,
    nav: 'systemNav',
    admin: true,
    load: () => import('#screens/admin/services/screen.tsx'),
  },
  {
    path: '/admin/operations',
    title: 'operations',
    icon: IconHistory,
    nav: 'systemNav',
    admin: true,
    load: () => import('#screens/admin/operations/screen.tsx'),
  },
  {
    path: '/admin/events',
    title: 'events',
    icon: IconBolt,
    nav: 'systemNav',
    admin: true,
    service: 'event',
    load: () => import('#screens/admin/events/screen.tsx'),
  },
  {
    path: '/admin/system',
    title: 'system',
    icon: IconInfoCircle,
    nav: 'systemNav',
    admin: true,
    load: () => import('#screens/admin/system/screen.tsx'),
  },

  { path: '/profile', title: 'profile', icon: IconUser, nav: null, load: () => import('#screens/profile/screen.tsx') },
];
