import { existsSync } from 'node:fs';
import type { Daemon } from '#common/daemon.ts';
import { consoleProxyDaemon } from '../console-proxy/daemon.ts';
import { pageServer } from './pages.ts';

/** nova-novncproxy: the screen of a server in a browser. It has no row in `services`, as in Icehouse. */
export const novaNovncproxy: Daemon = consoleProxyDaemon('nova-novncproxy', ({ DEFAULT: conf }, log) => {
  const pages = existsSync(conf.web);
  if (!pages)
    log.warn(
      `There are no noVNC pages in ${conf.web}: install the package novnc. Consoles still open for clients that bring their own.`,
    );
  return {
    type: 'novnc',
    host: conf.novncproxy_host,
    port: conf.novncproxy_port,
    portOption: 'novncproxy_port',
    detail: [`noVNC pages: ${pages ? conf.web : `none in ${conf.web}`}`],
    page: pageServer(conf.web),
  };
});
