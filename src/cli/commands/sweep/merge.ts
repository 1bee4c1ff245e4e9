// kn-edit sweep merge: one run of several shards.
import type { CommandModule } from 'yargs';
import { InputError } from '../../../errors.js';
import { type CommonArguments, dashed } from '../../options.js';
import { runCommand } from '../../run.js';

interface Arguments extends CommonArguments {
  run: string[];
  out?: string | undefined;
}

export const mergeSweepCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'merge <run..>',
  describe: 'Join the shards of a sweep to one run',
  builder: (argv) =>
    dashed(argv, 'run')
      .positional('run', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Directories of --out, or of single shards',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Run directory to make  [default: the one that is named]',
      })
      .example('kn-edit sweep merge runs/lama', ''),
  handler: (argv) =>
    runCommand(argv, async () => {
      const [{ mergeRuns }, { sweepReport }] = await Promise.all([
        import('../../../sweep/merge.js'),
        import('../../../report/sweep.js'),
      ]);
      const [first, ...others] = argv.run;
      const out = argv.out ?? (others.length === 0 ? first : undefined);
      if (out === undefined) throw new InputError('--out: must be given where several directories are named');
      const summary = mergeRuns(argv.run, out);
      return {
        json: summary,
        text: (page) => sweepReport(summary, page),
        change: `the run is in ${summary.out}`,
      };
    }),
};
