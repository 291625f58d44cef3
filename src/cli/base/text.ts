/** A description in one line; `??` without one, and dots for what is left out. */
export function firstLine(text: string): string {
  const lines = text.trim().split('\n');
  if (text.trim() === '') return '??';
  return lines.length === 1 ? (lines[0] as string) : `${lines[0]}...`;
}
