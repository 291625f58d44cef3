/** The standard ports of the manual. */
export const standardPorts = {
  keystonePublic: 5000,
  keystoneAdmin: 35357,
  glance: 9292,
  glanceRegistry: 9191,
  novaEc2: 8773,
  nova: 8774,
  novaMetadata: 8775,
  cinder: 8776,
  neutron: 9696,
  novnc: 6080,
  xvpvnc: 6081,
  serialproxy: 6083,
  iscsi: 3260,
  dashboard: 8080,
  events: 8790,
} as const;

export type Ports = Readonly<Record<keyof typeof standardPorts, number>>;

/** All ports moved by an offset, so that several clouds fit on one machine. */
export const portsAt = (offset: number): Ports =>
  Object.fromEntries(Object.entries(standardPorts).map(([name, port]) => [name, port + offset])) as Ports;
