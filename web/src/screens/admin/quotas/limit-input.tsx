import { Checkbox, Group, TextInput } from '@mantine/core';
import { parseLimit } from '#api/usage/quota-rules.ts';
import { useText } from '#i18n/catalogue.ts';
import type { LimitDraft } from './limit-draft.ts';
import { unitOf } from './resource-words.ts';
import { quotaTexts } from './texts.ts';

/** A limit: a number, or none. */
export function LimitInput({
  resource,
  label,
  draft,
  onChange,
  placeholder,
  emptyAllowed = false,
  focus = false,
}: {
  readonly resource: string;
  readonly label: string;
  readonly draft: LimitDraft;
  readonly onChange: (draft: LimitDraft) => void;
  readonly placeholder?: string;
  readonly emptyAllowed?: boolean;
  readonly focus?: boolean;
}) {
  const t = useText(quotaTexts);
  const unit = unitOf(resource);
  const wrong = !draft.unlimited && !(emptyAllowed && draft.text.trim() === '') && parseLimit(draft.text) === null;
  return (
    <Group gap="sm" align="flex-start" wrap="nowrap">
      <TextInput
        label={unit === null ? label : `${label} (${unit})`}
        inputMode="numeric"
        flex={1}
        value={draft.unlimited ? '' : draft.text}
        disabled={draft.unlimited}
        {...(draft.unlimited ? { placeholder: t.unlimited } : placeholder !== undefined && { placeholder })}
        error={wrong ? t.invalid : undefined}
        onChange={(event) => onChange({ text: event.currentTarget.value, unlimited: false })}
        {...(focus && { 'data-autofocus': true })}
      />
      <Checkbox
        mt={32}
        label={t.unlimited}
        aria-label={`${label}: ${t.unlimited}`}
        checked={draft.unlimited}
        onChange={(event) => onChange({ ...draft, unlimited: event.currentTarget.checked })}
      />
    </Group>
  );
}
