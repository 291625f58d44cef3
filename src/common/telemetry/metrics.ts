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
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface Series {
  readonly labels: Labels;
  sum: number;
  count: number;
  /** How many values fell between each bound and the one before. */
  readonly within: number[];
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram';
  readonly series: Map<string, Series>;
}

/**
 * Metrics that cost a few numbers per series. prom-client, which measures the process itself, is loaded at the first
 * scrape: most processes are never scraped.
 */
export function createMetrics(): Metrics {
  const families = new Map<string, Family>();
  let processMetrics: Promise<() => Promise<string>> | undefined;

  const add = (type: Family['type'], name: string, help: string, labels: Labels, value: number): void => {
    let family = families.get(name);
    if (!family) families.set(name, (family = { name, help, type, series: new Map() }));
    const key = Object.values(labels).join('\n');
    let series = family.series.get(key);
    if (!series) family.series.set(key, (series = { labels, sum: 0, count: 0, within: bounds.map(() => 0) }));
    series.sum += value;
    series.count++;
    const at = bounds.findIndex((bound) => value <= bound);
    if (at >= 0) series.within[at] = (series.within[at] ?? 0) + 1;
  };

  return {
    observeRequest: ({ service, method, route, status, seconds }) => {
      const labels = { service, method, route, status: String(status) };
      add('histogram', 'http_request_duration_seconds', 'Duration of HTTP requests', labels, seconds);
    },
    count: (name, help, labels = {}, by = 1) => add('counter', name, help, labels, by),
    observe: (name, help, value, labels = {}) => add('histogram', name, help, labels, value),
    text: async () => {
      processMetrics ??= measureProcess();
      return [...[...families.values()].map(textOf), await (await processMetrics)()].join('\n');
    },
  };
}

/**
 * What all services of this process share. Memory, event loop and file descriptors are the process's, and so this is too:
 * a scrape of any of its ports gives everything, told apart by the label `service`.
 */
export const processMetrics: Metrics = createMetrics();

/** What `createApp` takes, for a service of this process. */
export const appMetrics = (service: string, metrics: Metrics = processMetrics) => ({
  observe: (method: string, route: string, status: number, seconds: number): void =>
    metrics.observeRequest({ service, method, route, status, seconds }),
  metrics: (): Promise<string> => metrics.text(),
});

async function measureProcess(): Promise<() => Promise<string>> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}

function textOf({ name, help, type, series }: Family): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  for (const { labels, sum, count, within } of series.values()) {
    if (type === 'counter') {
      lines.push(sample(name, labels, sum));
      continue;
    }
    let below = 0;
    for (const [at, bound] of bounds.entries())
      lines.push(sample(`${name}_bucket`, { le: String(bound), ...labels }, (below += within[at] ?? 0)));
    lines.push(sample(`${name}_bucket`, { le: '+Inf', ...labels }, count));
    lines.push(sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, count));
  }
  return lines.join('\n') + '\n';
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => {
    const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${key}="${escaped}"`;
  });
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}
