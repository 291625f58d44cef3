import { jsonMessage } from './session.ts';

/** What the clients of Nova and Cinder call a refusal without a message. */
const names: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  413: 'Over limit',
  501: 'Not Implemented',
};

/** `The server could not be found. (HTTP 404) (Request-ID: req-…)` */
export function faultText(status: number, body: string, headers: Readonly<Record<string, string>>): string {
  const id = headers['x-compute-request-id'] ?? headers['x-openstack-request-id'];
  const message = jsonMessage(body) ?? names[status] ?? 'Unknown Error';
  return `${message} (HTTP ${status})${id === undefined ? '' : ` (Request-ID: ${id})`}`;
}

/** The usage error of Nova's and Cinder's clients: without the choices, values as Python 2 shows text. */
export const usageError = (client: string, message: string, command: string | undefined): string =>
  `error: ${unicodeValues(message.split(' (choose from')[0] as string)}\nTry '${client} help ${command ?? ''}' for more information.\n`;

/** `invalid choice: u'x'`: clients that decode their command line show that they did. */
export const unicodeValues = (message: string): string => message.replace(/(invalid \w+(?: value)?: )'/, "$1u'");
