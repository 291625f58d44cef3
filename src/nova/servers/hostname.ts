/** A name as a host may have it: lower case, letters, digits and dashes, 63 at most. */
export function hostnameOf(name: string, id: string): string {
  const clean = name
    .replace(/[ _]/g, '-')
    .replace(/[^a-zA-Z0-9.-]+/g, '')
    .toLowerCase()
    .slice(0, 63)
    .replace(/^[.-]+|[.-]+$/g, '');
  return clean === '' ? `server-${id}` : clean;
}
