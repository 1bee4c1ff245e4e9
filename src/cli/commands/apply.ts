// kn-edit apply: locate, operate, check, record.
import type { CommandModule } from 'yargs';
import { inFile } from '../../errors.js';
import { type CommonArguments, type LocateArguments, locateOptions, locateSettings } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends LocateArguments {
  edit: string;
  dryRun?: boolean | undefined;
  whatIf?: boolean | undefined;
  allowRegressions?: boolean | undefined;
}

const REFUSED = 3;

export const applyCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'apply <edit>',
  describe: 'Apply an edit: locate, probe, operate, probe again, check, record',
  builder: (argv) =>
    locateOptions(argv)
      .positional('edit', { type: 'string', demandOption: true, describe: 'Edit file' })
      .option('dry-run', { type: 'boolean', describe: 'Measure everything, change nothing' })
      .option('what-if', {
        type: 'boolean',
        describe: 'Scale activations at the mask instead of weights; a dry run',
      })
      .option('allow-regressions', { type: 'boolean', describe: 'Apply even if the regression check fails' })
      .example('kn-edit apply edits/fix-capital.json --dry-run', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ readEdit }, { applyReport }] = await Promise.all([
        import('../../spec/read.js'),
        import('../../report/edit.js'),
      ]);
      const edit = readEdit(argv.edit);
      const { dryRun, whatIf, allowRegressions } = argv;
      const locate = await locateSettings(argv);
      const options = { dryRun, whatIf, allowRegressions, locate };
      const result = await inFile(argv.edit, () => session.apply(edit, options, control));
      return {
        json: result,
        text: (page) => applyReport(result, page),
        exitCode: result.status === 'refused' ? REFUSED : 0,
      };
    }),
};
