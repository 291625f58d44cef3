export interface RabbitOptions {
  readonly host: string;
  readonly port: number;
  /** A cluster as `host:port` or `host`, tried in turn; replaces host and port when not empty. */
  readonly hosts?: readonly string[];
  readonly userid: string;
  readonly password: string;
  /** `/` unless the operator made another one. */
  readonly virtualHost: string;
  /** Reach it by TLS. Paths of PEM files; without `ca` the machine's own list of authorities decides. */
  readonly ssl?: { readonly ca?: string | null; readonly cert?: string | null; readonly key?: string | null };
  /** Milliseconds that a call waits unless it says otherwise. */
  readonly rpcResponseTimeoutMs: number;
  /** `nova`, `neutron` …: the exchange of the service's topics. */
  readonly controlExchange: string;
  /** Messages kept while the broker is away; 10 000. */
  readonly bufferLimit?: number;
  /** Milliseconds between attempts to reach the broker: the first, doubled up to the most; 200 and 10 000. */
  readonly retry?: { readonly firstMs: number; readonly mostMs: number };
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** All brokers of the options. */
export function brokersOf({ host, port, hosts = [] }: RabbitOptions): readonly BrokerAddress[] {
  if (hosts.length === 0) return [{ host, port }];
  return hosts.map((text) => {
    const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text);
    return { host: match?.[1] ?? match?.[2] ?? text, port: Number(match?.[3] ?? port) };
  });
}
