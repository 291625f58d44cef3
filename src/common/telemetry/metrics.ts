import type * as PromClient from 'prom-client';
import type { Counter, Histogram, Registry } from 'prom-client';

/** One finished request, as the API layer tells it. */
export interface RequestObservation {
  /** `nova` */
  readonly service: string;
  readonly method: string;
  /** The declared path (`/v2/:project_id/servers`), never the actual one: ids would make a series each. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

type Labels = Readonly<Record<string, string>>;

export interface Metrics {
  /** Feeds `http_request_duration_seconds` (and with its `_count` the number of requests). */
  observeRequest(request: RequestObservation): void;
  /** Adds to a counter, made on its first use. */
  count(name: string, help: string, labels?: Labels, by?: number): void;
  /** Adds a value (seconds, bytes) to a histogram, made on its first use. */
  observe(name: string, help: string, value: number, labels?: Labels): void;
  /** The text of `/metrics`, in Prometheus' format 0.0.4, with the process's own figures. */
  text(): Promise<string>;
}

/** Seconds; from a cached token to a slow image upload. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

type Client = typeof PromClient;

/** Metrics over prom-client, which is loaded with the first value: what is never measured costs nothing. */
export function createMetrics(): Metrics {
  let loading: Promise<Client> | undefined;
  let loaded: { readonly client: Client; readonly registry: Registry } | undefined;
  let early: (() => void)[] = [];
  let processMetrics = false;
  const known = new Map<string, Counter | Histogram>();

  const load = async (): Promise<{ readonly client: Client; readonly registry: Registry }> => {
    loading ??= import('prom-client');
    const client = await loading;
    if (!loaded) {
      loaded = { client, registry: new client.Registry() };
      for (const record of early) record();
      early = [];
    }
    return loaded;
  };
  const record = (work: (client: Client, registry: Registry) => void): void => {
    if (loaded) work(loaded.client, loaded.registry);
    else {
      early.push(() => loaded && work(loaded.client, loaded.registry));
      void load();
    }
  };
  const metric = <M extends Counter | Histogram>(name: string, make: () => M): M => {
    let found = known.get(name) as M | undefined;
    if (!found) known.set(name, (found = make()));
    return found;
  };
  const observe = (name: string, help: string, value: number, labels: Labels): void =>
    record((client, registry) =>
      metric(
        name,
        () => new client.Histogram({ name, help, labelNames: Object.keys(labels), buckets, registers: [registry] }),
      ).observe(labels, value),
    );

  return {
    observeRequest: ({ service, method, route, status, seconds }) =>
      observe('http_request_duration_seconds', 'Duration of HTTP requests', seconds, {
        service,
        method,
        route,
        status: String(status),
      }),
    count: (name, help, labels = {}, by = 1) =>
      record((client, registry) =>
        metric(
          name,
          () => new client.Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] }),
        ).inc(labels, by),
      ),
    observe: (name, help, value, labels = {}) => observe(name, help, value, labels),
    text: async () => {
      const { client, registry } = await load();
      if (!processMetrics) {
        processMetrics = true;
        client.collectDefaultMetrics({ register: registry });
      }
      return registry.metrics();
    },
  };
}
