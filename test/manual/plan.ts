import type { Command, Expect } from './commands.ts';
import { inGuest, rootPassword } from './effects.ts';

/** How a command is run here when it is not run as it stands. */
export interface Step {
  /** Not run, and why. */
  readonly skip?: string;
  /** Run in another form, and why; without it the command counts as the manual's own. */
  readonly replaced?: string;
  readonly command?: string;
  readonly expect?: Partial<Expect>;
  /** What is typed when it asks. */
  readonly input?: string;
  /** Typed before, so that the command finds what the manual's reader would have. */
  readonly before?: string;
  /** Seconds within which repeating it shows what the manual shows: something has to happen first. */
  readonly within?: number;
  /** Run when this command has been: only then can it be. */
  readonly after?: string;
  /** Typed at the same time on the other host of a lab. */
  readonly beside?: { readonly host: 'host1' | 'host2'; readonly line: string };
}

const formOnly: Step = { skip: 'a form with placeholders, not a command' };
const noRpm = 'there are no RPM packages: Igloo’s part is brought, the machine’s programs stand for the rest';
const notCirros = 'Igloo’s own test image stands for the CirrOS one';
/** Printed by the test image instead of the size and checksum of the manual's. */
const ownImage = { checksum: '<ref:test-image.md5>', size: '<ref:test-image.size>' };

const imageFields = (sample: Expect): Partial<Expect> => ({ fields: { ...sample.fields, ...ownImage } });
const imageRows = ({ rows = [] }: Expect): Partial<Expect> => ({
  rows: rows.map((row) => row.map((cell, column) => (column === 4 ? ownImage.size : cell))),
});
const getImage = (arch: string): Step => ({
  replaced: notCirros,
  command: `cp /usr/share/igloo/test-image.img cirros-0.3.3-${arch}-disk.img`,
});
const showImage: Step = {
  replaced: notCirros,
  expect: { patterns: ['^image: cirros-0.3.3', '^file format: qcow2$', '^virtual size: '] },
};
/** Chromium cannot shut itself in where it is root. */
const browse = (url: string): string =>
  `chromium --headless --no-sandbox --disable-gpu --user-data-dir=/tmp/browser --virtual-time-budget=5000 --dump-dom ${url}`;
const interrupted = (command: string): Step => ({ command: `timeout --preserve-status -s INT 3 ${command}` });
/** What an interface of the lab's router sees while the other host's namespace pings. */
const seen = (link: string): Step => ({
  command: `timeout 10 ip netns exec router0 tcpdump -l -c 4 -i ${link} -nn icmp`,
  beside: { host: 'host2', line: 'ip netns exec ns0 ping -c 4 192.168.0.81' },
});
const dropped = (database: string): Step => ({
  before: `mysql -uroot -p${rootPassword} -e 'DROP DATABASE ${database}'`,
});
const typedInGuest = (command: string): Step => ({
  after: 'M403',
  command: `${inGuest} ${command}`,
  within: 60,
  expect: { patterns: ['3 packets transmitted, 3 (packets )?received, 0% packet loss'] },
});

