import { join } from 'node:path';
import { loggingOptions } from '#common/config/common-options.ts';
import { int, optionalStr, str } from '#common/config/config.ts';

/** Where the manual's distribution has the file that its chapter 5 edits. */
export const localSettingsPath = '/etc/openstack-dashboard/local_settings';

/** Options of openstack-dashboard (`/etc/openstack-dashboard/dashboard.conf`): what Apache's files said in the manual's time. */
export const dashboardOptions = {
  DEFAULT: {
    ...loggingOptions,
    bind_host: str({ default: '127.0.0.1', help: 'Address that the dashboard listens on.' }),
    bind_port: int({ default: 8080, help: 'Port that the dashboard listens on.' }),
    local_settings: str({
      default: localSettingsPath,
      help: "The file with the manual's settings (OPENSTACK_HOST, CACHES …); empty: none. Only read, never run.",
    }),
    keystone_url: optionalStr({
      default: null,
      help: 'The Identity service when local_settings names none by OPENSTACK_KEYSTONE_URL or OPENSTACK_HOST.',
    }),
    web_root: str({
      default: join(import.meta.dirname, '../../../web/dist'),
      help: 'Folder of the built web app (index.html, assets).',
    }),
  },
} as const;
