import { Button, Group, Loader, Paper, SegmentedControl, Select, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo } from 'react';
import { projects } from '#api/identity/identity.ts';
import { useList } from '#api/resource.ts';
import { appTexts } from '#app/texts.ts';
import { useText } from '#i18n/catalogue.ts';
import { ErrorNotice } from '#ui/error-notice.tsx';
import { operationKinds, operationLabel } from '#ui/operation-label.ts';
import { Page } from '#ui/page.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useUrlText } from '#ui/use-url-text.ts';
import { useProjectName } from '../project-name.ts';
import { adminTexts } from '../texts.ts';
import { filtered, type Entry } from './merge.ts';
import { OperationRow } from './operation-row.tsx';
import classes from './operations.module.css';
import { operationsTexts } from './texts.ts';
import { useOperations, type Which } from './use-operations.ts';
import { useUserName } from './use-user-name.ts';

/** What is being done, and was, in the whole cloud: Nova's and Cinder's journals together. */
export function Screen() {
  const t = useText(operationsTexts);
  const admin = useText(adminTexts);
  const app = useText(appTexts);
  const ui = useText(uiTexts);
  const [which, setWhich] = useUrlText('show');
  const [kind, setKind] = useUrlText('kind');
  const [project, setProject] = useUrlText('project');
  const [text, setText] = useUrlText('q');
  const words = useDeferredValue(text);
  const projectName = useProjectName();
  const userName = useUserName();
  const { data: allProjects = [] } = useList(projects);
  const shown: Which = which === 'active' || which === 'failed' ? which : 'all';
  const { entries, error, more, reading } = useOperations(shown, kind === '' ? null : kind);
  const rows = useMemo(() => {
    const textOf = (one: Entry): string =>
      [
        operationLabel(one.kind),
        one.kind,
        one.resource_name,
        one.resource_id,
        one.request_id,
        projectName(one.project_id),
        userName(one.user_id),
        one.failure?.message,
      ].join('\n');
    return filtered(entries ?? [], { project: project === '' ? null : project, text: words }, textOf);
  }, [entries, project, words, projectName, userName]);
  return (
    <Page title={app.operations}>
      <Group gap="xs">
        <SegmentedControl
          size="sm"
          aria-label={t.which}
          value={shown}
          onChange={(value) => setWhich(value === 'all' ? '' : value)}
          data={[
            { value: 'all', label: admin.everything },
            { value: 'active', label: admin.onlyActive },
            { value: 'failed', label: admin.onlyFailed },
          ]}
        />
        <Select
          aria-label={admin.kind}
          placeholder={t.anyKind}
          clearable
          searchable
          w={210}
          value={kind === '' ? null : kind}
          onChange={(value) => setKind(value ?? '')}
          data={operationKinds.map((value) => ({ value, label: t.kindOf(operationLabel(value), value) }))}
        />
        <Select
          aria-label={ui.project}
          placeholder={t.anyProject}
          clearable
          searchable
          w={170}
          value={project === '' ? null : project}
          onChange={(value) => setProject(value ?? '')}
          data={allProjects.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <TextInput
          aria-label={t.text}
          placeholder={t.textHint}
          leftSection={<IconSearch size={16} />}
          w={270}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Text size="sm" c="dimmed" role="status">
          {entries && t.shown(rows.length, entries.length)}
        </Text>
      </Group>
      {error != null && <ErrorNotice error={error} />}
      {!entries ? (
        <Group role="status">
          <Loader size="sm" />
          <Text>{ui.loading}</Text>
        </Group>
      ) : (
        <>
          {rows.length === 0 ? (
            <Text size="sm">{entries.length === 0 ? admin.noOperations : t.noneFit}</Text>
          ) : (
            <Paper withBorder>
              <Head />
              <ul className={classes['list']} aria-label={app.operations}>
                {rows.map((one) => (
                  <OperationRow
                    key={`${one.service} ${one.id}`}
                    entry={one}
                    project={projectName(one.project_id)}
                    user={userName(one.user_id)}
                  />
                ))}
              </ul>
            </Paper>
          )}
          {more ? (
            <Group justify="center">
              <Button variant="default" loading={reading} onClick={more}>
                {admin.older}
              </Button>
            </Group>
          ) : (
            entries.length > 0 && (
              <Text size="sm" c="dimmed" ta="center">
                {t.end}
              </Text>
            )
          )}
        </>
      )}
    </Page>
  );
}

/** Titles for those who see columns; each row's parts speak for themselves. */
function Head() {
  const admin = useText(adminTexts);
  const ui = useText(uiTexts);
  const titles = [admin.operation, admin.on, ui.project, ui.status, admin.started, admin.took];
  return (
    <div className={`${classes['row']} ${classes['head']}`} aria-hidden>
      <span />
      {titles.map((title) => (
        <span key={title}>{title}</span>
      ))}
    </div>
  );
}
