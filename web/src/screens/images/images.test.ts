import { describe, expect, it } from 'vitest';
import type { Image } from '#api/image/images.ts';
import { formatByName, formatOf, HEAD_BYTES, nameOfFile } from './detect-format.ts';
import { commandWords, propertiesOf, propertyTrouble, stepsBetween, valuesOf } from './properties.ts';
import { secondsLeft, speedOf, withSample, type Sample } from './speed.ts';

const head = (mark: string, at = 0): Uint8Array => {
  const bytes = new Uint8Array(HEAD_BYTES);
  bytes.set(
    Array.from(mark, (char) => char.charCodeAt(0)),
    at,
  );
  return bytes;
};

describe('what a file is', () => {
  it.each([
    ['QFI\xfb', 0, 'qcow2'],
    ['KDMV', 0, 'vmdk'],
    ['vhdxfile', 0, 'vhdx'],
    ['conectix', 0, 'vhd'],
    ['\x7f\x10\xda\xbe', 0x40, 'vdi'],
    ['CD001', 0x8001, 'iso'],
    ['\x1f\x8b\x08', 0, 'compressed'],
    ['\xfd7zXZ', 0, 'compressed'],
    ['\xebc\x90', 0, null],
  ])('is told by %j at %i: %s', (mark, at, format) => expect(formatOf(head(mark, at))).toBe(format));
  it('may be shorter than all marks', () => expect(formatOf(new Uint8Array(3))).toBeNull());
  it.each([
    ['debian-12.qcow2', 'qcow2'],
    ['x.ISO', 'iso'],
    ['x.img', null],
    ['x.img.xz', 'compressed'],
    ['x', null],
  ])('is promised by the name %s: %s', (name, format) => expect(formatByName(name)).toBe(format));
  it.each([
    ['https://x/y/debian-12%20a.qcow2?z=1', 'debian-12 a'],
    ['cirros-0.6.2.img', 'cirros-0.6.2'],
    ['50%.raw', '50%'],
  ])('%s is named %s', (path, name) => expect(nameOfFile(path)).toBe(name));
});

describe('the speed of an upload', () => {
  it('is that of the last seconds', () => {
    let samples: readonly Sample[] = [];
    for (const sample of [
      { at: 0, sent: 0 },
      { at: 1000, sent: 10_000_000 },
    ])
      samples = withSample(samples, sample);
    expect(speedOf(samples)).toBe(10_000_000);
    for (let at = 2000; at <= 12_000; at += 1000) samples = withSample(samples, { at, sent: 10_000_000 + at });
    expect(speedOf(samples)).toBe(1000);
    expect(secondsLeft(0, 5000, 1000)).toBe(5);
  });
  it('is not guessed from one moment', () => {
    expect(speedOf(withSample([], { at: 0, sent: 1 }))).toBeNull();
    expect(secondsLeft(0, 5000, null)).toBeNull();
  });
});

describe("an image's changes", () => {
  const image = {
    ...{ id: 'i', name: 'a', status: 'active', visibility: 'private', protected: false, os_hidden: false },
    ...{ min_disk: 1, min_ram: 0, tags: ['x'], size: 1, owner: 'p', checksum: null, os_glance_import_task: 't' },
    ...{ os_type: 'linux', 'a/b~c': '1', stores: 'file', schema: '', memberStatus: 'pending' },
  } as unknown as Image;
  const before = valuesOf(image);
  it('know properties from attributes', () => {
    expect(propertiesOf(image)).toEqual([
      { key: 'a/b~c', value: '1' },
      { key: 'os_type', value: 'linux' },
    ]);
  });
  it('are none when nothing has changed', () => {
    expect(stepsBetween(before, { ...before, tags: ['x'] })).toEqual([]);
    expect(commandWords(before, before)).toEqual({ set: [], unset: [] });
  });
  it('are the fewest steps', () => {
    const after = {
      ...before,
      ...({ name: 'b', protected: true, visibility: 'shared', tags: ['y'] } as const),
      properties: [
        { key: 'os_type', value: 'windows' },
        { key: 'hw_disk_bus', value: 'scsi' },
        { key: '', value: '' },
      ],
    };
    expect(stepsBetween(before, after)).toEqual([
      { op: 'replace', path: '/name', value: 'b' },
      { op: 'replace', path: '/visibility', value: 'shared' },
      { op: 'replace', path: '/protected', value: true },
      { op: 'replace', path: '/tags', value: ['y'] },
      { op: 'remove', path: '/a~1b~0c' },
      { op: 'replace', path: '/os_type', value: 'windows' },
      { op: 'add', path: '/hw_disk_bus', value: 'scsi' },
    ]);
    expect(commandWords(before, after)).toEqual({
      set: [
        ...[['--name', 'b'], ['--shared'], ['--protected'], ['--tag', 'y']],
        ['--property', 'os_type=windows'],
        ['--property', 'hw_disk_bus=scsi'],
      ],
      unset: [
        ['--tag', 'x'],
        ['--property', 'a/b~c'],
      ],
    });
  });
  it('cannot be saved with a key twice or one of Glance’s own', () => {
    const pair = (key: string) => ({ key, value: '' });
    expect(propertyTrouble({ ...before, properties: [pair('a'), pair('a')] })).toEqual({ what: 'twice', key: 'a' });
    expect(propertyTrouble({ ...before, properties: [pair('size')] })).toEqual({ what: 'reserved', key: 'size' });
    expect(propertyTrouble({ ...before, properties: [pair(''), pair('')] })).toBeNull();
  });
});
