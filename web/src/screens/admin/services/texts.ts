import { catalogue } from '#i18n/catalogue.ts';

/** Words of switching daemons on and off. */
export const serviceTexts = catalogue(
  {
    enabling: (what: string) => `Enabling ${what}…`,
    enabled: (what: string) => `${what}: enabled`,
    notEnabled: (what: string) => `${what} could not be enabled`,
    disableTitle: (what: string) => `Disable ${what}`,
    some: (n: number) => `${n} services`,
    forcedDown: 'Declared dead by an administrator',
  },
  {
    enabling: (what) => `正在启用 ${what}…`,
    enabled: (what) => `${what}：已启用`,
    notEnabled: (what) => `${what} 未能启用`,
    disableTitle: (what) => `禁用 ${what}`,
    some: (n) => `${n} 个服务`,
    forcedDown: '管理员已声明其失效',
  },
);
