import type { GroupPolicy } from '#api/compute/server-groups.ts';
import { catalogue } from '#i18n/catalogue.ts';

export const groupTexts = catalogue(
  {
    create: 'New server group',
    emptyTitle: 'No server groups yet',
    empty:
      'A server group tells the scheduler which instances belong apart (so that a broken host takes only one of them) or together. Instances join it when they are launched.',
    policy: 'Policy',
    members: 'Members',
    noMembers: 'No members: choose the group under “Advanced” when you launch instances.',
    membersOf: (name: string) => `Members of ${name}`,
    gone: (id: string) => `${id} (another project’s, or gone)`,
    policyName: (policy: GroupPolicy) =>
      ({
        'anti-affinity': 'Apart',
        affinity: 'Together',
        'soft-anti-affinity': 'Apart if possible',
        'soft-affinity': 'Together if possible',
      })[policy],
    policyText: (policy: GroupPolicy) =>
      ({
        'anti-affinity': 'Each member on another host; an instance for which there is none does not start.',
        affinity: 'All members on one host; when it is full, no more start.',
        'soft-anti-affinity': 'Spread over hosts as far as there are enough of them.',
        'soft-affinity': 'On as few hosts as possible; others are used when one is full.',
      })[policy],
    maxPerHost: 'Members per host',
    maxPerHostHint: 'How many may share a host; 1 unless given',
    noName: 'Give it a name.',
    deleteTitle: (n: number) => (n === 1 ? 'Delete the server group?' : `Delete ${n} server groups?`),
    deleteText: 'Its members go on as they are; they are no longer kept apart or together when they move.',
    show: 'Show the members',
  },
  {
    create: '新建主机组',
    emptyTitle: '还没有主机组',
    empty:
      '主机组告诉调度器哪些云主机应当分开（一台物理主机故障时只影响其中一台），哪些应当放在一起。云主机在创建时加入主机组。',
    policy: '策略',
    members: '成员',
    noMembers: '没有成员：创建云主机时可在“高级”中选择此组。',
    membersOf: (name) => `${name} 的成员`,
    gone: (id) => `${id}（属于其他项目或已删除）`,
    policyName: (policy) =>
      ({
        'anti-affinity': '分开',
        affinity: '集中',
        'soft-anti-affinity': '尽量分开',
        'soft-affinity': '尽量集中',
      })[policy],
    policyText: (policy) =>
      ({
        'anti-affinity': '每个成员在不同的物理主机上；没有可用主机时创建失败。',
        affinity: '所有成员在同一台物理主机上；该主机满后不能再创建。',
        'soft-anti-affinity': '在主机数量允许的情况下分散放置。',
        'soft-affinity': '尽量放在少数主机上；一台放满后使用其他主机。',
      })[policy],
    maxPerHost: '每台主机的成员数',
    maxPerHostHint: '一台主机上最多可放的成员数，默认为 1',
    noName: '请输入名称。',
    deleteTitle: (n) => (n === 1 ? '删除该主机组？' : `删除 ${n} 个主机组？`),
    deleteText: '成员云主机保持不变，但以后迁移时不再保证分开或集中。',
    show: '查看成员',
  },
);