const steps: Readonly<Record<string, Step | ((command: Command) => Step)>> = {
  M001: {},
  // No password yet, no socket login, a new password twice, then yes to everything.
  M006: { input: `\nn\ny\n${rootPassword}\n${rootPassword}\ny\ny\ny\ny\n` },
  M032: { command: 'keystone help user-create' },
  M094: getImage('i386'),
  M095: getImage('x86_64'),
  M096: showImage,
  M097: showImage,
  M098: formOnly,
  M099: ({ expect }) => ({ replaced: notCirros, expect: imageFields(expect) }),
  M100: ({ expect }) => ({ replaced: notCirros, expect: imageFields(expect) }),
  M101: ({ expect }) => ({ replaced: notCirros, expect: imageRows(expect) }),
  M102: ({ expect }) => ({ replaced: notCirros, expect: imageFields(expect) }),
  M103: { command: 'glance member-create cirros-0.3.3-i386 <ref:tenant.demo>' },
  M104: { command: 'glance member-delete cirros-0.3.3-i386 <ref:tenant.demo>' },
  M107: { replaced: 'a RabbitMQ stands for Qpid' },
  M153: { within: 30, expect: { sort: 'none' } }, // all wait for the conductor: who is registered first is chance
  M175: {
    replaced: 'on a machine without hardware virtualisation grep counts 0 and says so by its status',
    command: "egrep -c '(vmx|svm)' /proc/cpuinfo || true",
  },
  M176: {
    replaced: 'no KVM in here: QEMU emulates',
    command: 'openstack-config --set /etc/nova/nova.conf libvirt virt_type qemu',
  },
  M184: { within: 60 },
  M060: dropped('glance'),
  M115: dropped('nova'),
  M188: dropped('neutron'),
  M407: dropped('cinder'),
  M269: { before: 'dnsmasq --port=0' }, // libvirt's, on the manual's hosts
  M295: { command: 'ovs-vsctl add-port br-ex eth2' },
  M359: formOnly,
  M362: formOnly,
  M368: ({ expect }) => ({
    command: 'ip netns exec qrouter-<ref:router.demo-router> ip addr show',
    within: 30,
    // Without Open vSwitch in the kernel a router's interface is one end of a pair: `qr-62483af0-fd@if8`.
    expect: { patterns: (expect.patterns ?? []).map((pattern) => pattern.replace('{2}: <', '{2}(?:@if\\d+)?: <')) },
  }),
  M378: {
    replaced: 'a browser without a screen prints the page that it shows',
    command: browse('http://controller/dashboard'),
  },
  M379: { input: '\n' },
  M389: ({ expect }) => ({
    // However fast the boot is, the manual's reader sees it in one of these states.
    expect: {
      rows: (expect.rows ?? []).map(([id = '', name = '', , , , networks = '']) => [
        id,
        name,
        '<any>',
        '<any>',
        '<any>',
        networks,
      ]),
    },
    within: 30,
  }),
  M390: { within: 120 },
  M391: { within: 120, expect: { patterns: ['demo-i1 login:'] } },
  M393: { skip: 'a viewer on the reader’s own screen' },
  M394: {
    replaced: 'no screen: the display is asked for its greeting',
    command: 'timeout 5 head -c 12 </dev/tcp/127.0.0.1/5900',
    expect: { type: 'text', patterns: ['^RFB 003\\.008$'] },
  },
  M396: typedInGuest('ping -c 3 192.168.27.1'),
  M397: typedInGuest('ping -c 3 172.16.200.151'),
  M398: typedInGuest('ping -c 3 172.16.0.1'),
  M401: { within: 30 },
  M432: { expect: { patterns: ['Physical volume "/dev/sdb" successfully created'] } },
  M457: { within: 60 },
  M458: { command: 'nova volume-attach demo-i1 <ref:volume.demoVolume>' },
  M459: { within: 60 },
  M464: { before: 'ip netns add ns0' }, // M463 shows how it is deleted; the lab goes on with it
  M460: {
    expect: {
      patterns: ['^Usage:\\s+ip netns list', 'ip netns add NAME', 'netns delete', 'netns exec', 'ip netns monitor'],
    },
  },
  M477: { within: 5 },
  M478: { within: 5 },
  M479: interrupted('ping 10.0.10.1'),
  M480: interrupted('ip netns exec ns0 ping 10.0.10.2'),
  M488: { within: 5 },
  M489: interrupted('ip netns exec ns0 ping 10.0.10.3'),
  M490: interrupted('ip netns exec ns1 ping 10.0.10.1'),
  M491: { expect: { exit: 1 } }, // it has always taken `help` for a command that it does not know; now it says so by its status
  M517: interrupted('ip netns exec nsX ping 10.0.20.2'),
  M518: interrupted('ip netns exec nsY ping 10.0.20.3'),
  M519: interrupted('ip netns exec nsZ ping 10.0.20.1'),
  M572: { ...interrupted('ip netns exec ns0 ping 192.168.22.2'), within: 10 },
  M573: {
    replaced: 'the switch works in userspace: what eth1 sends is seen on the card below it',
    command: 'timeout 10 tcpdump -l -c 4 -i nic1 -nn proto gre',
    beside: { host: 'host1', line: 'ip netns exec ns0 ping -c 4 192.168.22.2' },
  },
  M596: { ...interrupted('ip netns exec ns0 ping 192.168.0.81'), within: 10 },
  M597: seen('geth0'),
  M598: seen('reth0'),
  M599: { command: "virsh dumpxml $(nova show demo-i1 | awk '/instance_name/ {print $4}')" },
};

/** Alternatives with a loop begin where the single commands did: with the services down. */
function loop(command: string): Step | undefined {
  const match = /^for svc in ([^;]+); do service (\S*\$\{?svc\}?\S*) (start|restart);/.exec(command);
  if (!match) return undefined;
  const [, list = '', name = '', action] = match;
  const started = list.split(' ').map((svc) => `Starting ${name.replace(/\$\{?svc\}?/, svc)}: \\[  OK  \\]`);
  return {
    ...(action === 'start' && { before: `for svc in ${list}; do service ${name} stop; done` }),
    expect: { type: 'text', patterns: started.map((line) => `^${line}$`) },
  };
}

function byForm(command: Command): Step {
  const { command: line, config } = command;
  if (line.startsWith('yum ')) return { replaced: noRpm };
  if (config?.option === 'rpc_backend') {
    const set = `openstack-config --set ${config.file} DEFAULT`;
    return {
      replaced: 'a RabbitMQ stands for Qpid',
      command: `${set} rpc_backend rabbit`,
      before: `${set} rabbit_host controller`,
    };
  }
  if (line === 'mysql -uroot -p') return { input: `${rootPassword}\nquit\n`, expect: { type: 'not-shown' } };
  if (line.startsWith('openstack-db ')) return { input: `${rootPassword}\n` };
  return loop(line) ?? {};
}

/** How a command is run. */
export function stepOf(command: Command): Step {
  const own = steps[command.id];
  return { ...byForm(command), ...(typeof own === 'function' ? own(command) : own) };
}
