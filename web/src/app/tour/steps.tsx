import { Button, CloseButton, Group, Paper, Text, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useText } from '#i18n/catalogue.ts';
import { endTour, goToStep } from './tour-state.ts';
import { tourTexts } from './texts.ts';
import classes from './steps.module.css';

/** A card in the corner: it covers nothing that one needs, and waits. */
export function Steps({ step }: { readonly step: number }) {
  const t = useText(tourTexts);
  const navigate = useNavigate();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (step > 0) heading.current?.focus();
  }, [step]);
  const steps = [
    { title: t.s1, text: t.s1t, to: null },
    { title: t.s2, text: t.s2t, to: '/keypairs' },
    { title: t.s3, text: t.s3t, to: '/launch' },
    { title: t.s4, text: t.s4t, to: '/instances' },
    { title: t.s5, text: t.s5t, to: '/floating-ips' },
  ] as const;
  const now = steps[step] ?? steps[0];
  const last = step >= steps.length - 1;
  const advance = (): void => {
    const next = steps[step + 1];
    if (!next) return endTour();
    goToStep(step + 1);
    if (next.to !== null) void navigate({ to: next.to });
  };
  return (
    <Paper withBorder shadow="lg" p="md" className={classes['card'] ?? ''} component="section" aria-label={t.tour}>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t.count(step + 1, steps.length)}
        </Text>
        <CloseButton aria-label={t.skip} onClick={endTour} />
      </Group>
      <Title order={2} size="h5" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
        {now.title}
      </Title>
      <Text size="sm" my="xs">
        {now.text}
      </Text>
      <Group justify="space-between">
        <Button size="xs" variant="subtle" onClick={() => (step === 0 ? endTour() : goToStep(step - 1))}>
          {step === 0 ? t.skip : t.back}
        </Button>
        <Button size="xs" onClick={advance}>
          {last ? t.end : t.next}
        </Button>
      </Group>
    </Paper>
  );
}
