import type { CloudEvent } from './event.ts';

/** Which events a caller asked for; what is not given does not narrow. */
export interface Filter {
  /** Kinds, separated by commas. */
  readonly resource?: string;
  /** The beginning of a type. */
  readonly type?: string;
  readonly resource_id?: string;
}

export function passes({ resource, type, resource_id: id }: Filter): (event: CloudEvent) => boolean {
  const kinds = resource === undefined ? null : new Set(resource.split(',').map((kind) => kind.trim()));
  return (event) =>
    (kinds === null || (event.resource !== null && kinds.has(event.resource.kind))) &&
    (type === undefined || event.type.startsWith(type)) &&
    (id === undefined || event.resource?.id === id);
}
