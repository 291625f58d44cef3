import { matchesSpec } from '#common/extra-spec.ts';
import type { HostFilter } from '../filter.ts';

/** Extra specs `aggregate_instance_extra_specs:…` (or without a scope) against the metadata of the host's aggregates. */
export const aggregateInstanceExtraSpecsFilter: HostFilter = {
  name: 'AggregateInstanceExtraSpecsFilter',
  check(host, { flavor }) {
    for (const [key, wanted] of Object.entries(flavor.extraSpecs)) {
      const path = key.split(':');
      if (path.length > 1 && path[0] !== 'aggregate_instance_extra_specs') continue;
      const name = path.at(-1) as string;
      const offered = host.aggregates.flatMap((aggregate) => aggregate.metadata[name] ?? []);
      if (offered.length === 0) return `none of its aggregates has ${name}, which the flavor asks for`;
      if (!offered.some((value) => matchesSpec(value, wanted)))
        return `its aggregates have ${name} ${offered.join(', ')}, the flavor asks for ${wanted}`;
    }
    return null;
  },
};
