/** What an endpoint's URL may refer to. */
export interface UrlValues {
  readonly projectId: string | null;
  readonly userId: string;
}

const reference = /[%$]\(([^)]*)\)s/g;

/**
 * Replaces `%(tenant_id)s`, `%(project_id)s` and `%(user_id)s`; `$(…)s` says the same, for shells' sake.
 * @returns null when the URL refers to something that has no value here
 */
export function fillIn(url: string, { projectId, userId }: UrlValues): string | null {
  const values: Readonly<Record<string, string | null>> = {
    tenant_id: projectId,
    project_id: projectId,
    user_id: userId,
  };
  let complete = true;
  const filled = url.replace(reference, (_whole, name: string) => {
    const value = Object.hasOwn(values, name) ? (values[name] ?? null) : null;
    if (value === null) complete = false;
    return value ?? '';
  });
  return complete ? filled : null;
}
