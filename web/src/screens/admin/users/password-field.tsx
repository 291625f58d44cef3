import { ActionIcon, Button, Group, PasswordInput, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { generatePassword } from '#api/identity/generate-password.ts';
import { useText } from '#i18n/catalogue.ts';
import { CopyButton } from '#ui/copy.tsx';
import { userTexts } from './texts.ts';

/** A password that is offered rather than thought up: generated, shown on demand, copied. */
export function PasswordField({
  label,
  value,
  onChange,
  disabled = false,
  focus = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (password: string) => void;
  readonly disabled?: boolean;
  readonly focus?: boolean;
}) {
  const t = useText(userTexts);
  return (
    <PasswordInput
      label={label}
      description={t.passwordHint}
      required
      autoComplete="new-password"
      disabled={disabled}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      inputContainer={(input) => (
        <Group gap="xs" wrap="nowrap" align="center">
          <div style={{ flex: 1 }}>{input}</div>
          <CopyButton text={value} label={t.copyPassword} />
          <Button
            size="sm"
            variant="default"
            disabled={disabled}
            visibleFrom="sm"
            leftSection={<IconRefresh size={14} />}
            onClick={() => onChange(generatePassword())}
          >
            {t.generate}
          </Button>
          <Tooltip label={t.generate}>
            <ActionIcon
              size="lg"
              variant="default"
              disabled={disabled}
              hiddenFrom="sm"
              aria-label={t.generate}
              onClick={() => onChange(generatePassword())}
            >
              <IconRefresh size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      )}
      {...(focus && { 'data-autofocus': true })}
    />
  );
}
