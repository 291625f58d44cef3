/** Requests over a real socket, as exactly as a test wants them: paths that clients would tidy, bodies in pieces. */
import http, { type ClientRequest, type IncomingMessage } from 'node:http';

export interface Sent {
  readonly request: ClientRequest;
  readonly answer: Promise<IncomingMessage>;
}

export function send(port: number, method: string, path: string, headers: Readonly<Record<string, string>> = {}): Sent {
  const request = http.request({ port, host: '127.0.0.1', method, path, headers, agent: false });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  answer.catch(() => undefined);
  return { request, answer };
}
