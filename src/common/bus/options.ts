import { bool, int, list, oneOf, optionalStr, str, type ConfigOf } from '../config/config.ts';

const dottedNames = (driver: string): readonly string[] => [
  ...['nova', 'neutron', 'cinder', 'glance', 'heat', 'ceilometer'].map((s) => `${s}.openstack.common.rpc.${driver}`),
  ...['nova', 'neutron', 'cinder', 'glance', 'heat', 'ceilometer'].map((s) => `${s}.rpc.${driver}`),
  `openstack.common.rpc.${driver}`,
];
const aliases = Object.fromEntries([
  ...['kombu', ...dottedNames('impl_kombu')].map((name) => [name, 'rabbit'] as const),
  ...dottedNames('impl_qpid').map((name) => [name, 'qpid'] as const),
  ...dottedNames('impl_zmq').map((name) => [name, 'zmq'] as const),
  ...['fake', ...dottedNames('impl_fake')].map((name) => [name, 'memory'] as const),
]);

/** Juno's files say the same options in a section of their own. */
const rabbit = (name: string): { deprecated: readonly string[] } => ({
  deprecated: [`oslo_messaging_rabbit/${name}`],
});

/** How a daemon reaches its message broker; the same in every service's file. */
export const busOptions = {
  DEFAULT: {
    rpc_backend: oneOf(
      ['rabbit', 'qpid', 'zmq', 'memory'],
      {
        default: 'rabbit',
        help: 'The message transport: rabbit (RabbitMQ), or memory when all daemons are in one process. The old dotted module names are understood.',
      },
      aliases,
    ),
    host: optionalStr({
      default: null,
      help: "This host's name in `service-list`, in schedulers and in queue names; the machine's host name unless set. It must not change later.",
    }),
    control_exchange: optionalStr({
      default: null,
      help: "Exchange of the service's topics; the service's name (nova, neutron, …) unless set.",
    }),
    rpc_response_timeout: int({ default: 60, help: 'Seconds to wait for the answer of a remote call.' }),
    rabbit_host: str({ default: 'localhost', help: "RabbitMQ's host.", ...rabbit('rabbit_host') }),
    rabbit_port: int({ default: 5672, help: "RabbitMQ's port.", ...rabbit('rabbit_port') }),
    rabbit_hosts: list({
      default: [],
      help: 'A RabbitMQ cluster as host:port,host:port; tried in turn. Replaces rabbit_host and rabbit_port.',
      ...rabbit('rabbit_hosts'),
    }),
    rabbit_userid: str({ default: 'guest', help: 'User name at RabbitMQ.', ...rabbit('rabbit_userid') }),
    rabbit_password: str({ default: 'guest', help: 'Its password.', secret: true, ...rabbit('rabbit_password') }),
    rabbit_virtual_host: str({
      default: '/',
      help: "RabbitMQ's virtual host.",
      ...rabbit('rabbit_virtual_host'),
    }),
    rabbit_use_ssl: bool({ default: false, help: 'Reach RabbitMQ by TLS.', ...rabbit('rabbit_use_ssl') }),
    kombu_ssl_ca_certs: optionalStr({
      default: null,
      help: "File with the certificate authority that signed RabbitMQ's certificate; the machine's own list unless set.",
      ...rabbit('kombu_ssl_ca_certs'),
    }),
    kombu_ssl_certfile: optionalStr({
      default: null,
      help: 'File with the certificate to show RabbitMQ.',
      ...rabbit('kombu_ssl_certfile'),
    }),
    kombu_ssl_keyfile: optionalStr({
      default: null,
      help: 'File with the key of kombu_ssl_certfile.',
      ...rabbit('kombu_ssl_keyfile'),
    }),
    qpid_hostname: str({ default: 'localhost', help: "Qpid's host, for rpc_backend = qpid." }),
    qpid_port: int({ default: 5672, help: "Qpid's port." }),
    qpid_username: optionalStr({ default: null, help: 'User name at Qpid.' }),
    qpid_password: optionalStr({ default: null, help: 'Its password.', secret: true }),
  },
} as const;

export type BusConfig = ConfigOf<typeof busOptions>;
