const steps = {
  vcpus: [''],
  memory: ['MiB', 'GiB', 'TiB'],
  disk: ['GiB', 'TiB'],
} as const;

/** How much of how much, in the unit of the whole: `89.8 / 93 GiB`. */
export function shareWords(
  kind: keyof typeof steps,
  used: number,
  limit: number,
  number: (value: number) => string,
): string {
  const units = steps[kind];
  let divisor = 1;
  let at = 0;
  while (at < units.length - 1 && limit / divisor >= 1024) {
    divisor *= 1024;
    at++;
  }
  return `${number(used / divisor)} / ${number(limit / divisor)} ${units[at] ?? ''}`.trim();
}
