import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useFormat } from '#i18n/format.ts';
import { KEPT_SECONDS } from './rates.ts';

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

const HEIGHT = 170;
/** The scale of what is nearly nothing, bytes a second. */
const FLOOR = 1024;
const colors = {
  light: { lines: ['#076577', '#b35900'], grid: '#e3e7ea', text: '#5c6770' },
  dark: { lines: ['#4dbbcf', '#ffb066'], grid: '#33383c', text: '#a6b0b8' },
} as const;

/** Values over the last ten minutes. For the eyes only: the same is told in words beside it. */
export function Chart({
  times,
  lines,
  format,
  maximum,
}: {
  /** Seconds since 1970, growing. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** Where the scale ends; by the values unless given. */
  readonly maximum?: number | undefined;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  const names = lines.map(({ name }) => name).join();
  const zoned = useFormat();
  /** `08:03` */
  const clock = (time: number): string => zoned.clock(new Date(time * 1000).toISOString()).slice(0, 5);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const { lines: strokes, grid, text } = colors[scheme];
    const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: '11px system-ui' };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { sync: { key: 'metrics' }, y: false, drag: { x: false, y: false } },
        scales: {
          x: { time: true, range: (_plot, _low, high) => [high - KEPT_SECONDS, high] },
          y: { range: (_plot, _low, high) => [0, maximum ?? Math.max(FLOOR, high * 1.15)] },
        },
        axes: [
          { ...axis, space: 80, size: 26, values: (_plot, splits) => splits.map((time) => clock(time)) },
          { ...axis, size: 76, values: (_plot, splits) => splits.map(format) },
        ],
        series: [
          {},
          ...names.split(',').map((label, at) => ({
            label,
            stroke: strokes[at] ?? strokes[0],
            width: 1.75,
            // Not by colour alone.
            ...(at > 0 && { dash: [6, 4] }),
            points: { show: false },
          })),
        ],
      },
      [[], ...names.split(',').map(() => [])],
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Values come by the effect below; the plot itself is made once per look.
  }, [scheme, names, maximum]);
  useEffect(() => {
    plot.current?.setData([[...times], ...lines.map(({ values }) => [...values])]);
  });
  return <div ref={place} aria-hidden style={{ height: HEIGHT, overflow: 'hidden' }} />;
}
