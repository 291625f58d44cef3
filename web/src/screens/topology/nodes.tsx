import { ThemeIcon } from '@mantine/core';
import { IconRouter, IconServer2, IconStack2 } from '@tabler/icons-react';
import type { Node, NodeProps } from '@xyflow/react';
import { Status } from '#ui/status.tsx';
import { NetworkKind } from '../networks/columns.tsx';
import { called } from '../networks/names.ts';
import type { Bar, Device } from './graph.ts';
import { useWords } from './words.ts';
import classes from './topology.module.css';

export type BarNode = Node<{ bar: Bar; color: string; open: boolean }, 'bar'>;
export type DeviceNode = Node<{ device: Device; floating: boolean; open: boolean }, 'device'>;

/** A network: a bar with its name on top. */
export function BarView({ data: { bar, color, open } }: NodeProps<BarNode>) {
  const words = useWords();
  return (
    <div className={classes['bar']} style={{ '--bar': color } as React.CSSProperties}>
      <div className={classes['head']} {...(open && { 'data-open': true })}>
        <div className={classes['name']}>{called(bar.network)}</div>
        <div className={classes['detail']}>{words.barDetail(bar)}</div>
        <NetworkKind network={bar.network} />
      </div>
    </div>
  );
}

const icons = { router: IconRouter, guest: IconServer2, stack: IconStack2 };

/** A router, a guest or a stack of guests. */
export function DeviceView({ data: { device, floating, open } }: NodeProps<DeviceNode>) {
  const words = useWords();
  const Icon = icons[device.kind];
  return (
    <div className={classes['device']} data-kind={device.kind} {...(open && { 'data-open': true })}>
      <ThemeIcon variant="light" size="md" color={device.kind === 'router' ? 'ice' : 'gray'}>
        <Icon size={18} />
      </ThemeIcon>
      <div className={classes['words']}>
        <div className={classes['name']}>{words.title(device)}</div>
        <div className={classes['detail']} title={words.detail(device, floating)}>
          {words.detail(device, floating)}
        </div>
      </div>
      <DeviceStatus device={device} />
    </div>
  );
}

function DeviceStatus({ device }: { readonly device: Device }) {
  if (device.kind === 'stack') return null;
  if (device.kind === 'guest')
    return <Status status={device.guest.status} task={device.guest['OS-EXT-STS:task_state']} />;
  return device.router.admin_state_up ? <Status status={device.router.status} /> : <Status status="ADMIN" tone="off" />;
}

export const nodeTypes = { bar: BarView, device: DeviceView };
