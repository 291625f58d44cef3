/** What an endpoint's URL may refer to. */
export interface UrlValues {
  readonly projectId: string | null;
  readonly userId: string;
  /** Of Keystone's own configuration: `public_port`, `admin_port` … */
  readonly own?: Readonly<Record<string, string>>;
}

const reference = /[%$]\(([^)]*)\)s/g;

/**
 * Replaces `%(tenant_id)s`, `%(project_id)s`, `%(user_id)s` and names of the configuration; `$(…)s` says the same, for
 * shells' sake.
 * @returns null when the URL refers to something that has no value here
 */
export function fillIn(url: string, { projectId, userId, own = {} }: UrlValues): string | null {
  const values: Readonly<Record<string, string | null>> = {
    ...own,
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
