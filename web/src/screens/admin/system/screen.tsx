import { SimpleGrid } from '@mantine/core';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { Page } from '#ui/page.tsx';
import { ConsoleSection } from './console-section.tsx';
import { CapacitySection, CountsSection } from './counts-section.tsx';
import { QuotasSection } from './quotas-section.tsx';
import { ServicesSection } from './services-section.tsx';
import { useProbes } from './use-probes.ts';

/** The cloud as a whole: what it consists of, how it is, how full. */
export function Screen() {
  const app = useText(appTexts);
  const probes = useProbes();
  return (
    <Page title={app.system}>
      <ServicesSection probes={probes} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <ConsoleSection probes={probes} />
      </SimpleGrid>
      <CountsSection />
      <CapacitySection />
      <QuotasSection />
    </Page>
  );
}
