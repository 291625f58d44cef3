import type { Party } from '../../../api/identity/assignments.ts';
import type { NewProject } from '../../../api/identity/writes.ts';
import { parseLimit, UNLIMITED } from '../../../api/usage/quota-rules.ts';
import type { QuotaService } from '../../../api/usage/quotas.ts';
import type { LimitDraft } from '../quotas/limit-draft.ts';
import type { QuotaColumn } from '../quotas/views.ts';

/** A new project as it is being typed. */
export interface ProjectValues {
  readonly name: string;
  readonly description: string;
  /** Empty: the cloud's first. */
  readonly domain: string;
  /** Empty: the domain itself. */
  readonly parent: string;
  readonly enabled: boolean;
  /** `user/ID`, `group/ID` */
  readonly members: readonly string[];
  readonly roles: readonly string[];
  /** By resource. */
  readonly limits: Readonly<Record<string, LimitDraft>>;
}

export const emptyProject: ProjectValues = {
  name: '',
  description: '',
  domain: '',
  parent: '',
  enabled: true,
  members: [],
  roles: [],
  limits: {},
};

export const newProject = ({ name, description, domain, parent, enabled }: ProjectValues): NewProject => ({
  name: name.trim(),
  ...(description.trim() !== '' && { description: description.trim() }),
  ...(domain !== '' && { domain_id: domain }),
  ...(parent !== '' && { parent_id: parent }),
  enabled,
});

export const partyOf = (member: string): Party => {
  const [kind = '', id = ''] = member.split('/');
  return { kind: kind as Party['kind'], id };
};

/** The limits that were typed, by service; null when one of them is no limit. */
export function newLimits(
  drafts: Readonly<Record<string, LimitDraft>>,
  columns: readonly QuotaColumn[],
): Readonly<Partial<Record<QuotaService, Readonly<Record<string, number>>>>> | null {
  const limits: Partial<Record<QuotaService, Record<string, number>>> = {};
  for (const { service, resource } of columns) {
    const draft = drafts[resource];
    if (!draft || (!draft.unlimited && draft.text.trim() === '')) continue;
    const limit = draft.unlimited ? UNLIMITED : parseLimit(draft.text);
    if (limit === null) return null;
    limits[service] = { ...limits[service], [resource]: limit };
  }
  return limits;
}
