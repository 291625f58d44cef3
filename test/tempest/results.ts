import { parseCsv } from './csv.ts';
import { shortId, type WantedTest } from './lists.ts';

export type Status = 'passed' | 'failed' | 'skipped' | 'not-run';
export interface Result extends WantedTest {
  readonly status: Status;
  readonly seconds: number;
}

const statuses: Readonly<Record<string, Status>> = {
  success: 'passed',
  xfail: 'passed',
  failure: 'failed',
  error: 'failed',
  uxsuccess: 'failed',
  skip: 'skipped',
};

/**
 * What became of each wanted test.
 * @param csv of `subunit2csv`: test, status, start_time, stop_time
 */
export function resultsOf(wanted: readonly WantedTest[], csv: string): readonly Result[] {
  const [, ...lines] = parseCsv(csv);
  const found = new Map<string, { status: Status; seconds: number }>();
  const classes = new Map<string, Status>();
  for (const [test = '', status = '', begun = '', ended = ''] of lines) {
    const outcome = statuses[status] ?? 'failed';
    // A class whose set-up failed or was skipped speaks for all of its tests.
    const setUp = /^(?:setUpClass|tearDownClass) \((.*)\)$/.exec(test);
    if (setUp) {
      if (outcome !== 'passed') classes.set(setUp[1] ?? '', outcome);
    } else found.set(shortId(test), { status: outcome, seconds: (Date.parse(ended) - Date.parse(begun)) / 1000 });
  }
  return wanted.map((test) => {
    const own = found.get(test.id);
    const ofClass = classes.get(test.id.slice(0, test.id.lastIndexOf('.')));
    return { ...test, status: own?.status ?? ofClass ?? 'not-run', seconds: own?.seconds ?? 0 };
  });
}
