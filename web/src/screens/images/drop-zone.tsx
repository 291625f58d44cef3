import { Center, Overlay, Text } from '@mantine/core';
import { useEffect, useState } from 'react';

/** A file dropped anywhere on the page; while one hangs over it, the page says what will happen. */
export function DropZone({ label, drop }: { readonly label: string; readonly drop: (files: readonly File[]) => void }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const dropped = (event: DragEvent): void => {
      // A dialog takes its own.
      if (!hasFiles(event) || event.defaultPrevented) return setOver(false);
      event.preventDefault();
      setOver(false);
      drop([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener('dragenter', enter);
    addEventListener('dragover', enter);
    addEventListener('dragleave', leave);
    addEventListener('drop', dropped);
    return () => {
      removeEventListener('dragenter', enter);
      removeEventListener('dragover', enter);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', dropped);
    };
  }, [drop]);
  if (!over) return null;
  return (
    <Overlay fixed zIndex={1000} backgroundOpacity={0.75} style={{ pointerEvents: 'none' }}>
      <Center h="100%">
        <Text size="xl" fw={700} c="white">
          {label}
        </Text>
      </Center>
    </Overlay>
  );
}
