import { createHash, type Hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** What the main thread asks; blocks are shared memory, so nothing is copied. */
export type HashRequest =
  | { readonly kind: 'update'; readonly stream: number; readonly block: Uint8Array; readonly ticket: number }
  | { readonly kind: 'digest'; readonly stream: number; readonly ticket: number }
  | { readonly kind: 'drop'; readonly stream: number };

/** The answer to a request with a ticket. */
export interface HashReply {
  readonly ticket: number;
  readonly digest?: string;
}

const algorithm = (workerData as { readonly algorithm: string }).algorithm;
const streams = new Map<number, Hash>();

const hashOf = (stream: number): Hash => {
  const known = streams.get(stream) ?? createHash(algorithm);
  streams.set(stream, known);
  return known;
};

parentPort?.on('message', (request: HashRequest) => {
  if (request.kind === 'drop') {
    streams.delete(request.stream);
    return;
  }
  const reply: HashReply =
    request.kind === 'update'
      ? (hashOf(request.stream).update(request.block), { ticket: request.ticket })
      : { ticket: request.ticket, digest: hashOf(request.stream).digest('hex') };
  if (request.kind === 'digest') streams.delete(request.stream);
  parentPort?.postMessage(reply);
});
