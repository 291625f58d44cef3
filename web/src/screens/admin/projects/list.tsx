import { useText } from '#i18n/catalogue.ts';
import { appTexts } from '#app/texts.ts';
import { Page } from '#ui/page.tsx';

export function Screen() {
  const t = useText(appTexts);
  return <Page title={t.projects}>…</Page>;
}
