// kn-edit export: the edited model as a Hugging Face checkpoint directory, or as a GGUF file where the base is one.
import type { CommandModule } from 'yargs';
import { type CommonArguments, dashed } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  path: string;
  widen?: boolean | undefined;
}

export const exportCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'export <path>',
  describe: 'Write the edited model as a Hugging Face checkpoint directory, or of a GGUF base as FILE.gguf',
  builder: (argv) =>
    dashed(argv, 'path')
      .positional('path', { type: 'string', demandOption: true, describe: 'Directory to make, or FILE.gguf' })
      .option('widen', {
        type: 'boolean',
        describe: 'Store tensors in F32 whose edited values their type cannot hold',
      })
      .example('kn-edit export kn-mini-astana', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { exportReport } = await import('../../report/export.js');
      const result = await session.export(argv.path, { widen: argv.widen }, control);
      return {
        json: result,
        change: `${result.directory} is written`,
        text: (page) => exportReport(result, page),
      };
    }),
};
