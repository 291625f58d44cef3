import { describe, expect, it } from 'vitest';
import { graphOf } from './graph.ts';
import { layoutOf, neighbour, sizes, type Layout } from './layout.ts';
import { cloud, guest, leg, network, plug, router } from './testing.ts';

const layout = (): Layout =>
  layoutOf(
    graphOf(
      cloud({
        networks: [network('public', true), network('lan'), network('dmz'), network('third')],
        routers: [router('edge', 'public'), router('wide', 'public')],
        ports: [
          leg('edge', 'lan'),
          leg('wide', 'third'),
          plug('a', 'lan'),
          plug('b', 'lan'),
          plug('both', 'lan'),
          plug('both', 'dmz'),
          plug('c', 'dmz'),
        ],
        guests: [guest('a'), guest('b'), guest('both'), guest('c'), guest('loose')],
      }),
      '',
      new Set(),
    ),
  );
const box = (id: string) => layout().devices.find((one) => one.id === id);

describe('the layout', () => {
  it('puts the outside left and what leads to the inside between', () => {
    const { bars } = layout();
    expect(bars.map(({ id }) => id)).toEqual(['public', 'lan', 'third', 'dmz']);
    expect(box('edge')?.x).toBeGreaterThan(0);
    expect(box('edge')?.x).toBeLessThan(bars[1]?.x ?? 0);
    expect(box('a')?.x).toBeGreaterThan(bars[1]?.x ?? 0);
  });
  it('draws nothing over anything', () => {
    const { devices, lines } = layout();
    for (const one of devices)
      for (const other of devices)
        if (one !== other)
          expect(one.x + one.width <= other.x || other.x + other.width <= one.x || one.y !== other.y).toBe(true);
    for (const line of lines)
      for (const device of devices) {
        const [left, right] = [Math.min(line.from, line.to), Math.max(line.from, line.to)];
        const crosses =
          line.device !== device.id &&
          left < device.x + device.width &&
          device.x < right &&
          line.y > device.y &&
          line.y < device.y + device.height;
        expect(crosses).toBe(false);
      }
  });
  it('ends every line at its bar', () => {
    const { bars, lines } = layout();
    for (const line of lines) {
      const bar = bars.find(({ id }) => id === line.bar);
      expect([bar?.x, (bar?.x ?? 0) + sizes.bar]).toContain(line.to);
    }
    expect(lines.filter(({ device }) => device === 'both')).toHaveLength(2);
    expect(lines.filter(({ device }) => device === 'loose')).toHaveLength(0);
  });
  it('has room for a cloud without anything', () => {
    expect(layoutOf({ bars: [], devices: [] })).toMatchObject({ bars: [], devices: [], lines: [] });
  });
});

describe('arrow keys', () => {
  const to = (from: string, direction: 'up' | 'down' | 'left' | 'right') => {
    const { bars, devices } = layout();
    return neighbour([...bars, ...devices], from, direction);
  };
  it('go along the lane and over the bars', () => {
    expect(to('edge', 'right')).toBe('lan');
    expect(to('lan', 'left')).not.toBeNull();
    expect(to('a', 'down')).toBe('b');
    expect(to('b', 'up')).toBe('a');
    expect(to('public', 'left')).toBeNull();
    expect(to('nobody', 'left')).toBeNull();
  });
});
