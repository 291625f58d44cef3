import { readFile } from 'node:fs/promises';
import type { ChannelModel } from 'amqplib';
import type { BrokerAddress, RabbitOptions } from './rabbit-options.ts';

const handshakeTimeoutMs = 10_000;

/**
 * Opens one AMQP connection.
 * @param name shown by `rabbitmqctl list_connections client_properties`
 */
export async function connect(options: RabbitOptions, broker: BrokerAddress, name: string): Promise<ChannelModel> {
  const { default: amqp } = await import('amqplib'); // only a process that uses a broker pays for it
  const { userid, password, virtualHost, ssl } = options;
  const file = async (path: string | null | undefined): Promise<Buffer | undefined> =>
    path ? readFile(path) : undefined;
  const [ca, cert, key] = await Promise.all([file(ssl?.ca), file(ssl?.cert), file(ssl?.key)]);
  return amqp.connect(
    {
      protocol: ssl ? 'amqps' : 'amqp',
      hostname: broker.host,
      port: broker.port,
      username: userid,
      password,
      vhost: encodeURIComponent(virtualHost),
      heartbeat: 20, // seconds: a host that vanished without a word is noticed within 40
    },
    {
      noDelay: true, // Nagle's algorithm makes every serial call last 41 ms
      keepAlive: true,
      timeout: handshakeTimeoutMs,
      clientProperties: { connection_name: name, product: 'Igloo' },
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    },
  );
}

/** Why the broker could not be reached, for an operator: never the credentials. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0]);
  if (/ACCESS[-_]REFUSED|403/.test(error.message))
    return 'it refused the login: check rabbit_userid, rabbit_password and rabbit_virtual_host';
  if (/abruptly during opening handshake/.test(error.message)) return 'it closed the connection during the handshake';
  return error.message || error.name;
}
