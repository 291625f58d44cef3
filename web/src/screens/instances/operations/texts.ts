import { catalogue } from '#i18n/catalogue.ts';

/** Words of the log of operations; actions as Nova names them. */
export const operationTexts = catalogue(
  {
    title: 'Operations',
    started: 'Started',
    took: 'Took',
    you: 'you',
    steps: 'Steps',
    stepsOf: (action: string) => `Steps of ${action}`,
    step: 'Step',
    result: 'Result',
    success: 'Done',
    error: 'Failed',
    running: 'Running',
    progress: (done: number, total: number) => `${done} of ${total} steps`,
    none: 'Nothing was done to it yet, or it was long ago.',
    noSteps: 'No steps: it was done at once.',
    traceback: 'What administrators read',
  },
  {
    title: '操作记录',
    started: '开始时间',
    took: '耗时',
    you: '您',
    steps: '步骤',
    stepsOf: (action) => `“${action}”的步骤`,
    step: '步骤',
    result: '结果',
    success: '完成',
    error: '失败',
    running: '进行中',
    progress: (done, total) => `${done} / ${total} 步`,
    none: '尚无操作，或操作已过去很久。',
    noSteps: '没有步骤：已立即完成。',
    traceback: '管理员可见的详情',
  },
);
