import { Badge, Text } from '@mantine/core';
import { useText } from '#i18n/catalogue.ts';
import { useFormat, type Format } from '#i18n/format.ts';
import { lifeOf, type Node } from './node.ts';
import { nodeTexts } from './texts.ts';

type Words = (typeof nodeTexts)['en'];

/** What of a host has not been heard of, and since when; empty when all is well. */
export const silence = ({ silent }: Node, t: Words, format: Format): readonly string[] =>
  silent.map(({ binary, heard, forcedDown }) =>
    forcedDown ? t.declaredDead(binary) : t.silentSince(binary, format.ago(heard)),
  );

export function lifeWords(node: Node, t: Words): string {
  const life = lifeOf(node);
  if (life === 'alive') return t.allAlive;
  return life === 'dead' ? t.allDead : t.someDead(node.silent.length, node.daemons.length);
}

/** Whether all daemons of a host are alive; pointing at it says which are not. @param brief for a list: the first of them below */
export function Liveness({ node, brief = false }: { readonly node: Node; readonly brief?: boolean }) {
  const t = useText(nodeTexts);
  const format = useFormat();
  const life = lifeOf(node);
  const silent = silence(node, t, format);
  return (
    <div title={silent.join('\n')}>
      <Badge color={{ alive: 'teal', some: 'orange', dead: 'red' }[life]} variant="light" radius="sm" tt="none">
        {lifeWords(node, t)}
      </Badge>
      {brief && silent[0] !== undefined && (
        <Text size="xs" c="dimmed" truncate>
          {silent[0]}
        </Text>
      )}
    </div>
  );
}
