import { expect, it } from 'vitest';
import { badTag, linesOfMetadata, metadataOfLines, tagsOf } from './metadata-lines.ts';

it('metadata goes to lines and back', () => {
  const metadata = { role: 'web', 'a:b': 'x = y' };
  expect(metadataOfLines(linesOfMetadata(metadata))).toEqual({ metadata });
  expect(metadataOfLines(' a=1\n\n b = ')).toEqual({ metadata: { a: '1', b: '' } });
  expect(metadataOfLines('a=1\nnothing')).toEqual({ bad: 'nothing' });
  expect(metadataOfLines('=x')).toEqual({ bad: '=x' });
});

it('tags are separated by commas, each once', () => {
  expect(tagsOf(' a, b,,a ')).toEqual(['a', 'b']);
  expect(badTag(['ok', 'no/slash'])).toBe('no/slash');
  expect(badTag(['x'.repeat(61)])).toHaveLength(61);
});
