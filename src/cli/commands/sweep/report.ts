// kn-edit sweep report RUN: the tables, figures and page of a run.
import { extname } from 'node:path';
import type { CommandModule } from 'yargs';
import { expectNew } from '../../new-file.js';
import { type CommonArguments, tableFormats } from '../../options.js';
import { runCommand } from '../../run.js';

interface Arguments extends CommonArguments {
  run: string;
  out?: string | undefined;
  beside?: string | undefined;
  compare?: string | undefined;
  neuronsOut?: string | undefined;
  definitions?: boolean | undefined;
}

export const reportSweepCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'report <run>',
  describe: "A run's tables, each number beside its control; writes report.html, figures, CSV and Parquet",
  builder: (argv) =>
    tableFormats(argv)
      .positional('run', { type: 'string', demandOption: true, describe: 'Run directory' })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Directory for the files  [default: the run directory]',
      })
      .option('definitions', { type: 'boolean', describe: 'Say what each number is' })
      .option('beside', {
        type: 'string',
        requiresArg: true,
        describe: 'Another run over the same facts, e.g. one --by activation',
      })
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
    runCommand(argv, async (_, control) => {
      const [
        { expectUnchanged, readChecks, readFailures, readResults, upToDate },
        { reportOf },
        { writeReport },
      ] = await Promise.all([
        import('../../../sweep/run-directory.js'),
        import('../../../sweep/report/run.js'),
        import('../../../sweep/report/write.js'),
      ]);
      const { readRelations } = await import('../../../sweep/relations/file.js');
      const { readNeurons, writeNeuronBags, writeNeurons } = await import('../../../sets/neuron-files.js');
      const { run: directory, out = directory, beside: other, compare, neuronsOut } = argv;
      if (neuronsOut !== undefined) expectNew(neuronsOut, '--neurons-out');
      const others = compare === undefined ? undefined : { source: compare, neurons: readNeurons(compare) };
      const manifest = upToDate(directory);
      const [results, failures] = [readResults(directory), readFailures(directory)];
      const beside =
        other === undefined
          ? undefined
          : { source: other, manifest: upToDate(other), results: readResults(other) };
      const relations = readRelations(directory);
      const checks = manifest.task.sequential && readChecks(directory);
      const run = await reportOf({ manifest, results, failures, checks, others, relations, beside });
      if (relations && !run.relations) {
        control.onNote?.(
          'relations.json is of other results than the run has now, and left out; run kn-edit sweep relations again',
        );
      }
      expectUnchanged(directory, manifest);
      const files = writeReport(out, run);
      if (neuronsOut !== undefined) {
        const { factNeurons } = await import('../../../sweep/report/compare.js');
        const write = extname(neuronsOut) === '.json' ? writeNeurons : writeNeuronBags;
        write(neuronsOut, run.results.map(factNeurons));
        files.push(neuronsOut);
      }
      const [{ runText }, { summaryJson, summaryTable }] = await Promise.all([
        import('../../../sweep/report/text.js'),
        import('../../../sweep/report/summary.js'),
      ]);
      return {
        json: { ...summaryJson(run), files },
        text: (page) =>
          `${runText(run, page, argv.definitions)}\n\nwritten:\n${files.map((file) => ` ${page.style.file(file)}`).join('\n')}`,
        table: () => summaryTable(run.analysis.measures),
      };
    }),
};
