import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram, missingPrograms } from '#common/host/privileges.ts';
import { run } from '#common/host/run.ts';
import { buildGuestImage, type GuestImage } from './build.ts';

// The image is built, and booted twice: with a network and a metadata service, then with a config drive.
const missing = missingPrograms([
  ...['apt-get', 'mke2fs', 'mcopy', 'syslinux', 'qemu-img', 'qemu-system-x86_64'],
  ...['genisoimage', 'ssh', 'ssh-keygen', 'busybox'],
]);
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.warn(`The guest image is not tested: ${missing.join(', ')} missing.`);

const guests = new Set<Guest>();

/** A guest under plain QEMU, spoken to over its serial console. */
class Guest {
  readonly #qemu: ChildProcess;
  #changed = (): void => undefined;
  console = '';

  constructor(dir: string, disk: string, options: readonly string[]) {
    const overlay = join(dir, 'overlay.qcow2');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', disk, overlay, '1G']);
    const machine = ['-accel', 'tcg,tb-size=64', '-m', '128', '-display', 'none', '-vga', 'cirrus', '-nodefaults'];
    const devices = ['-drive', `file=${overlay},if=virtio`, '-device', 'virtio-rng-pci', '-serial', 'stdio'];
    const qmp = ['-qmp', `unix:${join(dir, 'qmp')},server=on,wait=off`];
    this.#qemu = spawn('qemu-system-x86_64', [...machine, ...devices, ...qmp, ...options]);
    for (const stream of [this.#qemu.stdout, this.#qemu.stderr])
      stream?.on('data', (data: Buffer) => {
        this.console += data.toString('latin1').replaceAll('\r', '');
        this.#changed();
      });
    this.#qemu.on('exit', () => this.#changed());
    guests.add(this);
  }

  /** Waits until the console shows the pattern after `from`; gives what matched. */
  async see(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(30_000);
    deadline.onabort = () => this.#changed();
    for (;;) {
      const found = pattern.exec(this.console.slice(from));
      if (found) return found;
      if (deadline.aborted || this.#qemu.exitCode !== null)
        throw new Error(`${pattern} is not on the console, which ends with:\n${this.console.slice(-3000)}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  async #type(line: string, answer: RegExp): Promise<RegExpExecArray> {
    const from = this.console.length;
    this.#qemu.stdin?.write(`${line}\n`);
    return this.see(answer, from);
  }

  async logIn(): Promise<void> {
    await this.see(/ login: $/);
    await this.#type('cirros', /Password: $/);
    await this.#type('gocubsgo', /\n\$ /);
  }

  /** Runs a command line; gives its output and status. */
  async sh(line: string): Promise<string> {
    // The quotes keep the echo of what is typed from looking like the answer.
    const typed = `echo "[""answer]"; ${line}; echo "[""$?]"`;
    const [, output, status] = await this.#type(typed, /\[answer\]\n([^]*?)\[(\d+)\]\n/);
    const said = output?.replace(/^\[ *\d+\.\d+\] .*\n/gm, ''); // without what the kernel said in between
    return `${said}${status === '0' ? '' : `status ${status}`}`.trim();
  }

  async qmp(dir: string, ...commands: object[]): Promise<void> {
    const socket = connect(join(dir, 'qmp'));
    for (const command of [{ execute: 'qmp_capabilities' }, ...commands]) {
      socket.write(JSON.stringify(command));
      let answer = '';
      while (!/"(return|error)"/.test(answer)) answer += String((await once(socket, 'data'))[0]);
      expect(answer).not.toContain('"error"');
    }
    socket.destroy();
  }

  async end(): Promise<void> {
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null) await once(this.#qemu, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#qemu.kill('SIGKILL');
    await this.end();
    guests.delete(this);
  }
}

describe.skipIf(skip)('the guest image', () => {
  let dir: string;
  let image: GuestImage;
  let publicKeys: string[];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'igloo-guest-'));
    // Kept between runs, so that they do not download 30 MB each.
    const cacheDir = join(import.meta.dirname, '../../../node_modules/.cache/igloo-image');
    image = await buildGuestImage({ outDir: dir, cacheDir, parts: true, run, log: () => undefined });
    for (const kind of ['ed25519', 'rsa'])
      execFileSync('ssh-keygen', ['-q', '-t', kind, '-N', '', '-C', `test ${kind}`, '-f', join(dir, kind)]);
    publicKeys = await Promise.all(['ed25519', 'rsa'].map((kind) => readFile(join(dir, `${kind}.pub`), 'utf8')));
  });
  afterAll(async () => {
    for (const guest of guests) await guest[Symbol.asyncDispose](); // a test that timed out has not come to it
    await rm(dir, { recursive: true, force: true });
  });

  const metadata = (hostname: string): string =>
    JSON.stringify({
      uuid: `uuid-of-${hostname}`,
      // Spoils naive readers: a quote, a brace, and a key that looks like another.
      meta: { note: 'say "uuid": "wrong" }', hostname: 'wrong.novalocal' },
      files: [{ content_path: '/content/0000', path: '/etc/personal/motd' }],
      public_keys: { 'key.one': publicKeys[0], two: publicKeys[1] },
      hostname: `${hostname}.novalocal`,
      name: hostname,
    });

  it('was built as a disk, and as kernel, initrd and root file system', async () => {
    for (const file of [image.disk, image.kernel, image.initrd, image.root]) expect(existsSync(file ?? '')).toBe(true);
    const facts = JSON.parse((await run(['qemu-img', 'info', '--output=json', image.disk])).stdout);
    expect(facts).toMatchObject({ format: 'qcow2', 'virtual-size': 48 * 1024 * 1024 });
    expect(facts).not.toHaveProperty('backing-filename');
  });

  it('takes its address and its metadata from the network, and lets the keys in', async () => {
    const asked: string[] = [];
    const server: Server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const answers: Record<string, string> = {
        '/openstack/latest/meta_data.json': metadata('net-guest'),
        '/openstack/latest/user_data': '#!/bin/sh\necho "user data ran as $(id -un) $$" | tee -a /root/ran\n',
        '/openstack/content/0000': 'hello\n',
      };
      const answer = answers[request.url ?? ''];
      response.writeHead(answer === undefined ? 404 : 200).end(answer);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const sshPort = await freePort();
    try {
      const { port } = server.address() as AddressInfo;
      const relay = `guestfwd=tcp:169.254.169.254:80-cmd:${findProgram('busybox')} nc 127.0.0.1 ${port}`;
      const net = `user,id=net0,net=169.254.169.0/24,${relay},hostfwd=tcp:127.0.0.1:${sshPort}-:22`;
      await using guest = new Guest(dir, image.disk, [
        ...['-netdev', net, '-device', 'virtio-net-pci,netdev=net0,romfile=,mac=fa:16:3e:00:00:01'],
      ]);
      await guest.see(/net-guest login: $/);
      expect(guest.console).toMatch(/\] Linux version .*-cloud-amd64/); // the kernel's own messages
      expect(guest.console).toMatch(/eth0: lease of 169\.254\.169\.\d+\/24 obtained/);
      expect(guest.console).toContain('=== datasource: metadata service (openstack) ===');
      expect(guest.console).toContain('user data ran as root');
      for (const kind of ['ed25519', 'rsa']) {
        const options = [
          'StrictHostKeyChecking=no',
          'UserKnownHostsFile=/dev/null',
          'IdentitiesOnly=yes',
          'BatchMode=yes',
        ];
        const argv = ['-p', String(sshPort), '-i', join(dir, kind), ...options.flatMap((one) => ['-o', one])];
        const { stdout } = await run([
          'ssh',
          ...argv,
          'cirros@127.0.0.1',
          "sudo -n sh -c 'id -un; cat /etc/personal/motd'",
        ]);
        expect(stdout).toBe('root\nhello\n');
      }
      expect(asked).toContain('/openstack/latest/user_data');
    } finally {
      server.close();
    }
  });

  it('takes its metadata from a config drive, grows its disk and meets new hardware', async () => {
    const files = {
      'openstack/latest/meta_data.json': metadata('drive-guest'),
      'openstack/latest/user_data': '#!/bin/sh\necho "user data ran"\n',
      'openstack/content/0000': 'hello\n',
    };
    for (const [file, text] of Object.entries(files)) {
      await mkdir(join(dir, 'drive', file, '..'), { recursive: true });
      await writeFile(join(dir, 'drive', file), text);
    }
    const iso = join(dir, 'disk.config');
    const names = ['-ldots', '-allow-lowercase', '-allow-multidot', '-l', '-J', '-r'];
    await run(['genisoimage', '-quiet', '-o', iso, ...names, '-V', 'config-2', join(dir, 'drive')]);
    const [swap, ephemeral, volume] = ['swap', 'ephemeral', 'volume'].map((name) => join(dir, name));
    for (const file of [swap, ephemeral, volume]) {
      await writeFile(file as string, '');
      await truncate(file as string, 64 * 1024 * 1024);
      await chmod(file as string, 0o600);
    }
    await run(['mkswap', swap as string]);
    await run(['mke2fs', '-q', '-t', 'ext3', '-L', 'ephemeral0', ephemeral as string]);

    await using guest = new Guest(dir, image.disk, [
      ...['-drive', `file=${ephemeral},if=virtio,format=raw`, '-drive', `file=${swap},if=virtio,format=raw`],
      ...['-drive', `file=${iso},if=ide,media=cdrom,format=raw`],
      ...['-chardev', `socket,id=agent,path=${join(dir, 'agent')},server=on,wait=off`, '-device', 'virtio-serial-pci'],
      ...['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
    ]);
    await guest.logIn();
    expect(guest.console).toContain('=== datasource: config drive (/dev/sr0) ===');
    expect(guest.console).toContain('user data ran');
    expect(await guest.sh('hostname')).toBe('drive-guest');
    expect(await guest.sh('sudo whoami')).toBe('root');
    expect(await guest.sh("sudo sh -c 'echo \"$0 $1\"' 'it is' \"so's\"")).toBe("it is so's");
    expect(await guest.sh('cat /etc/personal/motd')).toBe('hello');
    expect((await guest.sh('cat .ssh/authorized_keys')).split('\n')).toEqual(publicKeys.map((key) => key.trim()));
    const megabytes = Number(await guest.sh("df -m / | awk 'END{print $2}'"));
    expect(megabytes).toBeGreaterThan(950);
    expect(await guest.sh('grep -c /dev/vdc /proc/swaps')).toBe('1');
    expect(await guest.sh('grep -c "/dev/vdb /mnt ext" /proc/mounts')).toBe('1');

    const secret = Buffer.from('n€w "secret"').toString('base64');
    expect(
      await askAgent(join(dir, 'agent'), [
        { execute: 'guest-sync', arguments: { id: 4711 } },
        { execute: 'guest-set-user-password', arguments: { username: 'cirros', password: secret, crypted: false } },
        {
          execute: 'guest-set-user-password',
          arguments: { username: 'nobody-here', password: secret, crypted: false },
        },
        { execute: 'guest-get-time' },
      ]),
    ).toEqual([
      { return: 4711 },
      { return: {} },
      { error: { class: 'GenericError', desc: 'there is no such user' } },
      { error: { class: 'CommandNotFound', desc: 'not known here' } },
    ]);
    expect(await guest.sh(`echo 'n€w "secret"' | su -c 'echo it is me' cirros 2>&1 | tail -n 1`)).toBe('it is me');

    await guest.qmp(
      dir,
      {
        execute: 'blockdev-add',
        arguments: { 'node-name': 'new', driver: 'raw', file: { driver: 'file', filename: volume } },
      },
      { execute: 'device_add', arguments: { driver: 'virtio-blk-pci', id: 'new', drive: 'new' } },
      { execute: 'netdev_add', arguments: { type: 'user', id: 'net1', net: '10.9.8.0/24' } },
      { execute: 'device_add', arguments: { driver: 'virtio-net-pci', id: 'nic1', netdev: 'net1' } },
    );
    await guest.see(/ vdd:|\[vdd\]/);
    expect(await guest.sh('sudo mkfs.ext4 -q /dev/vdd && sudo mount /dev/vdd /tmp')).toBe('');
    expect(await guest.sh('lsblk -lb --nodeps')).toMatch(
      /^NAME .* TYPE MOUNTPOINT\n[^]*^vdd +\d+:\d+ +0 +67108864 +0 disk \/tmp$/m,
    );
    const address = 'ip -4 addr show eth0 | grep "inet 10.9.8."';
    expect(await guest.sh(`until ${address}; do usleep 100000; done`)).toMatch(/^inet 10\.9\.8\.\d+\/24/);
    await guest.qmp(dir, { execute: 'system_powerdown' });
    await guest.see(/reboot: Power down/);
    await guest.end();
  });
});

/** What QEMU's guest agent answers to each question. */
async function askAgent(path: string, questions: readonly object[]): Promise<unknown[]> {
  const socket = connect(path);
  const answers: unknown[] = [];
  for (const question of questions) {
    socket.write(`${JSON.stringify(question)}\n`);
    let answer = '';
    while (!answer.endsWith('\n')) answer += String((await once(socket, 'data'))[0]);
    answers.push(JSON.parse(answer));
  }
  socket.destroy();
  return answers;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
