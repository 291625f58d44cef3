/** What the last launch in this browser was made of: the next one begins with it. */
export interface Remembered {
  readonly imageId?: string;
  readonly keyName?: string;
}

const keyOf = (project: string): string => `igloo-last-launch:${project}`;

export function remembered(project: string): Remembered {
  try {
    return (JSON.parse(localStorage.getItem(keyOf(project)) ?? '{}') as Remembered | null) ?? {};
  } catch {
    return {};
  }
}

export function remember(project: string, last: Remembered): void {
  try {
    localStorage.setItem(keyOf(project), JSON.stringify(last));
  } catch {
    // Without it, the next launch only has fewer defaults.
  }
}
