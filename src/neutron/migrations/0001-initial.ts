import type { CreateTableBuilder, Kysely } from 'kysely';
import { autoId, columns, required, withDefault } from '#common/db/columns.ts';
import type { Migration } from '#common/db/database.ts';

const { uuid, keystoneId, name, flag, time, text, integer } = columns;
const address = 'varchar(32)';

/** What every API resource has. */
const resource = (db: Kysely<unknown>, table: string): CreateTableBuilder<string, never> =>
  db.schema
    .createTable(table)
    .ifNotExists()
    .addColumn('id', uuid, (c) => c.primaryKey())
    .addColumn('project_id', keystoneId, required)
    .addColumn('description', name)
    .addColumn('tags', text, required)
    .addColumn('created_at', time, required)
    .addColumn('updated_at', time, required)
    .addColumn('revision_number', integer, required);

/** MariaDB keeps the indexes of a migration that was interrupted: the second run meets them. */
const index = async (db: Kysely<unknown>, table: string, ...on: string[]): Promise<void> => {
  try {
    await db.schema
      .createIndex(`${table}_by_${on.join('_')}`)
      .on(table)
      .columns(on)
      .execute();
  } catch (error) {
    if (!/duplicate key name/i.test((error as Error).message)) throw error;
  }
};

async function networks(db: Kysely<unknown>): Promise<void> {
  await resource(db, 'networks')
    .addColumn('name', name, required)
    .addColumn('admin_state_up', flag, required)
    .addColumn('status', 'varchar(16)', required)
    .addColumn('shared', flag, required)
    .addColumn('external', flag, required)
    .addColumn('is_default', flag, required)
    .addColumn('mtu', integer, required)
    .addColumn('port_security_enabled', flag, required)
    .addColumn('network_type', 'varchar(32)', required)
    .addColumn('physical_network', 'varchar(64)')
    .addColumn('segmentation_id', integer)
    .addColumn('availability_zone_hints', text, required)
    .execute();
  await index(db, 'networks', 'project_id');
}

