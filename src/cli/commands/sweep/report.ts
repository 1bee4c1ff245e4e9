// kn-edit sweep report RUN: the tables, figures and page of a run.
import { extname } from 'node:path';
import type { CommandModule } from 'yargs';
import type { CommonArguments } from '../../options.js';
import { runCommand } from '../../run.js';

interface Arguments extends CommonArguments {
  run: string;
  out?: string | undefined;
  csv?: boolean | undefined;
  compare?: string | undefined;
  neuronsOut?: string | undefined;
}

export const reportSweepCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'report <run>',
  describe: "A run's tables, each beside its control; writes report.html, figures, CSV and Parquet",
  builder: (argv) =>
    argv
      .positional('run', { type: 'string', demandOption: true, describe: 'Run directory' })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Directory for the files  [default: the run directory]',
      })
      .option('csv', { type: 'boolean', describe: 'Print the summary as CSV', conflicts: 'json' })
      .option('compare', {
        type: 'string',
        requiresArg: true,
        describe: "Neurons of others: EleutherAI's file, kn_bag files, or lines of facts with neurons",
      })
      .option('neurons-out', {
        type: 'string',
        requiresArg: true,
        describe: "Write the run's neurons: a .json file as EleutherAI's, or a directory of kn_bag files",
      })
      .example('kn-edit sweep report runs/capitals', ''),
  handler: (argv) =>
    runCommand(argv, async () => {
      const [{ readFailures, readManifest, readResults }, { reportOf }, { writeReport }] = await Promise.all([
        import('../../../sweep/run-directory.js'),
        import('../../../sweep/report/run.js'),
        import('../../../sweep/report/write.js'),
      ]);
      const { readNeurons, writeNeuronBags, writeNeurons } = await import('../../../sets/neuron-files.js');
      const { run: directory, out = directory, compare, neuronsOut } = argv;
      const others = compare === undefined ? undefined : { source: compare, neurons: readNeurons(compare) };
      const manifest = readManifest(directory);
      const [results, failures] = [readResults(directory), readFailures(directory)];
      const run = await reportOf({ manifest, results, failures, others });
      const files = writeReport(out, run);
      if (neuronsOut !== undefined) {
        const { factNeurons } = await import('../../../sweep/report/compare.js');
        const write = extname(neuronsOut) === '.json' ? writeNeurons : writeNeuronBags;
        write(neuronsOut, run.results.map(factNeurons));
        files.push(neuronsOut);
      }
      const [{ runText }, { summaryCsv, summaryJson }] = await Promise.all([
        import('../../../sweep/report/text.js'),
        import('../../../sweep/report/summary.js'),
      ]);
      return {
        json: { ...summaryJson(run), files },
        text: (page) => {
          if (argv.csv) return summaryCsv(run.analysis.measures).trimEnd().replaceAll('\r\n', '\n');
          return `${runText(run, page)}\n\n${page.style.dim(`written: ${files.join(', ')}`)}`;
        },
      };
    }),
};
