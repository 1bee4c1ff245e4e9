// kn-edit export: the edited model as a Hugging Face checkpoint directory.
import type { CommandModule } from 'yargs';
import type { CommonArguments } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  directory: string;
}

export const exportCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'export <directory>',
  describe: 'Write the edited model as a Hugging Face checkpoint directory',
  builder: (argv) =>
    argv
      .positional('directory', { type: 'string', demandOption: true, describe: 'Directory to make' })
      .example('kn-edit export kn-mini-astana', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ printable }, { plural }] = await Promise.all([
        import('../../report/style.js'),
        import('../../report/numbers.js'),
      ]);
      const result = await session.export(argv.directory, control);
      const { directory, edits, vectors, files } = result;
      return {
        json: result,
        change: `${directory} is written`,
        text: ({ style }) =>
          `${style.bold(printable(directory))}: ${plural(edits.length, 'edit')}, ` +
          `${plural(vectors, 'value vector')} changed\n ${files.join(', ')}`,
      };
    }),
};
