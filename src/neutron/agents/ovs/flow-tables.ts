import type { OpenFlow } from '#common/host/openflow.ts';

/**
 * Keeps bridges' flows as computed. What was sent last is remembered, so that a change sends only the difference and
 * learned flows live on; the first time, and after `forget`, everything is sent.
 */
export class FlowTables {
  readonly #openflow: OpenFlow;
  readonly #sent = new Map<string, readonly string[]>();

  constructor(openflow: OpenFlow) {
    this.#openflow = openflow;
  }

  /** ovs-vswitchd has lost the flows. */
  forget(): void {
    this.#sent.clear();
  }

  /** The whole bridge is ours. */
  async sync(bridge: string, flows: readonly string[]): Promise<void> {
    const sent = this.#sent.get(bridge);
    this.#sent.delete(bridge); // unknown until this went well
    if (!sent) await this.#openflow.replace(bridge, flows);
    else await this.#openflow.change(bridge, difference(sent, flows));
    this.#sent.set(bridge, flows);
  }

  /** Only the flows that match `own` are ours. */
  async syncPart(bridge: string, own: string, flows: readonly string[]): Promise<void> {
    const key = `${bridge} ${own}`;
    if (this.#sent.get(key)?.join('\n') === flows.join('\n')) return;
    this.#sent.delete(key);
    await this.#openflow.change(bridge, { remove: [own], add: flows });
    this.#sent.set(key, flows);
  }
}

function difference(before: readonly string[], after: readonly string[]): { removeStrict: string[]; add: string[] } {
  const match = (flow: string): string => flow.replace(/,?actions=.*$/, '');
  const matches = new Set(after.map(match));
  return {
    removeStrict: before.filter((flow) => !matches.has(match(flow))).map(match),
    add: after.filter((flow) => !before.includes(flow)),
  };
}
