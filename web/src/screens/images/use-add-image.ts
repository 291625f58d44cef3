import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import {
  containerOf,
  createImage,
  deleteImage,
  patchImage,
  type DiskFormat,
  type NewImage,
} from '#api/image/changes.ts';
import { imageTasks, importFromUrl, importMethods, webDownload } from '#api/image/import.ts';
import { images, type Image } from '#api/image/images.ts';
import { useSignedIn } from '#api/session.ts';
import { textOf, useText } from '#i18n/catalogue.ts';
import { commandLine, type Preview } from '#ui/command-preview.tsx';
import { useFields, type Fields } from '#ui/use-fields.ts';
import { useSettled, work, type Verdict } from '#ui/work.ts';
import { formatByName, formatOf, HEAD_BYTES, nameOfFile, type Detected } from './detect-format.ts';
import { imageTexts } from './texts.ts';
import { startUpload } from './upload-store.ts';

export interface AddValues {
  readonly from: 'file' | 'url';
  readonly file: File | null;
  readonly url: string;
  /** Null: as the file is named. */
  readonly name: string | null;
  /** Null: as the file looks. */
  readonly format: DiskFormat | null;
  readonly visibility: Image['visibility'];
  readonly minDisk: number;
  readonly minRam: number;
  readonly protected: boolean;
}

export interface AddImageForm {
  readonly fields: Fields<AddValues>;
  readonly name: string;
  readonly format: DiskFormat;
  /** What the file's first bytes, or else its name, say. */
  readonly detected: Detected;
  readonly refuse: string | null;
  readonly preview: Preview;
  readonly submit: () => Promise<void>;
}

/** Registers an image (unless one without data is given) and gives it data. */
export function useAddImage(image: Image | null, initial: File | null): AddImageForm {
  const t = useText(imageTexts);
  const url = useSignedIn().services.image?.url ?? '';
  const queries = useQueryClient();
  const settled = useSettled();
  const fields = useFields<AddValues>({
    ...{ from: 'file', file: initial, url: '', name: image?.name ?? null },
    ...{ format: null, visibility: 'private', minDisk: 0, minRam: 0, protected: false },
  });
  const { values } = fields;
  const detected = useDetected(values);
  const { data: methods } = useQuery({
    queryKey: ['image-import-methods'],
    queryFn: ({ signal }) => importMethods(signal),
    staleTime: Infinity,
  });
  const source = values.from === 'file' ? (values.file?.name ?? '') : values.url;
  const name = values.name ?? nameOfFile(source);
  const known = detected === 'compressed' ? null : detected;
  const format = values.format ?? known ?? (image?.disk_format as DiskFormat | null | undefined) ?? 'raw';
  const body: NewImage = {
    name: name.trim(),
    disk_format: format,
    container_format: containerOf(format),
    visibility: values.visibility,
    min_disk: values.minDisk,
    min_ram: values.minRam,
    protected: values.protected,
  };

  const refuse = ((): string | null => {
    if (values.from === 'file' && !values.file) return t.noFile;
    if (values.from === 'file' && values.file?.size === 0) return t.emptyFile;
    if (values.from === 'url' && methods && !methods.includes('web-download')) return t.noImport;
    if (values.from === 'url' && !/^https?:\/\/[^/\s]+/.test(values.url.trim())) return t.noUrl;
    if (!image && body.name === '') return t.noName;
    return detected === 'compressed' && values.format === null ? t.packed : null;
  })();

  const fetchUrl = async (id: string): Promise<void> => {
    await importFromUrl(id, values.url.trim()).catch(async (error: unknown) => {
      // Refused at once: the image that was made for it is not left behind.
      if (!image) await deleteImage(id);
      await queries.invalidateQueries({ queryKey: ['image'] });
      throw error;
    });
    await queries.invalidateQueries({ queryKey: ['image'] });
    const words = textOf(imageTexts);
    void work({
      doing: words.fetching(body.name),
      done: words.uploaded(body.name),
      failed: words.notFetched(body.name),
      async run() {
        try {
          await settled(images, id, judgeImport);
        } catch (error) {
          const [last] = await imageTasks(id).catch(() => []);
          throw last?.status === 'failure' && last.message !== '' ? new Error(last.message, { cause: error }) : error;
        } finally {
          await queries.invalidateQueries({ queryKey: ['image'] });
        }
      },
    });
  };

  const submit = async (): Promise<void> => {
    const made = image ? await withFormat(image, format) : await createImage(body);
    await queries.invalidateQueries({ queryKey: ['image'] });
    if (values.from === 'url') return fetchUrl(made.id);
    // Goes on after the form is closed, beside the list.
    if (values.file) void startUpload(queries, { imageId: made.id, name: body.name, file: values.file });
  };
  return { fields, name, format, detected, refuse, submit, preview: previewOf(url, values, body, image) };
}

/** Data needs formats. */
const withFormat = (image: Image, format: DiskFormat): Promise<Image> | Image =>
  image.disk_format === format && image.container_format === containerOf(format)
    ? image
    : patchImage(image.id, [
        { op: 'replace', path: '/disk_format', value: format },
        { op: 'replace', path: '/container_format', value: containerOf(format) },
      ]);

function judgeImport(image: Image | null): Verdict {
  const t = textOf(imageTexts);
  if (!image) return { failed: t.deletedMeanwhile };
  if (image.status === 'active') return 'done';
  return image.status === 'queued' || image.status === 'killed' ? { failed: t.fetchFailed } : 'waiting';
}

/** Looks at a file's first bytes; at a URL's name. */
function useDetected({ from, file, url }: AddValues): Detected {
  const [found, setFound] = useState<{ readonly file: File; readonly format: Detected } | null>(null);
  useEffect(() => {
    if (!file) return;
    let over = false;
    void file
      .slice(0, HEAD_BYTES)
      .arrayBuffer()
      .then((head) => {
        if (!over) setFound({ file, format: formatOf(new Uint8Array(head)) });
      });
    return () => {
      over = true;
    };
  }, [file]);
  if (from === 'url') return formatByName(url.split(/[?#]/)[0] ?? '');
  return found && found.file === file ? (found.format ?? (formatByName(file.name) === 'raw' ? 'raw' : null)) : null;
}

function previewOf(url: string, values: AddValues, body: NewImage, image: Image | null): Preview {
  const id = image?.id ?? 'IMAGE_ID';
  const create = [
    ...['--disk-format', body.disk_format, '--container-format', body.container_format],
    `--${body.visibility}`,
    ...(body.min_disk > 0 ? ['--min-disk', `${body.min_disk}`] : []),
    ...(body.min_ram > 0 ? ['--min-ram', `${body.min_ram}`] : []),
    ...(body.protected ? ['--protected'] : []),
  ];
  const words = [body.name || 'NAME'];
  const first = { method: 'POST', url: `${url}/images`, body };
  const file = values.file?.name ?? 'FILE';
  if (values.from === 'file')
    return {
      command: image
        ? commandLine('glance image-upload --progress --file', [file, id])
        : commandLine('openstack image create --file', [file, ...create, ...words]),
      call: [...(image ? [] : [first]), { method: 'PUT', url: `${url}/images/${id}/file` }],
    };
  const fetched = { method: 'POST', url: `${url}/images/${id}/import`, body: webDownload(values.url.trim()) };
  const importing = commandLine('glance image-import --import-method web-download --uri', [
    values.url.trim() || 'URL',
    id,
  ]);
  return {
    command: image ? importing : `${commandLine('openstack image create', [...create, ...words])}\n${importing}`,
    call: [...(image ? [] : [first]), fetched],
  };
}
