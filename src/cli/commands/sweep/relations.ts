// kn-edit sweep relations RUN: the analyses of a run's relations that need the model again.
import type { CommandModule } from 'yargs';
import { type CommonArguments, dashed, expectWhole, tableFormats } from '../../options.js';
import { runCommand } from '../../run.js';

interface Arguments extends CommonArguments {
  run: string;
  relation?: string[] | undefined;
  neurons?: number | undefined;
  value?: 'zero' | 'unk' | undefined;
  control?: 'random' | 'layer' | 'none' | undefined;
  seeds?: number | undefined;
  limit?: number | undefined;
  seed?: number | undefined;
  sentences?: string | undefined;
}

export const relationsSweepCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'relations <run>',
  describe: 'Erase each relation of a run by its commonest neurons, as a dry run; activations on sentences',
  builder: (argv) =>
    dashed(tableFormats(argv), 'run')
      .positional('run', { type: 'string', demandOption: true, describe: 'Run directory, of --do locate' })
      .option('relation', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'These relations only; those that are done stay',
      })
      .option('neurons', {
        type: 'number',
        requiresArg: true,
        describe: 'Neurons that are erased, those of most of its facts  [default: 20]',
      })
      .option('value', {
        choices: ['zero', 'unk'] as const,
        requiresArg: true,
        describe: "What value vectors become: nothing, or the unknown token's embedding  [default: zero]",
      })
      .option('control', {
        choices: ['random', 'layer', 'none'] as const,
        requiresArg: true,
        describe:
          'Erased for comparison: as many random neurons per layer, or the same in other layers  [default: random]',
      })
      .option('seeds', {
        type: 'number',
        requiresArg: true,
        describe: 'Random draws of a control  [default: 5]',
      })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        describe: 'Facts of the relation that are asked, and of all others together, at most  [default: 100]',
      })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        describe: 'Draws facts and sentences  [default: 1]',
      })
      .option('sentences', {
        type: 'string',
        requiresArg: true,
        describe: 'Sentences about the facts (a file or directory): activations are read there, too',
      })
      .example('kn-edit sweep relations runs/pararel --sentences BingDistantTREx/final', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { run, relation: relations, neurons, value, control: kind, seeds, limit, seed, sentences } = argv;
      if (seeds !== undefined) expectWhole('seeds', seeds, 1, 100);
      if (neurons !== undefined) expectWhole('neurons', neurons, 1, 100_000);
      if (limit !== undefined) expectWhole('limit', limit);
      if (seed !== undefined) expectWhole('seed', seed, 0);
      const asked = { relations, neurons, value, control: kind, seeds, limit, seed, sentences };
      const summary = await session.relations(run, asked, control);
      const [
        { paragraphs },
        { readRelations },
        { relationMeasures },
        { leftOutText, measuresText },
        { summaryTable },
      ] = await Promise.all([
        import('../../../report/page.js'),
        import('../../../sweep/relations/file.js'),
        import('../../../sweep/report/relations.js'),
        import('../../../sweep/report/text.js'),
        import('../../../sweep/report/summary.js'),
      ]);
      const found = readRelations(run);
      const measures = found ? relationMeasures(found) : [];
      return {
        json: { ...summary, measures },
        text: (page) => paragraphs(measuresText(measures, page), leftOutText(found, page)),
        table: () => summaryTable(measures),
        change: `the analyses of the run's relations are in ${run}`,
      };
    }),
};
