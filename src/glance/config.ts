import { policyFileOption } from '#common/auth/policy-file.ts';
import {
  authtokenOptions,
  databaseOptions,
  loggingOptions,
  notificationOptions,
} from '#common/config/common-options.ts';
import { bool, int, list, str } from '#common/config/config.ts';
import { storeOptions } from './stores/options.ts';

/** Options of glance-api (`/etc/glance/glance-api.conf`). */
export const glanceApiOptions = {
  DEFAULT: {
    ...loggingOptions,
    ...notificationOptions,
    policy_file: policyFileOption('/etc/glance'),
    bind_host: str({ default: '0.0.0.0', help: 'Address that the API listens on.' }),
    bind_port: int({ default: 9292, help: 'Port that the API listens on.' }),
    default_store: str({
      default: 'file',
      help: 'The store that receives uploaded data when the caller names none.',
      deprecated: ['glance_store/default_store', 'glance_store/default_backend'],
    }),
    enabled_backends: list({
      default: [],
      help: 'Several stores at once, as name:driver (fast:file, cheap:swift); each has its options in the section of its name.',
    }),
    enabled_import_methods: list({
      default: ['glance-direct', 'web-download', 'copy-image'],
      help: 'How data may be imported: glance-direct, web-download, copy-image.',
    }),
    node_staging_uri: str({
      default: '',
      help: 'The folder (file:///…) where data waits to be imported; .staging in filesystem_store_datadir when it is empty.',
      deprecated: ['os_glance_staging_store/filesystem_store_datadir'],
    }),
    ...storeOptions,
    image_size_cap: int({ default: 1_099_511_627_776, help: 'The most bytes that one image may have.' }),
    user_storage_quota: str({
      default: '0',
      help: 'The most bytes that all images of one tenant may have together; units B, KB, MB, GB, TB may follow. 0 is no limit.',
    }),
    image_property_quota: int({ default: 128, help: 'The most custom properties of one image; -1 is no limit.' }),
    image_tag_quota: int({ default: 128, help: 'The most tags of one image; -1 is no limit.' }),
    image_member_quota: int({ default: 128, help: 'The most members of one image; -1 is no limit.' }),
    limit_param_default: int({ default: 25, help: 'How many images a list has when the caller sets no limit.' }),
    api_limit_max: int({ default: 1000, help: 'The most images that one page of a list has.' }),
    operation_retention_days: int({
      default: 30,
      help: 'Days that imports which have ended stay in the journal; 0 keeps them for ever.',
    }),
    enable_v1_api: bool({ default: true, help: 'Serve version 1 of the API.' }),
    enable_v2_api: bool({ default: true, help: 'Serve version 2 of the API.' }),
  },
  task: {
    task_time_to_live: int({ default: 48, help: 'Hours that a task is shown after it has ended.' }),
  },
  image_format: {
    require_image_format_match: bool({
      default: true,
      help: 'Refuse data that is not of the declared disk format. Images that refer to other files are refused in any case.',
    }),
  },
  import_filtering_opts: {
    allowed_schemes: list({ default: ['http', 'https'], help: 'URL schemes that images may be fetched from.' }),
    allowed_ports: list({
      default: ['80', '443'],
      help: 'Ports that images may be fetched from; empty allows all of them.',
    }),
    disallowed_hosts: list({
      default: ['169.254.169.254', 'localhost', '127.0.0.1', '::1', '0.0.0.0'],
      help: 'Hosts that images may never be fetched from: what listens there may trust this host.',
    }),
  },
  paste_deploy: {
    flavor: str({ default: 'keystone', help: 'How callers are authenticated. Only keystone is served.' }),
  },
  database: databaseOptions('sqlite:////var/lib/glance/glance.sqlite'),
  keystone_authtoken: authtokenOptions,
} as const;

/** Options of glance-registry (`/etc/glance/glance-registry.conf`). */
export const glanceRegistryOptions = {
  DEFAULT: {
    ...loggingOptions,
    ...notificationOptions,
    policy_file: policyFileOption('/etc/glance'),
    bind_host: str({ default: '0.0.0.0', help: 'Address that the registry listens on.' }),
    bind_port: int({ default: 9191, help: 'Port that the registry listens on.' }),
    limit_param_default: int({ default: 25, help: 'How many images a list has when the caller sets no limit.' }),
    api_limit_max: int({ default: 1000, help: 'The most images that one page of a list has.' }),
  },
  paste_deploy: {
    flavor: str({ default: 'keystone', help: 'How callers are authenticated. Only keystone is served.' }),
  },
  database: databaseOptions('sqlite:////var/lib/glance/glance.sqlite'),
  keystone_authtoken: authtokenOptions,
} as const;

const units: Readonly<Record<string, number>> = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4 };

/**
 * Bytes of `user_storage_quota`: `10GB`, `500`.
 * @throws Error for anything else
 */
export function parseStorageQuota(text: string): number {
  const match = /^(\d+)\s*(B|KB|MB|GB|TB)?$/i.exec(text.trim());
  if (!match)
    throw new Error(`user_storage_quota "${text}" is no size: write a number, or one with B, KB, MB, GB or TB`);
  return Number(match[1]) * 1024 ** (units[(match[2] ?? 'B').toUpperCase()] as number);
}