async function subnets(db: Kysely<unknown>): Promise<void> {
  await resource(db, 'subnets')
    .addColumn('name', name, required)
    .addColumn('network_id', uuid, required)
    .addColumn('ip_version', flag, required)
    .addColumn('cidr', 'varchar(64)', required)
    .addColumn('gateway_ip', 'varchar(64)')
    .addColumn('enable_dhcp', flag, required)
    .addColumn('ipv6_ra_mode', 'varchar(16)')
    .addColumn('ipv6_address_mode', 'varchar(16)')
    .addColumn('dns_nameservers', text, required)
    .addColumn('host_routes', text, required)
    .addColumn('service_types', text, required)
    .addForeignKeyConstraint('subnets_network', ['network_id'], 'networks', ['id'])
    .execute();
  await index(db, 'subnets', 'project_id');
  await index(db, 'subnets', 'network_id');
  await db.schema
    .createTable('ipallocationpools')
    .ifNotExists()
    .addColumn('id', integer, autoId)
    .addColumn('subnet_id', uuid, required)
    .addColumn('first_ip', address, required)
    .addColumn('last_ip', address, required)
    .addForeignKeyConstraint('ipallocationpools_subnet', ['subnet_id'], 'subnets', ['id'], (c) => c.onDelete('cascade'))
    .execute();
  await index(db, 'ipallocationpools', 'subnet_id');
  await db.schema
    .createTable('ipavailabilityranges')
    .ifNotExists()
    .addColumn('subnet_id', uuid, required)
    .addColumn('first_ip', address, required)
    .addColumn('last_ip', address, required)
    .addPrimaryKeyConstraint('ipavailabilityranges_pk', ['subnet_id', 'first_ip'])
    .addForeignKeyConstraint('ipavailabilityranges_subnet', ['subnet_id'], 'subnets', ['id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute();
  await index(db, 'ipavailabilityranges', 'subnet_id', 'last_ip');
}

async function ports(db: Kysely<unknown>): Promise<void> {
  await resource(db, 'ports')
    .addColumn('name', name, required)
    .addColumn('network_id', uuid, required)
    .addColumn('mac_address', 'varchar(32)', required)
    .addColumn('admin_state_up', flag, required)
    .addColumn('status', 'varchar(16)', required)
    .addColumn('device_id', name, required)
    .addColumn('device_owner', name, required)
    .addColumn('port_security_enabled', flag, required)
    .addColumn('host', name, required)
    .addColumn('vnic_type', 'varchar(64)', required)
    .addColumn('vif_type', 'varchar(64)', required)
    .addColumn('binding_profile', text, required)
    .addColumn('vif_details', text, required)
    .addColumn('allowed_address_pairs', text, required)
    .addColumn('extra_dhcp_opts', text, required)
    .addUniqueConstraint('ports_mac', ['network_id', 'mac_address'])
    .addForeignKeyConstraint('ports_network', ['network_id'], 'networks', ['id'])
    .execute();
  await index(db, 'ports', 'project_id');
  await index(db, 'ports', 'device_id');
  await index(db, 'ports', 'network_id', 'device_owner');
  await db.schema
    .createTable('ipallocations')
    .ifNotExists()
    .addColumn('subnet_id', uuid, required)
    .addColumn('ip_address', address, required)
    .addColumn('network_id', uuid, required)
    .addColumn('port_id', uuid, required)
    .addColumn('position', flag, required)
    // The guard against giving an address twice, whatever the code above does.
    .addPrimaryKeyConstraint('ipallocations_pk', ['subnet_id', 'ip_address'])
    .addForeignKeyConstraint('ipallocations_subnet', ['subnet_id'], 'subnets', ['id'])
    .addForeignKeyConstraint('ipallocations_port', ['port_id'], 'ports', ['id'], (c) => c.onDelete('cascade'))
    .execute();
  await index(db, 'ipallocations', 'port_id');
  await index(db, 'ipallocations', 'network_id', 'ip_address');
}

async function securityGroups(db: Kysely<unknown>): Promise<void> {
  await resource(db, 'securitygroups').addColumn('name', name, required).execute();
  await index(db, 'securitygroups', 'project_id');
  await db.schema
    .createTable('default_security_group')
    .ifNotExists()
    .addColumn('project_id', keystoneId, (c) => c.primaryKey())
    .addColumn('security_group_id', uuid, required)
    .addForeignKeyConstraint('default_group', ['security_group_id'], 'securitygroups', ['id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute();
  await resource(db, 'securitygrouprules')
    .addColumn('security_group_id', uuid, required)
    .addColumn('direction', 'varchar(8)', required)
    .addColumn('ethertype', 'varchar(8)', required)
    .addColumn('protocol', 'varchar(40)')
    .addColumn('port_range_min', integer)
    .addColumn('port_range_max', integer)
    .addColumn('remote_ip_prefix', 'varchar(64)')
    .addColumn('remote_group_id', uuid)
    .addColumn('fingerprint', 'varchar(255)', required)
    .addUniqueConstraint('securitygrouprules_same', ['security_group_id', 'fingerprint'])
    .addForeignKeyConstraint('rule_group', ['security_group_id'], 'securitygroups', ['id'], (c) =>
      c.onDelete('cascade'),
    )
    .addForeignKeyConstraint('rule_remote_group', ['remote_group_id'], 'securitygroups', ['id'], (c) =>
      c.onDelete('cascade'),
    )
    .execute();
  await index(db, 'securitygrouprules', 'project_id');
  await index(db, 'securitygrouprules', 'remote_group_id');
  await db.schema
    .createTable('securitygroupportbindings')
    .ifNotExists()
    .addColumn('port_id', uuid, required)
    .addColumn('security_group_id', uuid, required)
    .addPrimaryKeyConstraint('securitygroupportbindings_pk', ['port_id', 'security_group_id'])
    .addForeignKeyConstraint('port_group_port', ['port_id'], 'ports', ['id'], (c) => c.onDelete('cascade'))
    .addForeignKeyConstraint('port_group_group', ['security_group_id'], 'securitygroups', ['id'])
    .execute();
  await index(db, 'securitygroupportbindings', 'security_group_id');
}

async function routers(db: Kysely<unknown>): Promise<void> {
  await resource(db, 'routers')
    .addColumn('name', name, required)
    .addColumn('admin_state_up', flag, required)
    .addColumn('status', 'varchar(16)', required)
    .addColumn('gw_port_id', uuid)
    .addColumn('enable_snat', flag, required)
    .addColumn('routes', text, required)
    .addColumn('availability_zone_hints', text, required)
    .addForeignKeyConstraint('routers_gateway', ['gw_port_id'], 'ports', ['id'])
    .execute();
  await index(db, 'routers', 'project_id');
  await resource(db, 'floatingips')
    .addColumn('floating_network_id', uuid, required)
    .addColumn('floating_ip_address', 'varchar(64)', required)
    .addColumn('floating_port_id', uuid, required)
    .addColumn('port_id', uuid)
    .addColumn('fixed_ip_address', 'varchar(64)')
    .addColumn('router_id', uuid)
    .addColumn('status', 'varchar(16)', required)
    .addUniqueConstraint('floatingips_fixed', ['floating_network_id', 'port_id', 'fixed_ip_address'])
    .addForeignKeyConstraint('floatingips_outside', ['floating_port_id'], 'ports', ['id'])
    .addForeignKeyConstraint('floatingips_inside', ['port_id'], 'ports', ['id'])
    .addForeignKeyConstraint('floatingips_router', ['router_id'], 'routers', ['id'])
    .execute();
  await index(db, 'floatingips', 'project_id');
  await index(db, 'floatingips', 'router_id');
  await index(db, 'floatingips', 'port_id');
}

async function ml2(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ml2_allocations')
    .ifNotExists()
    .addColumn('pool', 'varchar(80)', required)
    .addColumn('segmentation_id', integer, required)
    .addColumn('allocated', flag, withDefault(0))
    .addPrimaryKeyConstraint('ml2_allocations_pk', ['pool', 'segmentation_id'])
    .execute();
  await index(db, 'ml2_allocations', 'pool', 'allocated', 'segmentation_id');
  await db.schema
    .createTable('ml2_flat_allocations')
    .ifNotExists()
    .addColumn('physical_network', 'varchar(64)', (c) => c.primaryKey())
    .execute();
  await db.schema
    .createTable('ml2_tunnel_endpoints')
    .ifNotExists()
    .addColumn('tunnel_type', 'varchar(8)', required)
    .addColumn('host', name, required)
    .addColumn('ip_address', 'varchar(64)', required)
    .addPrimaryKeyConstraint('ml2_tunnel_endpoints_pk', ['tunnel_type', 'host'])
    .execute();
}

async function agents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('agents')
    .ifNotExists()
    .addColumn('id', uuid, (c) => c.primaryKey())
    .addColumn('agent_type', 'varchar(64)', required)
    .addColumn('binary', name, required)
    .addColumn('topic', name, required)
    .addColumn('host', name, required)
    .addColumn('admin_state_up', flag, required)
    .addColumn('created_at', time, required)
    .addColumn('started_at', time, required)
    .addColumn('heartbeat_timestamp', time, required)
    .addColumn('description', name)
    .addColumn('configurations', text, required)
    .addColumn('availability_zone', name)
    .addUniqueConstraint('agents_host', ['host', 'agent_type'])
    .execute();
  await db.schema
    .createTable('networkdhcpagentbindings')
    .ifNotExists()
    .addColumn('network_id', uuid, required)
    .addColumn('agent_id', uuid, required)
    .addColumn('binding_index', flag, required)
    .addPrimaryKeyConstraint('networkdhcpagentbindings_pk', ['network_id', 'agent_id'])
    // Two servers that schedule at once cannot give a network to more agents than it is to have.
    .addUniqueConstraint('networkdhcpagentbindings_index', ['network_id', 'binding_index'])
    .addForeignKeyConstraint('dhcp_network', ['network_id'], 'networks', ['id'], (c) => c.onDelete('cascade'))
    .addForeignKeyConstraint('dhcp_agent', ['agent_id'], 'agents', ['id'], (c) => c.onDelete('cascade'))
    .execute();
  await index(db, 'networkdhcpagentbindings', 'agent_id');
  await db.schema
    .createTable('routerl3agentbindings')
    .ifNotExists()
    .addColumn('router_id', uuid, (c) => c.primaryKey())
    .addColumn('agent_id', uuid, required)
    .addForeignKeyConstraint('l3_router', ['router_id'], 'routers', ['id'], (c) => c.onDelete('cascade'))
    .addForeignKeyConstraint('l3_agent', ['agent_id'], 'agents', ['id'], (c) => c.onDelete('cascade'))
    .execute();
  await index(db, 'routerl3agentbindings', 'agent_id');
}

async function quotasAndEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('quotas')
    .ifNotExists()
    .addColumn('project_id', keystoneId, required)
    .addColumn('resource', 'varchar(64)', required)
    .addColumn('limit_value', integer, required)
    .addPrimaryKeyConstraint('quotas_pk', ['project_id', 'resource'])
    .execute();
  await db.schema
    .createTable('quotausages')
    .ifNotExists()
    .addColumn('project_id', keystoneId, required)
    .addColumn('resource', 'varchar(64)', required)
    .addColumn('in_use', integer, withDefault(0))
    .addPrimaryKeyConstraint('quotausages_pk', ['project_id', 'resource'])
    .execute();
  await db.schema
    .createTable('nova_events')
    .ifNotExists()
    .addColumn('id', integer, autoId)
    .addColumn('name', 'varchar(64)', required)
    .addColumn('server_uuid', keystoneId, required)
    .addColumn('tag', 'varchar(64)')
    .addColumn('status', 'varchar(16)')
    .addColumn('created_at', time, required)
    .execute();
}

export const initial: Migration = {
  up: async (db) => {
    for (const make of [networks, subnets, ports, securityGroups, routers, ml2, agents, quotasAndEvents])
      await make(db);
  },
};
