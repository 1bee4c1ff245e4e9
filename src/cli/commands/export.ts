// kn-edit export: the edited model as a Hugging Face checkpoint directory, or as a GGUF file where the base is one.
import type { CommandModule } from 'yargs';
import { type CommonArguments, dashed } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  destination: string;
  widen?: boolean | undefined;
}

export const exportCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'export <destination>',
  describe: 'Write the edited model as a Hugging Face checkpoint directory, or of a GGUF base as FILE.gguf',
  builder: (argv) =>
    dashed(argv, 'destination')
      .positional('destination', {
        type: 'string',
        demandOption: true,
        describe: 'Directory to make, or FILE.gguf',
      })
      .option('widen', {
        type: 'boolean',
        describe: 'Store tensors in F32 whose edited values their type cannot hold',
      })
      .example('kn-edit export kn-mini-astana', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { exportReport } = await import('../../report/export.js');
      const result = await session.export(argv.destination, { widen: argv.widen }, control);
      return {
        json: result,
        change: `${result.directory} is written`,
        text: (page) => exportReport(result, page),
      };
    }),
};
