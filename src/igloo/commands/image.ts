import type { Command } from './command.ts';

/** `igloo image build|fetch|list`. */
export const image: Command = async (argv, deps) => {
  const { imageCommand } = await import('../image/command.ts');
  return imageCommand(argv, deps);
};
