import { useMemo } from 'react';
import type { Image, MemberStatus } from '#api/image/images.ts';
import { useSignedIn } from '#api/session.ts';
import { useText } from '#i18n/catalogue.ts';
import { useFormat } from '#i18n/format.ts';
import { Ago } from '#ui/ago.tsx';
import type { Column } from '#ui/rows.ts';
import { uiTexts } from '#ui/texts.ts';
import { ImageStatus } from './image-status.tsx';
import { imageTexts } from './texts.ts';

/** @param ownerName another way to name owners: administrators know all projects */
export function useImageColumns(
  ownerName?: (project: string | null) => string,
  answers = false,
): readonly Column<Image>[] {
  const t = useText(imageTexts);
  const ui = useText(uiTexts);
  const format = useFormat();
  const { project, projects } = useSignedIn();
  return useMemo<readonly Column<Image>[]>(() => {
    const ownerOf = ({ owner }: Image): string =>
      ownerName
        ? ownerName(owner)
        : owner === project.id
          ? t.thisProject
          : (projects.find(({ id }) => id === owner)?.name ?? t.otherProject);
    const answerOf = (image: Image): string => {
      const status = image['memberStatus'] as MemberStatus | undefined;
      return status ? t.memberStatus(status) : '';
    };
    return [
      { id: 'name', title: ui.name, value: ({ name, id }) => name || id, width: 'minmax(9rem, 2fr)' },
      {
        id: 'status',
        title: ui.status,
        value: ({ status }) => status,
        cell: ({ status }) => <ImageStatus status={status} />,
        width: 'minmax(7rem, 9rem)',
      },
      ...(answers ? [{ id: 'answer', title: t.answer, value: answerOf, width: 'minmax(6rem, 8rem)' }] : []),
      {
        id: 'visibility',
        title: t.visibility,
        value: ({ visibility }) => t.visibilityName(visibility),
        width: 'minmax(5rem, 7rem)',
      },
      {
        id: 'format',
        title: t.format,
        value: ({ disk_format }) => disk_format?.toUpperCase() ?? null,
        width: 'minmax(4rem, 6rem)',
      },
      {
        id: 'size',
        title: t.size,
        value: ({ size }) => size,
        cell: ({ size }) => format.bytes(size),
        width: 'minmax(5rem, 7rem)',
      },
      { id: 'owner', title: t.owner, value: ownerOf, width: 'minmax(7.5rem, 1fr)' },
      {
        id: 'created',
        title: ui.created,
        value: ({ created_at }) => created_at,
        cell: ({ created_at }) => <Ago time={created_at} />,
        width: 'minmax(6rem, 9rem)',
      },
    ];
  }, [t, ui, format, project.id, projects, ownerName, answers]);
}
