/** What an answer is made of: names become elements, lists become `<item>`s, null an empty element. */
export type Xml =
  string | number | boolean | Date | null | readonly Xml[] | { readonly [name: string]: Xml | undefined };

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
/** What XML cannot carry at all is dropped: console output may hold anything. */
export const escapeXml = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '').replace(/[&<>"']/g, (one) => entities[one] as string);

/** `2014-09-12T08:00:00.000Z` */
export const ec2Time = (date: Date): string => `${date.toISOString().slice(0, 19)}.000Z`;

const content = (value: Xml): string => {
  if (value === null) return '';
  if (value instanceof Date) return ec2Time(value);
  if (Array.isArray(value)) return (value as readonly Xml[]).map((item) => `<item>${content(item)}</item>`).join('');
  if (typeof value === 'object') return elements(value as { readonly [name: string]: Xml | undefined });
  return escapeXml(String(value));
};
const elements = (value: { readonly [name: string]: Xml | undefined }): string =>
  Object.entries(value)
    .map(([name, item]) => {
      if (item === undefined) return '';
      const inner = content(item);
      return inner === '' ? `<${name}/>` : `<${name}>${inner}</${name}>`;
    })
    .join('');

/** `<RunInstancesResponse xmlns=…>` with the request's id first. */
export const responseXml = (
  action: string,
  version: string,
  requestId: string,
  body: { readonly [name: string]: Xml | undefined },
): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://ec2.amazonaws.com/doc/${escapeXml(version)}/">` +
  `<requestId>${escapeXml(requestId)}</requestId>${elements(body)}</${action}Response>`;

export const errorXml = (code: string, message: string, requestId: string): string =>
  `<?xml version="1.0"?>\n<Response><Errors><Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}` +
  `</Message></Error></Errors><RequestID>${escapeXml(requestId)}</RequestID></Response>`;
