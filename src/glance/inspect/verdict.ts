import type { Finding } from './format.ts';

/** What the owner says that the data is. */
export interface Declared {
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
}

/** Containers whose content is the disk itself; the others wrap it in an archive that nobody opens here. */
const bareContainers: readonly (string | null)[] = [null, 'bare', 'ami', 'aki', 'ari'];
const rawKinds: readonly string[] = ['raw', 'ami', 'aki', 'ari'];

/**
 * Why the data must be refused, in words for its owner; undefined when it may be used.
 * @param strict whether the data must be of the declared format (`require_image_format_match`); what is dangerous is
 *   refused in any case
 */
export function refusal(finding: Finding, declared: Declared, strict: boolean): string | undefined {
  if (!bareContainers.includes(declared.containerFormat)) return undefined;
  if (finding.danger !== undefined)
    return `Image data was refused: it is in ${finding.format} format and ${finding.danger}.`;
  if (!strict || matches(finding.format, declared.diskFormat)) return undefined;
  return `Image data was refused: it is in ${finding.format} format, but the image's disk format is ${declared.diskFormat}.`;
}

function matches(actual: string, declared: string | null): boolean {
  if (declared !== null && rawKinds.includes(declared))
    // An ISO file system is a disk's bytes like any other (hybrid images boot as either) and refers to nothing.
    return actual === 'raw' || actual === 'iso';
  return actual === declared;
}
