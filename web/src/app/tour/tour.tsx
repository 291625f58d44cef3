import { lazy, Suspense } from 'react';
import { useTourStep } from './tour-state.ts';

const Steps = lazy(() => import('./steps.tsx').then(({ Steps }) => ({ default: Steps })));

/** The first-run tour: nothing is loaded for those who have seen it. */
export function Tour() {
  const step = useTourStep();
  return step === null ? null : (
    <Suspense>
      <Steps step={step} />
    </Suspense>
  );
}
