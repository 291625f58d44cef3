/** Where guests' serial consoles listen. */
export interface SerialConsoles {
  readonly listen: string;
  /** Every guest gets one of these TCP ports; both ends belong to the range. */
  readonly ports: { readonly first: number; readonly last: number };
}

/** `10000:20000`. @throws Error when it is no range of ports */
export function parsePortRange(text: string): SerialConsoles['ports'] {
  const [, first, last] = /^(\d+):(\d+)$/.exec(text.trim())?.map(Number) ?? [];
  if (first === undefined || last === undefined || first < 1 || first > last || last > 65_535)
    throw new Error(`"${text}" is no range of ports: give the first and the last, as in 10000:20000.`);
  return { first, last };
}

/** There is no console of the type that was asked for; the message is for whoever asked. */
export class ConsoleTypeUnavailable extends Error {
  override readonly name = 'ConsoleTypeUnavailable';
}

export const serialDisabled = (): ConsoleTypeUnavailable =>
  new ConsoleTypeUnavailable('Unavailable console type serial.');

/** A guest that runs with a serial port that only writes the log. */
export const startedWithoutSerial = (): ConsoleTypeUnavailable =>
  new ConsoleTypeUnavailable(
    'Unavailable console type serial. The server was started before serial consoles were enabled on its host: reboot it hard, and ask again.',
  );
