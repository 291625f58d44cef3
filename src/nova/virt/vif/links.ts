import { output, type Run } from '#common/host/run.ts';

/** A network device of the host, as far as wiring cares. */
export interface MarkedLink {
  readonly mtu: number;
  readonly up: boolean;
  /** The bridge that it is a port of. */
  readonly master: string | undefined;
  /** The free text on it (`ip link set … alias`): who made it. */
  readonly alias: string | undefined;
}

interface RawLink {
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly master?: string;
  readonly ifalias?: string;
}

/** All devices of the namespace that `run` works in, by name. */
export async function readMarkedLinks(run: Run): Promise<Map<string, MarkedLink>> {
  const text = await output(run, ['ip', '-j', 'link', 'show']);
  const links = text === '' ? [] : (JSON.parse(text) as RawLink[]);
  return new Map(
    links.map(({ ifname, mtu, flags, master, ifalias }) => [
      ifname,
      { mtu, up: flags.includes('UP'), master, alias: ifalias },
    ]),
  );
}
