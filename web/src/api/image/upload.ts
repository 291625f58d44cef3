import { proxied } from '../client.ts';
import { ApiFault, faultOf } from '../fault.ts';
import { csrfToken, refreshCsrf, scopeNow, sessionEnded } from '../session.ts';

export interface UploadOptions {
  /** Bytes that the browser has sent. */
  readonly progress: (sent: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends an image's data. The browser reads the file as it goes: gigabytes need no memory. (fetch tells no progress.)
 * @throws ApiFault; the signal's reason when it was called off
 */
export async function uploadImageData(id: string, data: Blob, options: UploadOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await put(`/images/${id}/file`, data, options);
    if (answer.ok) return;
    const fault = await faultOf(answer, 'image');
    if (fault.code === 'session-ended') await sessionEnded();
    else if (fault.code === 'csrf' && attempt === 1) await refreshCsrf();
    else throw fault;
  }
}

function put(path: string, data: Blob, { progress, signal }: UploadOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const stop = (): void => request.abort();
    signal.addEventListener('abort', stop, { once: true });
    request.upload.addEventListener('progress', ({ loaded }) => progress(loaded));
    request.addEventListener('load', () =>
      resolve(
        new Response(request.status === 204 ? null : request.responseText, {
          status: request.status,
          headers: headersOf(request),
        }),
      ),
    );
    request.addEventListener('abort', () => reject(signal.reason as Error));
    request.addEventListener('error', () =>
      reject(new ApiFault('The dashboard does not answer.', { status: 0, service: 'image', code: 'unreachable' })),
    );
    request.addEventListener('loadend', () => signal.removeEventListener('abort', stop));
    request.open('PUT', proxied('image', path));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-csrf-token', csrfToken());
    request.setRequestHeader('x-dashboard-scope', scopeNow());
    request.send(data);
  });
}

const headersOf = (request: XMLHttpRequest): Headers =>
  new Headers(
    request
      .getAllResponseHeaders()
      .trim()
      .split('\r\n')
      .filter(Boolean)
      .map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at), line.slice(at + 1).trim()];
      }),
  );
