import { bool, int, oneOf, optionalStr, str } from '#common/config/config.ts';
import type { ConfigOf } from '#common/config/config.ts';

/** @param old sections that these options were once read from */
const optionsOf = (old: readonly string[]) => {
  const before = (name: string) => ({ deprecated: old.map((section) => `${section}/${name}`) });
  return {
    filesystem_store_datadir: str({
      default: '/var/lib/glance/images/',
      help: 'The folder that the file store keeps image data in. Made when it is missing.',
      ...before('filesystem_store_datadir'),
    }),
    swift_store_auth_version: oneOf(['1', '2', '3'], {
      default: '2',
      help: 'How the Swift store authenticates: 1 with Swift itself (tempauth), 2 and 3 with Keystone.',
      ...before('swift_store_auth_version'),
    }),
    swift_store_auth_address: optionalStr({
      default: null,
      help: 'Where the Swift store authenticates: http://controller:5000/v2.0/, http://swift:8080/auth/v1.0.',
      ...before('swift_store_auth_address'),
    }),
    swift_store_user: optionalStr({
      default: null,
      help: 'Who the Swift store is: tenant:user, with version 1 account:user.',
      ...before('swift_store_user'),
    }),
    swift_store_key: optionalStr({
      default: null,
      help: 'The password of swift_store_user.',
      secret: true,
      ...before('swift_store_key'),
    }),
    swift_store_container: str({
      default: 'glance',
      help: 'The container that image data is kept in.',
      ...before('swift_store_container'),
    }),
    swift_store_create_container_on_put: bool({
      default: false,
      help: 'Make the container when it is missing.',
      ...before('swift_store_create_container_on_put'),
    }),
    swift_store_large_object_size: int({
      default: 5120,
      help: 'Mebibytes from which on an image is kept in segments; Swift takes 5 GiB in one piece.',
      ...before('swift_store_large_object_size'),
    }),
    swift_store_large_object_chunk_size: int({
      default: 200,
      help: 'Mebibytes of a segment.',
      ...before('swift_store_large_object_chunk_size'),
    }),
    swift_store_region: optionalStr({
      default: null,
      help: 'The region of the object store in the catalogue.',
      ...before('swift_store_region'),
    }),
    swift_store_endpoint_type: str({
      default: 'publicURL',
      help: 'Which endpoint of the object store is used: publicURL, internalURL or adminURL.',
      ...before('swift_store_endpoint_type'),
    }),
    swift_store_service_type: str({
      default: 'object-store',
      help: 'The type of the object store in the catalogue.',
      ...before('swift_store_service_type'),
    }),
    s3_store_host: optionalStr({
      default: null,
      help: 'The S3 server: a host, host:port, or a URL. https unless the URL says otherwise.',
      ...before('s3_store_host'),
    }),
    s3_store_access_key: optionalStr({
      default: null,
      help: 'The access key of the S3 store.',
      ...before('s3_store_access_key'),
    }),
    s3_store_secret_key: optionalStr({
      default: null,
      help: 'The secret key of the S3 store.',
      secret: true,
      ...before('s3_store_secret_key'),
    }),
    s3_store_bucket: str({
      default: 'glance',
      help: 'The bucket that image data is kept in.',
      ...before('s3_store_bucket'),
    }),
    s3_store_create_bucket_on_put: bool({
      default: false,
      help: 'Make the bucket when it is missing.',
      ...before('s3_store_create_bucket_on_put'),
    }),
    s3_store_bucket_url_format: oneOf(['auto', 'path', 'subdomain', 'virtual'], {
      default: 'auto',
      help: 'Where requests name the bucket: in the path, or as subdomain (virtual). auto: subdomain at Amazon, else path.',
      ...before('s3_store_bucket_url_format'),
    }),
    s3_store_region_name: str({
      default: 'us-east-1',
      help: 'The region that requests are signed for.',
      ...before('s3_store_region_name'),
    }),
    s3_store_large_object_size: int({
      default: 100,
      help: 'Mebibytes from which on an image is sent in parts.',
      ...before('s3_store_large_object_size'),
    }),
    s3_store_large_object_chunk_size: int({
      default: 10,
      help: 'Mebibytes of a part; S3 takes no less than 5. A part is held in memory while it is sent.',
      ...before('s3_store_large_object_chunk_size'),
    }),
  } as const;
};

/** In `[DEFAULT]`, where Icehouse has them; `[glance_store]` is read too. */
export const storeOptions = optionsOf(['glance_store']);
/** In the section of one of `enabled_backends`. */
export const backendOptions = optionsOf([]);

/** The values of these options. */
export type StoreSettings = ConfigOf<{ store: typeof backendOptions }>['store'];
