import { ApiError } from '#common/api/errors.ts';
import type {
  Collection,
  FloatingIp,
  Network,
  NetworkClient,
  Port,
  Query,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
} from '#clients/network.ts';

type Row = { readonly id: string } & Readonly<Record<string, unknown>>;

/** Neutron in memory, as far as Nova uses it: filters by equality, ports get addresses and are bound. */
export class FakeNetwork {
  readonly networks = new Map<string, Network>();
  readonly subnets = new Map<string, Subnet>();
  readonly ports = new Map<string, Port>();
  readonly securityGroups = new Map<string, SecurityGroup>();
  readonly rules = new Map<string, SecurityGroupRule>();
  readonly floatingIps = new Map<string, FloatingIp>();
  /** Every call fails with this while it is set. */
  away: ApiError | null = null;
  /** Called before every change; a test stops the world here. */
  beforeChange: () => Promise<void> | void = () => undefined;
  vifType = 'unbound';
  portStatus = 'ACTIVE';
  calls = 0;
  #next = 0;

  id(kind: string): string {
    const number = (++this.#next).toString(16).padStart(12, '0');
    return `${{ network: 'aaaaaaaa', subnet: 'bbbbbbbb', port: 'cccccccc', group: 'dddddddd', rule: 'eeeeeeee', floating: 'ffffffff' }[kind] ?? '99999999'}-0000-4000-8000-${number}`;
  }

  addNetwork(name: string, tenant: string, options: { shared?: boolean; external?: boolean } = {}): Network {
    const id = this.id('network');
    const subnet: Subnet = {
      id: this.id('subnet'),
      name: `${name}-subnet`,
      network_id: id,
      ip_version: 4,
      cidr: '192.168.27.0/24',
      gateway_ip: '192.168.27.1',
      enable_dhcp: true,
      dns_nameservers: ['8.8.8.8'],
      host_routes: [],
    };
    const network: Network = {
      id,
      name,
      tenant_id: tenant,
      shared: options.shared ?? false,
      admin_state_up: true,
      subnets: [subnet.id],
      mtu: 1450,
      'router:external': options.external ?? false,
    };
    this.networks.set(id, network);
    this.subnets.set(subnet.id, subnet);
    return network;
  }

  addGroup(name: string, tenant: string): SecurityGroup {
    const group = { id: this.id('group'), name, description: name, tenant_id: tenant, security_group_rules: [] };
    this.securityGroups.set(group.id, group);
    return group;
  }

  portsOf(serverId: string): Port[] {
    return [...this.ports.values()].filter((port) => port.device_id === serverId);
  }

  /** @param tenant what a user's token may see; null sees all */
  client(tenant: string | null): NetworkClient {
    const visible = (row: Row): boolean =>
      tenant === null || row['tenant_id'] === tenant || row['shared'] === true || row['router:external'] === true;
    const collection = <T extends Row>(
      rows: Map<string, T>,
      make: (values: Readonly<Record<string, unknown>>) => T,
      change: (row: T, values: Readonly<Record<string, unknown>>) => T = (row, values) => ({ ...row, ...values }),
    ): Collection<T> => {
      const see = (row: T): boolean => !('tenant_id' in row) || visible(row);
      const find = (id: string): T => {
        const row = rows.get(id);
        if (!row || !see(row)) throw new ApiError(404, `${id} could not be found.`);
        return row;
      };
      const enter = async (changes: boolean): Promise<void> => {
        this.calls++;
        if (changes) await this.beforeChange();
        if (this.away) throw this.away;
      };
      return {
        list: async (query: Query = {}) => {
          await enter(false);
          const wanted = Object.entries(query).filter(([, value]) => value !== undefined);
          return [...rows.values()].filter(
            (row) => see(row) && wanted.every(([name, value]) => [value].flat().some((one) => matches(row[name], one))),
          );
        },
        show: async (id) => {
          await enter(false);
          return find(id);
        },
        create: async (values) => {
          await enter(true);
          const row = make(tenant === null ? values : { tenant_id: tenant, ...values });
          rows.set(row.id, row);
          return row;
        },
        update: async (id, values) => {
          await enter(true);
          const row = change(find(id), values);
          rows.set(id, row);
          return row;
        },
        delete: async (id) => {
          await enter(true);
          find(id);
          rows.delete(id);
        },
      };
    };
    const bound = (port: Port): Port => ({
      ...port,
      'binding:vif_type': port['binding:host_id'] ? this.vifType : 'unbound',
      'binding:vif_details': { ovs_hybrid_plug: true },
      status: port['binding:host_id'] ? this.portStatus : 'DOWN',
    });
    return {
      networks: collection(
        this.networks as Map<string, Network & Row>,
        (values) => ({ ...values, id: this.id('network') }) as unknown as Network & Row,
      ),
      subnets: collection(
        this.subnets as unknown as Map<string, Subnet & Row>,
        (values) => ({ ...values, id: this.id('subnet') }) as unknown as Subnet & Row,
      ),
      ports: collection(
        this.ports as unknown as Map<string, Port & Row>,
        (values) => {
          const network = this.networks.get(String(values['network_id']));
          if (!network) throw new ApiError(404, 'Network could not be found.');
          const id = this.id('port');
          const used = this.ports.size + 2;
          const asked = values['fixed_ips'] as { ip_address: string }[] | undefined;
          return bound({
            name: '',
            admin_state_up: true,
            device_id: '',
            device_owner: '',
            mac_address: `fa:16:3e:00:00:${used.toString(16).padStart(2, '0')}`,
            security_groups: [...this.securityGroups.values()]
              .filter((group) => group.name === 'default' && group.tenant_id === values['tenant_id'])
              .map((group) => group.id),
            ...values,
            id,
            fixed_ips: [
              {
                subnet_id: network.subnets[0] as string,
                ip_address: asked?.[0]?.ip_address ?? `192.168.27.${used}`,
              },
            ],
          } as unknown as Port) as Port & Row;
        },
        (row, values) => {
          const asked = values['fixed_ips'] as { subnet_id: string; ip_address?: string }[] | undefined;
          const fixed = asked?.map((one, index) => ({ ip_address: `192.168.27.${100 + index}`, ...one }));
          return bound({ ...row, ...values, ...(fixed && { fixed_ips: fixed }) }) as Port & Row;
        },
      ),
      securityGroups: collection(
        this.securityGroups as unknown as Map<string, SecurityGroup & Row>,
        (values) => ({ security_group_rules: [], ...values, id: this.id('group') }) as unknown as SecurityGroup & Row,
      ),
      securityGroupRules: collection(this.rules as unknown as Map<string, SecurityGroupRule & Row>, (values) => {
        const rule = { ...values, id: this.id('rule') } as unknown as SecurityGroupRule & Row;
        const group = this.securityGroups.get(rule.security_group_id);
        if (!group) throw new ApiError(404, 'Security group not found', { type: 'SecurityGroupNotFound' });
        this.securityGroups.set(group.id, { ...group, security_group_rules: [...group.security_group_rules, rule] });
        return rule;
      }),
      floatingIps: collection(
        this.floatingIps as unknown as Map<string, FloatingIp & Row>,
        (values) =>
          ({
            fixed_ip_address: null,
            port_id: null,
            status: 'DOWN',
            ...values,
            id: this.id('floating'),
            floating_ip_address: `172.16.200.${this.floatingIps.size + 152}`,
          }) as unknown as FloatingIp & Row,
      ),
    };
  }
}

/** Equality; of a list of objects, one that has the value under the key: `fixed_ips=ip_address=10.0.0.3`. */
function matches(value: unknown, wanted: string | undefined): boolean {
  if (!Array.isArray(value) || wanted === undefined || !wanted.includes('=')) return String(value) === wanted;
  const [key = '', text] = wanted.split('=');
  return value.some((item) => String((item as Record<string, unknown>)[key]) === text);
}
