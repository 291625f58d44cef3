import { ThemeIcon } from '@mantine/core';
import { IconRouter, IconServer2, IconStack2 } from '@tabler/icons-react';
import type { Node, NodeProps } from '@xyflow/react';
import { useText } from '#i18n/catalogue.ts';
import { Status } from '#ui/status.tsx';
import { NetworkKind } from '../networks/columns.tsx';
import { called } from '../networks/names.ts';
import { RouterStatus } from '../routers/columns.tsx';
import type { Bar, Device } from './graph.ts';
import { topologyTexts } from './texts.ts';
import { useWords } from './words.ts';
import classes from './topology.module.css';

export type BarNode = Node<{ bar: Bar; color: string; open: boolean }, 'bar'>;
/** @param on names of its networks: lines say it to the eye */
export type DeviceNode = Node<{ device: Device; on: string; floating: boolean; open: boolean }, 'device'>;

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
export function DeviceView({ data: { device, on, floating, open } }: NodeProps<DeviceNode>) {
  const t = useText(topologyTexts);
  const words = useWords();
  const Icon = icons[device.kind];
  const detail = words.detail(device, floating);
  return (
    <div className={classes['device']} data-kind={device.kind} {...(open && { 'data-open': true })}>
      <ThemeIcon variant="light" size="md" color={device.kind === 'router' ? 'ice' : 'gray'}>
        <Icon size={18} />
      </ThemeIcon>
      <div className={classes['words']}>
        <div className={classes['title']}>
          <span className={classes['name']}>{words.title(device)}</span>
          <DeviceStatus device={device} />
        </div>
        <div className={classes['detail']} title={detail}>
          {detail}
        </div>
        {on !== '' && <span className="visually-hidden">{t.on(on)}</span>}
      </div>
    </div>
  );
}

function DeviceStatus({ device }: { readonly device: Device }) {
  if (device.kind === 'stack') return null;
  if (device.kind === 'router') return <RouterStatus router={device.router} />;
  return <Status status={device.guest.status} task={device.guest['OS-EXT-STS:task_state']} />;
}

export const nodeTypes = { bar: BarView, device: DeviceView };
