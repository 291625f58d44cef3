import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';

export interface UpstreamRequest {
  readonly method: string;
  readonly endpoint: URL;
  /** With the query; as it is sent. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Readable | null;
  /** The browser has gone. */
  readonly signal: AbortSignal;
}

/** Requests to services whose bodies flow both ways without being kept. */
export interface Upstream {
  /** Resolves with the answer's head. @throws Error when nobody answers (in time) */
  request(request: UpstreamRequest): Promise<IncomingMessage>;
  close(): void;
}

export interface UpstreamLimits {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** From the last byte sent to the answer's first; the second for requests with a body, which may be gigabytes to digest. */
  readonly answerMs: number;
  readonly digestMs: number;
}
const standard: UpstreamLimits = { connectMs: 5000, answerMs: 60_000, digestMs: 300_000 };

/** Once an answer has begun, it may take as long as it wants: downloads, event streams. */
export function createUpstream(limits: UpstreamLimits = standard): Upstream {
  const options = { keepAlive: true, scheduling: 'lifo' } as const;
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };

  const send = ({ method, endpoint, path, headers, body, signal }: UpstreamRequest): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new Error('the browser went away'));
      const outgoing = (endpoint.protocol === 'https:' ? https : http).request(endpoint, {
        agent: agents[endpoint.protocol as 'http:'],
        ...{ method, path, headers },
        maxHeaderSize: 65_536,
      });
      // Not the request's own `signal`: after the answer that may throw out of a socket which is being put back.
      const give = (): void => void outgoing.destroy(new Error('the browser went away'));
      signal.addEventListener('abort', give);
      let timer: NodeJS.Timeout | undefined;
      const limit = (ms: number, what: string): void => {
        clearTimeout(timer);
        timer = setTimeout(() => outgoing.destroy(new Error(`${what} within ${ms / 1000} s`)), ms);
      };
      outgoing.on('socket', (socket) => {
        if (!socket.connecting) return;
        limit(limits.connectMs, 'no connection');
        socket.once('connect', () => clearTimeout(timer));
      });
      outgoing.on('finish', () => limit(body ? limits.digestMs : limits.answerMs, 'no answer'));
      outgoing.on('close', () => {
        clearTimeout(timer);
        // Answered before the whole body was taken: the rest is let go, so that the browser reads the answer.
        body?.unpipe(outgoing);
        body?.resume();
      });
      outgoing.on('response', (answer) => {
        clearTimeout(timer);
        // Whoever reads it hears of its end by `close`; while nobody does, an error must not end the process.
        answer.on('error', () => undefined);
        signal.removeEventListener('abort', give);
        signal.addEventListener('abort', () => answer.destroy());
        resolve(answer);
      });
      outgoing.on('error', (error) => reject(Object.assign(error, { stale: outgoing.reusedSocket })));
      if (body) body.pipe(outgoing);
      else outgoing.end();
    });

  return {
    async request(request) {
      try {
        return await send(request);
      } catch (error) {
        // A kept connection that the service closed just now says nothing about the service.
        const { stale, code } = error as { stale?: boolean; code?: string };
        if (stale !== true || code !== 'ECONNRESET' || request.body || !/^(GET|HEAD)$/.test(request.method))
          throw error;
        return send(request);
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
