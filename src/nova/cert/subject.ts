/**
 * A subject after a template of nova.conf, whose `%s` and `%.16s` are filled in order. Slashes and control characters of
 * the values become dashes: a user must not name himself into another field.
 */
export function subjectOf(template: string, values: readonly string[]): string {
  let next = 0;
  return template.replace(/%(?:\.(\d+))?s/g, (_all, width?: string) => {
    const value = (values[next++] ?? '').replace(/[^\w.@:-]/g, '-');
    return width === undefined ? value : value.slice(0, Number(width));
  });
}
