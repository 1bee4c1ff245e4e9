// kn-edit erase: a whole relation.
import type { CommandModule } from 'yargs';
import {
  type CommonArguments,
  dashed,
  expectWhole,
  type JudgingArguments,
  judging,
  judgingOptions,
  type LocateArguments,
  locateOptions,
  locateSettings,
} from '../options.js';
import { REFUSED, runCommand } from '../run.js';

interface Arguments extends LocateArguments, JudgingArguments {
  relation: string;
  facts?: string | undefined;
  value?: 'zero' | 'unk' | undefined;
  neurons?: number | undefined;
  limit?: number | undefined;
  seed?: number | undefined;
  dryRun?: boolean | undefined;
}

export const eraseCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'erase <relation>',
  describe: 'Erase a relation: the neurons that most of its facts share',
  builder: (argv) =>
    dashed(judgingOptions(locateOptions(argv)), 'relation')
      .positional('relation', {
        type: 'string',
        demandOption: true,
        describe: "Relation of the model's fact base, or of --facts",
      })
      .option('facts', {
        type: 'string',
        requiresArg: true,
        describe: 'Fact base that lists the facts; those that the model knows count',
      })
      .option('value', {
        choices: ['zero', 'unk'] as const,
        requiresArg: true,
        describe: "What value vectors become: nothing, or the unknown token's embedding  [default: zero]",
      })
      .option('neurons', {
        type: 'number',
        requiresArg: true,
        describe: 'Neurons that are erased, at most  [default: 20]',
      })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        describe: 'Facts in which they are looked for, at most; the others are held out  [default: 40]',
      })
      .option('seed', { type: 'number', requiresArg: true, describe: 'Draws these facts  [default: 1]' })
      .option('dry-run', { type: 'boolean', describe: 'Measure everything, change nothing' })
      .example('kn-edit erase symbol --dry-run', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { eraseReport } = await import('../../report/erase.js');
      const { relation, facts, value, neurons, limit, seed, dryRun } = argv;
      for (const option of ['neurons', 'limit'] as const) {
        const given = argv[option];
        if (given !== undefined) expectWhole(option, given, 1, 100_000);
      }
      if (seed !== undefined) expectWhole('seed', seed, 0);
      const what = { facts, value, neurons, limit, seed, locate: await locateSettings(argv) };
      const how = { dryRun, ...judging(argv) };
      const result = await session.erase(relation, { ...what, ...how }, control);
      return {
        json: result,
        text: (page) => eraseReport(result, page),
        exitCode: result.wouldRefuse ? REFUSED : 0,
        change: result.editId === null ? undefined : `edit ${result.editId} is applied`,
      };
    }),
};
