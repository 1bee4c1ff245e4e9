// kn-edit model list | info | pull: the models at hand, and more of them from the hub.
import type { CommandModule } from 'yargs';
import { type CommonArguments, dashed, tableFormats } from '../options.js';
import { findProject, sessionOptions } from '../project.js';
import { runCommand } from '../run.js';

const listCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'list',
  describe: "List the embedded model and those of the hub's cache",
  builder: (argv) => tableFormats(argv).example('kn-edit model list', ''),
  handler: (argv) =>
    runCommand(argv, async () => {
      const [{ listModels }, { modelsReport, modelsTable }] = await Promise.all([
        import('../../session/models.js'),
        import('../../report/models.js'),
      ]);
      const models = listModels();
      return {
        json: { models },
        text: (page) => modelsReport(models, page),
        table: (style) => modelsTable(models, style),
      };
    }),
};

interface InfoArguments extends CommonArguments {
  name?: string | undefined;
}

const infoCommand: CommandModule<CommonArguments, InfoArguments> = {
  command: 'info [name]',
  describe:
    'Show what a model is, what locating in it takes, and whether it fits here; a config.json will do',
  builder: (argv) =>
    dashed(argv, 'name')
      .positional('name', {
        type: 'string',
        describe: 'Model, directory or GGUF file  [default: that of --model]',
      })
      .example('kn-edit model info google-bert/bert-base-cased', ''),
  handler: (argv) =>
    runCommand(argv, async (_, control) => {
      const [{ modelInfo }, { modelReport }] = await Promise.all([
        import('../../session/models.js'),
        import('../../report/models.js'),
      ]);
      const project = sessionOptions(argv, await findProject());
      const model = await modelInfo(argv.name ?? project.model, project.engine, {
        ...control,
        workers: argv.workers,
      });
      return { json: model, text: (page) => modelReport(model, page) };
    }),
};

interface PullArguments extends CommonArguments {
  name: string;
}

const pullCommand: CommandModule<CommonArguments, PullArguments> = {
  command: 'pull <name>',
  describe: 'Download a model from the hub into its cache, or what is missing of it',
  builder: (argv) =>
    dashed(argv, 'name')
      .positional('name', {
        type: 'string',
        demandOption: true,
        describe:
          'organisation/name, or organisation/name@revision; of a GGUF file with /FILE.gguf behind it',
      })
      .example('kn-edit model pull google-bert/bert-base-cased', ''),
  handler: (argv) =>
    runCommand(argv, async (_, control) => {
      const [{ pullModel }, { pullReport }] = await Promise.all([
        import('../../session/models.js'),
        import('../../report/models.js'),
      ]);
      const pulled = await pullModel(argv.name, control);
      return { json: pulled, text: ({ style }) => pullReport(argv.name, pulled, style) };
    }),
};

export const modelCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'model',
  describe: 'List, describe and download models',
  builder: (argv) =>
    argv
      .command(listCommand)
      .command(infoCommand)
      .command(pullCommand)
      .demandCommand(1, 'name a command of model: list, info or pull'),
  handler: () => undefined,
};
