/** Where a user was last: the project and region that the next sign-in opens. */
export interface Where {
  readonly projectId: string;
  readonly region: string;
}

/** So many users of one browser are remembered, the last first. */
const USERS = 4;

type Entry = readonly [userId: string, projectId: string, region: string];

/** The cookie's text with the user's place in it. */
export function remember(cookie: string | null, userId: string, { projectId, region }: Where): string {
  const others = entriesOf(cookie).filter(([user]) => user !== userId);
  const entries: Entry[] = [[userId, projectId, region], ...others.slice(0, USERS - 1)];
  return Buffer.from(JSON.stringify(entries)).toString('base64url');
}

/** What the cookie says of the user; it is a wish only: Keystone decides. */
export function recall(cookie: string | null, userId: string): Where | null {
  const entry = entriesOf(cookie).find(([user]) => user === userId);
  return entry ? { projectId: entry[1], region: entry[2] } : null;
}

/** Of whatever the browser sent. */
function entriesOf(cookie: string | null): Entry[] {
  try {
    const said: unknown = JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString());
    return Array.isArray(said) ? said.filter(isEntry).slice(0, USERS) : [];
  } catch {
    return [];
  }
}

const isEntry = (value: unknown): value is Entry =>
  Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === 'string' && one.length <= 255);
