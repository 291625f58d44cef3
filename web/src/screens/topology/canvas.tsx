import { useComputedColorScheme } from '@mantine/core';
import { Background, ReactFlow, ViewportPortal, type ReactFlowInstance } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { called } from '../networks/names.ts';
import { barColor } from './colors.ts';
import type { Graph } from './graph.ts';
import { layoutOf, neighbour, type Box, type Direction, type Layout } from './layout.ts';
import { nodeTypes, type BarNode, type DeviceNode } from './nodes.tsx';
import { topologyTexts } from './texts.ts';
import classes from './topology.module.css';

type AnyNode = BarNode | DeviceNode;

const directions: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};
const noEdges: never[] = [];
/** Text stays readable: what does not fit is panned to. */
const LEAST_ZOOM = 0.7;

export interface CanvasProps {
  readonly graph: Graph;
  readonly floating: boolean;
  /** What the side panel shows. */
  readonly openId: string | null;
  readonly open: (id: string) => void;
  /** Changes when everything shall be brought into view. */
  readonly fits: number;
}

/** The picture. In a file of its own: xyflow is loaded only when it is looked at. */
export function Canvas({ graph, floating, openId, open, fits }: CanvasProps) {
  const t = useText(topologyTexts);
  const scheme = useComputedColorScheme('light');
  const layout = useMemo(() => layoutOf(graph), [graph]);
  const nodes = useNodes(graph, layout, floating, openId);
  const frame = useRef<HTMLDivElement>(null);
  const [flow, setFlow] = useState<ReactFlowInstance<AnyNode> | null>(null);
  const { width, height } = layout;
  const started = (instance: ReactFlowInstance<AnyNode>): void => {
    setFlow(instance);
    const room = frame.current?.getBoundingClientRect();
    const zoom = Math.min(1, (room?.width ?? width) / (width + 32), (room?.height ?? height) / (height + 32));
    void instance.setViewport({ x: 16, y: 16, zoom: Math.max(LEAST_ZOOM, zoom) });
  };
  useEffect(() => {
    if (fits > 0) void flow?.fitBounds({ x: 0, y: 0, width, height }, { padding: 0.04 });
    // Only when asked: the view stays where it is while things come and go.
  }, [fits]);

  const keys = (event: KeyboardEvent): void => {
    const id = (event.target as Element).closest<HTMLElement>('.react-flow__node')?.dataset['id'];
    if (id === undefined) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      open(id);
      return;
    }
    const direction = directions[event.key];
    if (!direction) return;
    event.preventDefault();
    const boxes: readonly Box[] = [...layout.bars, ...layout.devices];
    const next = neighbour(boxes, id, direction);
    if (next !== null)
      frame.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(next)}"]`)?.focus();
  };

  return (
    <div ref={frame} className={classes['canvas']} onKeyDown={keys}>
      <ReactFlow<AnyNode>
        nodes={nodes}
        edges={noEdges}
        nodeTypes={nodeTypes}
        colorMode={scheme}
        onInit={started}
        onNodeClick={(_event, node) => open(node.id)}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panOnScroll
        minZoom={0.1}
        maxZoom={1.5}
        aria-label={t.canvas}
        ariaLabelConfig={{ 'node.a11yDescription.default': t.nodeHint }}
      >
        <Background gap={24} />
        <ViewportPortal>
          <Lines graph={graph} layout={layout} />
        </ViewportPortal>
      </ReactFlow>
    </div>
  );
}

function useNodes(graph: Graph, layout: Layout, floating: boolean, openId: string | null): AnyNode[] {
  const t = useText(topologyTexts);
  return useMemo(() => {
    const boxes = new Map([...layout.bars, ...layout.devices].map((box) => [box.id, box]));
    const names = new Map(graph.bars.map(({ id, network }) => [id, called(network)]));
    // Known sizes: nothing has to be measured before it is shown.
    const placed = (id: string) => {
      const { x, y, width, height } = boxes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
      return { id, position: { x, y }, width, height, measured: { width, height } };
    };
    return [
      ...graph.bars.map((bar, at): BarNode => ({
        ...placed(bar.id),
        type: 'bar',
        ariaRole: 'button',
        domAttributes: { 'aria-roledescription': t.network },
        data: { bar, color: barColor(bar.network['router:external'], at), open: openId === bar.id },
      })),
      ...graph.devices.map((device): DeviceNode => ({
        ...placed(device.id),
        type: 'device',
        ariaRole: 'button',
        domAttributes: { 'aria-roledescription': device.kind === 'router' ? t.router : t.instance },
        data: {
          device,
          on: device.plugs.map(({ network }) => names.get(network) ?? '').join(', '),
          floating,
          open: openId === device.id,
        },
      })),
    ];
  }, [graph, layout, floating, openId, t]);
}

/** All lines in one drawing: they lead from a device to its bars, straight. */
function Lines({ graph, layout }: { readonly graph: Graph; readonly layout: Layout }) {
  const colors = new Map(
    graph.bars.map(({ id, network }, at) => [id, barColor(network['router:external'], at)] as const),
  );
  return (
    <svg className={classes['lines']} width={layout.width} height={layout.height} aria-hidden>
      {layout.lines.map(({ id, bar, from, to, y }) => (
        <line key={id} x1={from} x2={to} y1={y} y2={y} stroke={colors.get(bar)} strokeWidth={4} />
      ))}
    </svg>
  );
}
