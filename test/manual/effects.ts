import { join } from 'node:path';
import { services } from '#igloo/services/catalogue.ts';
import type { Command } from './commands.ts';

/** The password that `mysql_secure_installation` gives to root. */
export const rootPassword = 'replay-root';

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const sql = (query: string): string => `mysql -uroot -p${rootPassword} -N -e ${quote(query)} | grep -q .`;
const row = (table: string, where: string): string => sql(`SELECT 1 FROM ${table} WHERE ${where}`);
const hasTables = (database: string): string => row('information_schema.tables', `table_schema = '${database}'`);
const hasDatabase = (name: string): string => row('information_schema.schemata', `schema_name = '${name}'`);
const running = (name: string): string =>
  [
    `service ${name} status`,
    ...(services.find((one) => one.name === name)?.ports ?? []).map(
      (port) => `ss -Htln "sport = :${port}" | grep -q .`,
    ),
  ].join(' && ');

type Match = RegExpExecArray;
type Rule = readonly [of: RegExp, holds: (match: Match) => string];

/** Signs in at the dashboard, and looks whether it is memcached that has the session. */
const signsIn = `node --disable-warning=ExperimentalWarning ${join(import.meta.dirname, 'dashboard-session.ts')} http://controller 127.0.0.1:11211`;

/** In front of what the guest runs: it can be reached from its router as soon as the rules of M402 and M403 are there. */
export const inGuest =
  'ip netns exec qrouter-<ref:router.demo-router> ssh -i ~/.ssh/id_rsa -o BatchMode=yes -o StrictHostKeyChecking=no -o ConnectTimeout=10 cirros@192.168.27.2';

