import type { Migration } from '#common/db/database.ts';
import { initial } from './0001-initial.ts';
import { loadBalancersAndFirewalls } from './0002-load-balancers-and-firewalls.ts';
import { meteringAndSubnetPools } from './0003-metering-and-subnet-pools.ts';

/** In order of application; forward only. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001_initial': initial,
  '0002_load_balancers_and_firewalls': loadBalancersAndFirewalls,
  '0003_metering_and_subnet_pools': meteringAndSubnetPools,
};
