// kn-edit background build | info: what is known of a model beside its weights.
import type { CommandModule } from 'yargs';
import { type CommonArguments, tableFormats } from '../options.js';
import { runCommand } from '../run.js';

interface BuildArguments extends CommonArguments {
  facts?: string[] | undefined;
  text?: string[] | undefined;
}

const buildCommand: CommandModule<CommonArguments, BuildArguments> = {
  command: 'build',
  describe: 'Ask the model which facts it knows, and choose text for it; takes minutes, once',
  builder: (argv) =>
    argv
      .option('facts', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Fact bases that are asked beside those that ship with the program',
      })
      .option('text', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Text files in place of the English ones that ship with it',
      })
      .example('kn-edit background build --model gpt2 --facts mine.json', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { backgroundReport } = await import('../../report/background.js');
      const { facts, text } = argv;
      const start = performance.now();
      const built = await session.buildBackground({ facts, text }, control);
      const seconds = (performance.now() - start) / 1000;
      const change = `the background is in ${built.directory}`;
      return { json: { ...built, seconds }, text: (page) => backgroundReport(built, page), change };
    }),
};

const infoCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'info',
  describe: "Show what there is of the model's background",
  builder: (argv) => tableFormats(argv).example('kn-edit background info', ''),
  handler: (argv) =>
    runCommand(argv, async (session) => {
      const { backgroundReport, factsTable } = await import('../../report/background.js');
      const found = session.background();
      return { json: found, text: (page) => backgroundReport(found, page), table: () => factsTable(found) };
    }),
};

export const backgroundCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'background',
  describe: 'What is known of the model beside its weights: its facts, and text',
  builder: (argv) =>
    argv
      .command(buildCommand)
      .command(infoCommand)
      .demandCommand(1, 'name a command of background: build or info'),
  handler: () => undefined,
};
