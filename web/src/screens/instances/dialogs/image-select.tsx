import { Select } from '@mantine/core';
import { images } from '#api/image/images.ts';
import { useList } from '#api/resource.ts';

/** Chooses an image from which a server can start. */
export function ImageSelect({
  label,
  value,
  onChange,
  only,
}: {
  readonly label: string;
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  /** No other can be chosen. */
  readonly only?: string | undefined;
}) {
  const { data = [] } = useList(images);
  const usable = data.filter(({ status, id }) => status === 'active' && (only === undefined || id === only));
  return (
    <Select
      label={label}
      searchable
      value={value}
      onChange={onChange}
      data={usable.map(({ id, name }) => ({ value: id, label: name ?? id }))}
    />
  );
}
