// kn-edit suite make: draws a suite from the model's fact base.
import type { CommandModule } from 'yargs';
import { expectNew, writeNewJson } from '../new-file.js';
import { type CommonArguments, expectWhole } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  out: string;
  facts: number;
  seed: number;
}

const makeCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'make',
  describe: "Draw a suite from the model's fact base",
  builder: (argv) =>
    argv
      .option('out', { type: 'string', demandOption: true, requiresArg: true, describe: 'File to write' })
      .option('facts', { type: 'number', default: 100, requiresArg: true, describe: 'How many facts' })
      .option('seed', { type: 'number', default: 1, requiresArg: true, describe: 'Seed of the draw' })
      .example('kn-edit suite make --facts 100 --seed 1 --out suite.json', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { out, facts, seed } = argv;
      expectWhole('facts', facts);
      expectWhole('seed', seed);
      expectNew(out);
      const suite = await session.drawSuite(facts, seed, control);
      writeNewJson(out, suite);
      const change = `${suite.probes.length} probes written to ${out}`;
      return { json: suite, text: () => change, change };
    }),
};

export const suiteCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'suite',
  describe: 'Make suites for kn-edit check',
  builder: (argv) => argv.command(makeCommand).demandCommand(1, 'name a command of suite: make'),
  handler: () => undefined,
};
