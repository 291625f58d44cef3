import { quotaResources, quotaServices, type QuotaResource, type QuotaService } from '../../../api/usage/quotas.ts';

export interface QuotaColumn {
  readonly service: QuotaService;
  readonly resource: QuotaResource;
}
export type QuotaView = 'main' | QuotaService;
export const quotaViews: readonly QuotaView[] = ['main', ...quotaServices];

const main: readonly QuotaColumn[] = [
  { service: 'compute', resource: 'instances' },
  { service: 'compute', resource: 'cores' },
  { service: 'compute', resource: 'ram' },
  { service: 'volume', resource: 'volumes' },
  { service: 'volume', resource: 'gigabytes' },
  { service: 'network', resource: 'floatingip' },
];

/** What a view shows, of the services that there are. */
export const columnsOf = (view: QuotaView, there: readonly QuotaService[]): readonly QuotaColumn[] =>
  (view === 'main' ? main : quotaResources[view].map((resource): QuotaColumn => ({ service: view, resource }))).filter(
    ({ service }) => there.includes(service),
  );

/** The services that must be asked for the columns. */
export const servicesOf = (columns: readonly QuotaColumn[]): readonly QuotaService[] =>
  quotaServices.filter((service) => columns.some((one) => one.service === service));
