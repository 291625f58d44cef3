import { describe, expect, it } from 'vitest';
import { parseUpOptions } from './options.ts';

describe('options of igloo up', () => {
  it('have defaults that bind to loopback and install what is missing', () => {
    expect(parseUpOptions([])).toMatchObject({
      bind: '127.0.0.1',
      portOffset: 0,
      detach: false,
      virt: 'auto',
      network: 'auto',
      bare: false,
      noInstall: false,
    });
  });

  it.each([
    [['--virt', 'xen'], '--virt takes auto, libvirt, qemu, fake; not "xen".'],
    [['--port-offset', '1.5'], '--port-offset takes a whole number'],
    [['--port-offset', '60000'], '--port-offset takes a whole number'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['--bind'], 'argument missing'],
  ])('%j is one clear line', (argv, message) => {
    expect(() => parseUpOptions(argv)).toThrow(message);
    try {
      parseUpOptions(argv);
    } catch (error) {
      expect((error as Error).message).not.toContain('\n');
    }
  });
});
