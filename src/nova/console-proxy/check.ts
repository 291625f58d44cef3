import type { Bus } from '#common/bus/bus.ts';
import { consoleAuthRpc } from '../rpc.ts';

/** What a token opens. */
export interface ConsoleGrant {
  readonly serverId: string;
  readonly endpoint: { readonly host: string; readonly port: number };
}

/** What a token opens; null for one that is unknown, expired, or of a console of another type. */
export type CheckToken = (token: string) => Promise<ConsoleGrant | null>;

/** Asks nova-consoleauth about tokens of one type of console. */
export function consoleTokens(bus: Bus, type: 'novnc' | 'xvpvnc' | 'serial'): CheckToken {
  const consoleAuth = bus.client(consoleAuthRpc);
  return async (token) => {
    const grant = await consoleAuth.call('check', { token }, { timeoutMs: 10_000 });
    return grant?.type === type ? grant : null;
  };
}
