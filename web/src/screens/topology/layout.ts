import type { Graph } from './graph.ts';

/** Pixels. */
export const sizes = { bar: 14, lane: 300, device: 232, deviceHeight: 64, row: 80, top: 104 } as const;

export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
/** A line from a device to a bar. */
export interface Line {
  readonly id: string;
  readonly device: string;
  readonly bar: string;
  readonly from: number;
  readonly to: number;
  readonly y: number;
}
export interface Layout {
  readonly bars: readonly Box[];
  readonly devices: readonly Box[];
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

/**
 * Networks stand as bars side by side; the lane right of each holds what hangs on it. A thing on several networks stands left
 * of the second of them, and keeps its row free in all lanes that its lines cross: nothing is ever drawn over anything.
 */
export function layoutOf({ bars, devices }: Graph): Layout {
  const column = new Map(bars.map(({ id }, at) => [id, at]));
  const taken: Set<number>[] = bars.map(() => new Set());
  const last = Math.max(0, bars.length - 1);
  const placed = devices
    .map((device) => {
      const at = [...new Set(device.plugs.flatMap(({ network }) => column.get(network) ?? []))].toSorted(
        (a, b) => a - b,
      );
      const lane = at.length > 1 ? (at[1] ?? 1) - 1 : (at[0] ?? last);
      return { device, at, lane, from: at[0] ?? lane, to: at.length > 1 ? (at.at(-1) ?? lane) - 1 : lane };
    })
    // Routers first, then what spans most: what is left fits between.
    .toSorted(
      (a, b) =>
        Number(b.device.kind === 'router') - Number(a.device.kind === 'router') || b.to - b.from - (a.to - a.from),
    )
    .map(({ device, at, lane, from, to }) => {
      const row = freeRow(taken, from, to);
      for (let crossed = from; crossed <= to; crossed++) taken[crossed]?.add(row);
      return { device, at, lane, row };
    });
  const rows = Math.max(1, ...placed.map(({ row }) => row + 1));
  const height = sizes.top + rows * sizes.row;
  return {
    bars: bars.map(({ id }, at) => ({ id, x: at * sizes.lane, y: 0, width: sizes.bar, height })),
    devices: placed.map(({ device, lane, row }) => ({
      id: device.id,
      x: deviceX(lane),
      y: sizes.top + row * sizes.row,
      width: sizes.device,
      height: sizes.deviceHeight,
    })),
    lines: placed.flatMap(({ device, at, lane, row }) =>
      at.map((bar, nth) => ({
        id: `${device.id}/${bars[bar]?.id}`,
        device: device.id,
        bar: bars[bar]?.id ?? '',
        from: bar <= lane ? deviceX(lane) : deviceX(lane) + sizes.device,
        to: bar <= lane ? bar * sizes.lane + sizes.bar : bar * sizes.lane,
        // Several lines to the same side keep apart.
        y: sizes.top + row * sizes.row + sizes.deviceHeight / 2 + spread(nth, at.length),
      })),
    ),
    width: Math.max(1, bars.length) * sizes.lane,
    height,
  };
}

const deviceX = (lane: number): number => lane * sizes.lane + sizes.bar + (sizes.lane - sizes.bar - sizes.device) / 2;

const spread = (nth: number, count: number): number =>
  count < 2 ? 0 : Math.max(-24, Math.min(24, (nth - (count - 1) / 2) * Math.min(12, 48 / (count - 1))));

function freeRow(taken: readonly ReadonlySet<number>[], from: number, to: number): number {
  for (let row = 0; ; row++) if (!taken.slice(from, to + 1).some((lane) => lane.has(row))) return row;
}

export type Direction = 'up' | 'down' | 'left' | 'right';

const gap = (a0: number, a1: number, b0: number, b1: number): number => Math.max(0, b0 - a1, a0 - b1);

/** The box that one gets to from another by an arrow key: near in the direction, not far aside. Null: none there. */
export function neighbour(boxes: readonly Box[], from: string, direction: Direction): string | null {
  const here = boxes.find(({ id }) => id === from);
  if (!here) return null;
  const across = direction === 'left' || direction === 'right';
  const sign = direction === 'left' || direction === 'up' ? -1 : 1;
  const middle = (box: Box): number => (across ? box.x + box.width / 2 : box.y + box.height / 2);
  const aside = (box: Box): number =>
    across
      ? gap(here.y, here.y + here.height, box.y, box.y + box.height)
      : gap(here.x, here.x + here.width, box.x, box.x + box.width);
  const best = boxes
    .filter((box) => box.id !== from && sign * (middle(box) - middle(here)) > 1)
    // Up and down stay within the lane.
    .filter((box) => across || aside(box) === 0)
    .map((box) => ({ box, cost: sign * (middle(box) - middle(here)) + 2 * aside(box) }))
    .toSorted((a, b) => a.cost - b.cost || a.box.y - b.box.y)[0];
  return best?.box.id ?? null;
}
