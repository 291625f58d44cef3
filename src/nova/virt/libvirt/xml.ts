/** An element of an XML document; attributes that are undefined are left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly content: readonly (XmlElement | string)[];
}

type Content = XmlElement | string | null;

/** `xml('target', { dev: 'vda' })`; contents that are null are left out. */
export const xml = (
  name: string,
  attributes: XmlElement['attributes'] = {},
  ...content: readonly Content[]
): XmlElement => ({
  name,
  attributes,
  content: content.filter((part) => part !== null),
});

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};
/** Control characters have no place in XML 1.0 at all. */
const clean = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '').replace(/[&<>'"]/g, (c) => ESCAPES[c] ?? c);

/** As libvirt prints it: two spaces a level, single quotes. */
export function printXml(element: XmlElement, indent = ''): string {
  const attributes = Object.entries(element.attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}='${clean(String(value))}'`)
    .join('');
  const open = `${indent}<${element.name}${attributes}`;
  if (element.content.length === 0) return `${open}/>\n`;
  const [only] = element.content;
  if (element.content.length === 1 && typeof only === 'string') return `${open}>${clean(only)}</${element.name}>\n`;
  const inner = element.content.map((part) => (typeof part === 'string' ? clean(part) : printXml(part, `${indent}  `)));
  return `${open}>\n${inner.join('')}${indent}</${element.name}>\n`;
}
