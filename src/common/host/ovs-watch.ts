import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Subscription } from '../bus/bus.ts';

const HELLO = Buffer.from([4, 0, 0, 8, 0, 0, 0, 1]); // OpenFlow 1.3, type 0, length 8
const ECHO_REQUEST = 2;
const ECHO_REPLY = 3;

export interface SwitchWatch {
  /** ovs-vswitchd serves the bridge: at first, and again after each of its restarts. Its flow tables are empty then. */
  readonly onUp: () => void;
  readonly onDown: () => void;
}

/**
 * Learns at once when ovs-vswitchd ends and when it is back, by holding an OpenFlow connection to a bridge.
 * The database does not tell: it lives on in ovsdb-server, and a kernel datapath keeps its devices.
 */
export function watchSwitch(runDir: string, bridge: string, { onUp, onDown }: SwitchWatch): Subscription {
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let pause = 20;

  const open = (): void => {
    let up = false;
    let bytes = Buffer.alloc(0);
    const connection = createConnection({ path: join(runDir, `${bridge}.mgmt`) });
    socket = connection;
    connection.on('connect', () => connection.write(HELLO));
    connection.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let length = lengthOf(bytes); length > 0 && bytes.length >= length; length = lengthOf(bytes)) {
        const message = Buffer.from(bytes.subarray(0, length));
        bytes = bytes.subarray(length);
        if (message[1] !== ECHO_REQUEST) continue;
        message[1] = ECHO_REPLY;
        connection.write(message);
      }
      if (up) return;
      up = true;
      pause = 20;
      onUp();
    });
    connection.on('error', () => undefined); // told by 'close'
    connection.on('close', () => {
      if (closed) return;
      if (up) onDown();
      timer = setTimeout(open, pause);
      pause = Math.min(pause * 2, 1_000);
    });
  };

  open();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}

const lengthOf = (bytes: Buffer): number => (bytes.length < 8 ? 0 : Math.max(8, bytes.readUInt16BE(2)));
