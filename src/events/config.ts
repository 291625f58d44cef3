import { policyFileOption } from '#common/auth/policy-file.ts';
import { authtokenOptions, loggingOptions } from '#common/config/common-options.ts';
import { int, str, type ConfigOf } from '#common/config/config.ts';

/** Options of igloo-events (`/etc/igloo/events.conf`). */
export const eventsOptions = {
  DEFAULT: {
    ...loggingOptions,
    policy_file: policyFileOption('/etc/igloo'),
    bind_host: str({ default: '0.0.0.0', help: 'Address that the event stream listens on.' }),
    bind_port: int({ default: 8790, help: 'Port that the event stream listens on.' }),
    history_size: int({
      default: 5000,
      help: 'Events kept in memory: as far back a client can come back to where it was, and lists reach.',
    }),
    heartbeat_interval: int({
      default: 15,
      help: 'Seconds between two comment lines of a stream; as often its token is looked at again.',
    }),
    max_streams: int({ default: 2000, help: 'The most streams at a time.' }),
    max_streams_per_project: int({ default: 200, help: 'The most streams at a time of one project.' }),
    max_streams_per_user: int({ default: 40, help: 'The most streams at a time of one user.' }),
    max_stream_pause: int({
      default: 30,
      help: 'Seconds that a client may leave events waiting without reading any; then it is cut, and comes back where it was.',
    }),
  },
  keystone_authtoken: authtokenOptions,
} as const;

export type EventsConfig = ConfigOf<typeof eventsOptions>;