/** What must hold after a command of this form: a shell line that succeeds. */
const rules: readonly Rule[] = [
  [/^service (\S+) (?:start|restart)$/, ([, name = '']) => running(name)],
  [
    /^for svc in ([^;]+); do service (\S*)\$\{?svc\}?(\S*) (?:start|restart);/,
    ([, list = '', before = '', after = '']) =>
      list
        .split(' ')
        .map((svc) => running(before + svc + after))
        .join(' && '),
  ],
  [
    /^openstack-config --set (\S+) (\S+) (\S+) (.+)$/,
    ([, file, section, option, value]) =>
      `test "$(openstack-config --get ${file} ${section} ${option})" = "$(printf %s ${value})"`,
  ],
  [/^chkconfig (\S+) on$/, ([, name]) => `chkconfig --list ${name} | grep -q 3:on`],
  // Neutron's tables are made by neutron-server when it starts.
  [
    /^openstack-db --init --service (\S+)/,
    ([, name = '']) => (name === 'neutron' ? hasDatabase(name) : hasTables(name)),
  ],
  [/"(keystone|glance|nova|cinder)-manage db[_ ]sync"/, ([, name = '']) => hasTables(name)],
  [/neutron-db-manage/, () => hasTables('neutron')],
  [/^CREATE DATABASE (\w+)/, ([, name = '']) => hasDatabase(name)],
  [
    /^GRANT ALL ON (\w+)\.\* TO '(\w+)'@'(.+?)'/,
    ([, db, user, host]) => row('mysql.db', `Db='${db}' AND User='${user}' AND Host='${host}'`),
  ],

  [
    /^keystone (tenant|user|role|service)-create/,
    ([, what]) => row(`keystone.${what === 'tenant' ? 'project' : what}`, `id = '<made>'`),
  ],
  [/^keystone endpoint-create/, () => row('keystone.endpoint', `'<made>' IN (id, legacy_endpoint_id)`)],
  [
    /^keystone user-role-add --user[= ](\S+)/,
    ([, user]) => row('keystone.assignment a JOIN keystone.user u ON u.id = a.actor_id', `u.name = '${user}'`),
  ],
  [/^glance image-create/, () => `test -s /var/lib/glance/images/<made> && ${row('glance.images', `id = '<made>'`)}`],
  [
    /^glance member-create (\S+) (\S+)/,
    ([, image, tenant]) => `glance member-list --image-id <ref:image.${image}> | grep -q ${tenant}`,
  ],
  [
    /^glance member-delete (\S+) (\S+)/,
    ([, image, tenant]) => `! glance member-list --image-id <ref:image.${image}> | grep -q ${tenant}`,
  ],
  [/^neutron net-create/, () => row('neutron.networks', `id = '<made>'`)],
  [/^neutron subnet-create/, () => row('neutron.subnets', `id = '<made>'`)],
  [/^neutron router-create/, () => row('neutron.routers', `id = '<made>'`)],
  [/^neutron router-interface-add/, () => 'ip netns exec qrouter-<ref:router.demo-router> ip link show | grep -q qr-'],
  [/^neutron router-gateway-set/, () => 'ip netns exec qrouter-<ref:router.demo-router> ip link show | grep -q qg-'],
  [/^neutron floatingip-create/, () => row('neutron.floatingips', `id = '<made>'`)],
  [/^nova boot/, () => row('nova.instances', `id = '<made>'`)],
  [/^nova keypair-add .* (\S+)$/, ([, name]) => row('nova.keypairs', `name = '${name}'`)],
  [
    /^nova floating-ip-associate \S+ (\S+)/,
    ([, ip]) => `ip netns exec qrouter-<ref:router.demo-router> iptables-save -t nat | grep -q ${ip}`,
  ],
  [/^cinder create/, () => row('cinder.volumes', `id = '<made>'`)],
  [/^nova volume-attach/, () => `${inGuest} test -b /dev/vdb`],
  [
    /^keystone-manage pki_setup/,
    () => 'test -s /etc/keystone/ssl/certs/signing_cert.pem && test -s /etc/keystone/ssl/private/signing_key.pem',
  ],

  [/^export (\w+)=/, ([, name]) => `printenv ${name} >/dev/null`],
  [/^unset (\w+)$/, ([, name]) => `! printenv ${name}`],
  [/^echo .* > (\S+)$/, ([, file]) => `test -s ${file}`],
  [/^mkdir (\S+)$/, ([, folder]) => `test -d ${folder}`],
  [/^cd (\S+)$/, ([, folder]) => `test "$PWD" = ${folder}`],
  [/^cp (\S+) (\S+)$/, ([, from, to]) => `cmp ${from} ${to}`],
  [/^ln -s (\S+) (\S+)$/, ([, to, link]) => `test "$(readlink ${link})" = ${to} && test -e ${link}`],
  [/^chown -R (\S+) (\S+)$/, ([, owner, path]) => `test "$(stat -c %U:%G ${path})" = ${owner}`],
  [/^chmod -R o-rwx (\S+)$/, ([, path]) => `test -z "$(find ${path} -perm /007 ! -type l)"`],
  [/^sed -i .*s,(\S+),(\S+),g' (\S+)$/, ([, old, , file]) => `! grep -q ${old} ${file}`],
  [/^sed -i .* (\/etc\/qpidd.conf)$/, ([, file]) => `grep -qx auth=no ${file}`],
  [/^chromium .*http:\/\/controller\/dashboard$/, () => signsIn],
  [/^killall (\S+)$/, ([, name]) => `! pgrep -x ${name}`],
  [/^sysctl -p$/, () => 'test "$(sysctl -n net.ipv4.conf.default.rp_filter)" = 0'],
  [/^ssh-keygen/, () => 'test -s ~/.ssh/id_rsa.pub'],

  [/^ip netns add (\S+)$/, ([, ns]) => `ip netns list | grep -qw ${ns}`],
  [/^ip netns delete (\S+)$/, ([, ns]) => `! ip netns list | grep -qw ${ns}`],
  [/^ip link add (\S+) type veth peer name (\S+)$/, ([, a, b]) => `ip link show ${a} && ip link show ${b}`],
  [/^ip link set (\S+) netns (\S+)$/, ([, link, ns]) => `ip -n ${ns} link show ${link}`],
  [
    /^(ip netns exec \S+ )?ip link set (\S+) (up|down)$/,
    ([, at = '', link, state]) => `${state === 'up' ? '' : '! '}${at}ip -br link show up dev ${link} | grep -q .`,
  ],
  [
    /^(ip netns exec \S+ )?ip addr add (\S+) dev (\S+)$/,
    ([, at = '', address, link]) => `${at}ip -br addr show ${link} | grep -qF ${address}`,
  ],
  [
    /^(ip netns exec \S+ )?ifconfig (\S+) (\S+) up$/,
    ([, at = '', link, address]) => `${at}ip -br addr show ${link} | grep -qF ${address}`,
  ],
  [/^brctl addbr (\S+)$/, ([, bridge]) => `test -d /sys/class/net/${bridge}/bridge`],
  [/^brctl addif (\S+) (\S+)$/, ([, bridge, link]) => `test -e /sys/class/net/${bridge}/brif/${link}`],
  [/^(ip netns exec \S+ )?iptables -t nat -A (.*)$/, ([, at = '', rule]) => `${at}iptables -t nat -C ${rule}`],
  [/^ovs-vsctl add-br (\S+)$/, ([, bridge]) => `ovs-vsctl br-exists ${bridge} && ip link show ${bridge}`],
  [/^ovs-vsctl add-port (\S+) (\S+)/, ([, bridge, port]) => `ovs-vsctl list-ports ${bridge} | grep -qx ${port}`],
  [
    /^ovs-vsctl br-set-external-id (\S+) (\S+) (\S+)$/,
    ([, bridge, key, value]) => `test "$(ovs-vsctl br-get-external-id ${bridge} ${key})" = ${value}`,
  ],
];

/** Shell lines that must succeed after the command; `<made>` stands for the id that it gave. */
export function effectsOf({ config, file }: Command, typed: string): readonly string[] {
  const found = rules.flatMap(([of, holds]) => {
    const match = of.exec(typed);
    return match ? [holds(match)] : [];
  });
  if (config && !typed.startsWith('openstack-config'))
    found.push(`grep -qxF ${quote(`${config.option} = ${config.value}`)} ${config.file}`);
  for (const line of file?.content.split('\n') ?? [])
    if (line !== '' && line !== '...') found.push(`grep -qxF ${quote(line)} ${file?.path}`);
  return found;
}
