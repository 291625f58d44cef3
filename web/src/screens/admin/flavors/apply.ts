import {
  allowProject,
  describeFlavor,
  forbidProject,
  removeExtraSpec,
  setExtraSpecs,
} from '#api/compute/flavors-admin.ts';
import { commandLine, type Preview } from '#ui/command-preview.tsx';
import type { Change } from './changes.ts';

/** Makes one change. @throws ApiFault */
export function apply(id: string, change: Change): Promise<void> {
  switch (change.what) {
    case 'describe':
      return describeFlavor(id, change.description);
    case 'set':
      return setExtraSpecs(id, change.specs);
    case 'unset':
      return removeExtraSpec(id, change.key);
    case 'allow':
      return allowProject(id, change.project);
    case 'forbid':
      return forbidProject(id, change.project);
  }
}

/** The changes as commands and calls. @param url of the compute service */
export function previewOf(url: string, id: string, changes: readonly Change[]): Preview {
  const at = `${url}/flavors/${encodeURIComponent(id)}`;
  const each = changes.map((change) => {
    switch (change.what) {
      case 'describe':
        return {
          line: commandLine('openstack flavor set --description', [change.description ?? '', id]),
          call: { method: 'PUT', url: at, body: { flavor: { description: change.description } } },
        };
      case 'set':
        return {
          line: commandLine(
            'openstack flavor set',
            ...Object.entries(change.specs).map(([key, value]) => ['--property', `${key}=${value}`]),
            [id],
          ),
          call: { method: 'POST', url: `${at}/os-extra_specs`, body: { extra_specs: change.specs } },
        };
      case 'unset':
        return {
          line: commandLine('openstack flavor unset --property', [change.key, id]),
          call: { method: 'DELETE', url: `${at}/os-extra_specs/${encodeURIComponent(change.key)}` },
        };
      case 'allow':
      case 'forbid': {
        const verb = change.what === 'allow' ? 'set' : 'unset';
        const action = change.what === 'allow' ? 'addTenantAccess' : 'removeTenantAccess';
        return {
          line: commandLine(`openstack flavor ${verb} --project`, [change.project, id]),
          call: { method: 'POST', url: `${at}/action`, body: { [action]: { tenant: change.project } } },
        };
      }
    }
  });
  return { command: each.map(({ line }) => line).join('\n'), call: each.map(({ call }) => call) };
}
