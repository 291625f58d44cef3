import type { Command } from './commands.ts';
import type { Host } from './host.ts';
import type { Known } from './placeholders.ts';

/** The hosts that a replay plays on: one for everything, or the manual's four. */
export interface Stage {
  /** Where a command is typed; several for what the manual says of both hosts of a lab. Started when first asked for. */
  hostsOf(command: Command): Promise<readonly Host[]>;
  /** Why a command makes no sense on this stage. */
  excuse(command: Command): string | undefined;
  /** What a host name of the manual means here. */
  readonly hostOf: Known['hostOf'];
  /** Hosts that run now, and how to get a shell there. */
  doors(): Promise<readonly string[]>;
  stop(): Promise<void>;
}
