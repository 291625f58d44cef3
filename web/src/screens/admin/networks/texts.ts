import { catalogue } from '#i18n/catalogue.ts';

/** Words of the administrators' networking screen. */
export const adminNetworkTexts = catalogue(
  {
    networks: 'Networks',
    subnets: 'Subnets',
    routers: 'Routers',
    floatingIps: 'Floating IPs',
    ports: 'Ports',
    kinds: 'Kinds of things',
    network: 'Network',
    provider: 'Provider',
    agents: 'Hosted on',
    nowhere: 'no agent',
    unowned: 'the cloud',
    createNetwork: 'Create network',
    createRouter: 'Create router',
    allocate: 'Allocate floating IPs',
    none: 'There is nothing of this kind in any project.',
  },
  {
    networks: '网络',
    subnets: '子网',
    routers: '路由器',
    floatingIps: '浮动 IP',
    ports: '端口',
    kinds: '对象类别',
    network: '网络',
    provider: '物理实现',
    agents: '承载主机',
    nowhere: '无代理',
    unowned: '云平台',
    createNetwork: '创建网络',
    createRouter: '创建路由器',
    allocate: '分配浮动 IP',
    none: '所有项目中都没有此类对象。',
  },
);
