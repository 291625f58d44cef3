import { Alert, Button, Group, Popover, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { belowUse, parseLimit, UNLIMITED } from '#api/usage/quota-rules.ts';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { uiTexts } from '#ui/texts.ts';
import { draftOf } from './limit-draft.ts';
import { LimitInput } from './limit-input.tsx';
import { useResourceWords } from './resource-words.ts';
import { quotaTexts } from './texts.ts';
import classes from './quotas.module.css';

export interface LimitEditorProps {
  readonly resource: string;
  /** What it is the limit of, over the form and for screen readers. */
  readonly label: string;
  readonly now: number;
  /** Null where use means nothing: defaults. */
  readonly used: number | null;
  /** What projects have without a limit of their own. */
  readonly standard?: number | undefined;
  /** @param below whether it is set below what is used */
  readonly save: (limit: number, below: boolean) => Promise<void>;
  /** What is pressed to change it. */
  readonly children: ReactNode;
}

/** A limit that is changed in place. */
export function LimitEditor(props: LimitEditorProps) {
  const t = useText(quotaTexts);
  const [open, setOpen] = useState(false);
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      trapFocus
      returnFocus
      withinPortal
      shadow="md"
      width={320}
      position="bottom"
      // Above table rows and dialogs.
      zIndex={400}
    >
      <Popover.Target>
        <UnstyledButton className={classes['edit'] ?? ''} title={t.changeLimit} onClick={() => setOpen((was) => !was)}>
          <span className={classes['content']}>
            <span className="visually-hidden">{props.label}: </span>
            {props.children}
          </span>
          <IconPencil size={13} className={classes['pencil'] ?? ''} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <LimitForm {...props} close={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function LimitForm({
  resource,
  label,
  now,
  used,
  standard,
  save,
  close,
}: LimitEditorProps & { readonly close: () => void }) {
  const t = useText(quotaTexts);
  const ui = useText(uiTexts);
  const words = useResourceWords();
  const [draft, setDraft] = useState(() => draftOf(now));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const limit = draft.unlimited ? UNLIMITED : parseLimit(draft.text);
  const below = limit !== null && used !== null && belowUse(limit, used);
  const send = async (): Promise<void> => {
    if (limit === null || busy) return;
    if (limit === now) return close();
    setBusy(true);
    setError(null);
    try {
      await save(limit, below);
      close();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        // The popover's form may lie, in React's tree, in another form.
        event.stopPropagation();
        void send();
      }}
    >
      <Stack gap="xs">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {label}
        </Text>
        <LimitInput resource={resource} label={t.limit} draft={draft} onChange={setDraft} focus />
        {used !== null && (
          <Text size="xs" c="dimmed">
            {t.inUse(words.amount(resource, used))}
          </Text>
        )}
        {below && (
          <Alert color="orange" variant="light" p="xs" role="status">
            {t.belowUse(words.amount(resource, used))}
          </Alert>
        )}
        {standard !== undefined && standard !== limit && (
          <Button size="compact-xs" variant="subtle" onClick={() => setDraft(draftOf(standard))}>
            {t.takeDefault(words.limit(resource, standard))}
          </Button>
        )}
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={close} disabled={busy}>
            {ui.cancel}
          </Button>
          <Button size="xs" type="submit" loading={busy} disabled={limit === null}>
            {ui.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
