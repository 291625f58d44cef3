import type { Segment } from '../../rpc.ts';

/** An agent of the port's host, as far as binding asks. */
export interface HostAgent {
  readonly agentType: string;
  readonly alive: boolean;
  readonly configurations: Readonly<Record<string, unknown>>;
}

/** A port that is to be connected on a host. */
export interface BindingRequest {
  readonly host: string;
  /** `normal`, `direct` … */
  readonly vnicType: string;
  readonly segment: Segment;
  readonly agents: readonly HostAgent[];
}

/** How the port is connected there: what Nova's VIF driver needs. */
export interface Binding {
  readonly vifType: string;
  readonly vifDetails: Readonly<Record<string, unknown>>;
  /** The port works at once: no agent will say so. */
  readonly active: boolean;
}

/** Connects ports of one technology. It knows no database and no API. */
export interface MechanismDriver {
  readonly name: string;
  /** Null when the port is not its business; the next driver is asked then. */
  bind(request: BindingRequest): Binding | null;
}
