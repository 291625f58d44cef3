/** An availability zone as Nova and Cinder show it. */
export interface Zone {
  readonly zoneName: string;
  readonly zoneState: { readonly available: boolean };
  readonly hosts?: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly active: boolean; readonly available: boolean; readonly updated_at: string | null }>
      >
    >
  > | null;
}

/** Zones with their hosts and services indented under them. */
export function zoneRows(zones: readonly Zone[]): string[][] {
  const rows: string[][] = [];
  for (const zone of zones) {
    rows.push([zone.zoneName, zone.zoneState.available ? 'available' : 'not available']);
    for (const [host, services] of Object.entries(zone.hosts ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      rows.push([`|- ${host}`, '']);
      for (const [name, { active, available, updated_at }] of Object.entries(services))
        rows.push([
          `| |- ${name}`,
          `${active ? 'enabled' : 'disabled'} ${available ? ':-)' : 'XXX'} ${updated_at ?? 'None'}`,
        ]);
    }
  }
  return rows;
}
