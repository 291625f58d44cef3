import type { HostFilter } from '../filter.ts';

const architectures: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86: 'i686',
  i386: 'i686',
  arm64: 'aarch64',
};
const normal = (text: string): string => architectures[text.toLowerCase()] ?? text.toLowerCase();

/** Architecture, hypervisor and kind of virtualisation that the image needs. */
export const imagePropertiesFilter: HostFilter = {
  name: 'ImagePropertiesFilter',
  check(host, { image }) {
    const properties = image?.properties ?? {};
    const wanted = [
      properties['hw_architecture'] ?? properties['architecture'],
      properties['img_hv_type'] ?? properties['hypervisor_type'],
      properties['hw_vm_mode'] ?? properties['vm_mode'],
    ];
    if (wanted.every((one) => one === undefined || one === '')) return null;
    const { supportedInstances } = host.node;
    const fits = supportedInstances.some((offered) =>
      wanted.every((one, index) => one === undefined || one === '' || normal(one) === normal(offered[index] as string)),
    );
    if (fits) return null;
    const offers = supportedInstances.map((one) => one.join('/')).join(', ');
    return `the image needs ${wanted.filter(Boolean).join('/')}, the host runs ${offers === '' ? 'nothing' : offers}`;
  },
};
