// kn-edit neuron: one neuron, seen from every side.
import type { CommandModule } from 'yargs';
import { InputError, inFile } from '../../errors.js';
import { editIdIn } from '../edit-id.js';
import { type CommonArguments, type LocateArguments, locateOptions, locateSettings } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends LocateArguments {
  neuron: string;
  fact?: string | undefined;
  edit?: string | undefined;
}

export const neuronCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'neuron <neuron>',
  describe: 'Look at one neuron: its words, when it fires, what depends on it',
  builder: (argv) =>
    locateOptions(argv)
      .positional('neuron', {
        type: 'string',
        demandOption: true,
        describe: 'LAYER:INDEX, both from 0',
      })
      .option('fact', {
        type: 'string',
        requiresArg: true,
        describe: 'Fact file, or edit file with a fact: what the neuron is to it',
      })
      .option('edit', {
        type: 'string',
        requiresArg: true,
        describe: 'Edit file, or id in the ledger: what happens when the neuron is left out of it',
      })
      .example('kn-edit neuron 3:217 --fact edits/fix-capital.json', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ parseEdit, parseFact }, { openSource }, { neuronReport }] = await Promise.all([
        import('../../spec/read.js'),
        import('../../spec/source.js'),
        import('../../report/neuron.js'),
      ]);
      const neuron = neuronOf(argv.neuron);
      if (argv.fact === '-' && argv.edit === '-') {
        throw new InputError('--edit: standard input is the fact already; name a file');
      }
      const factFile = argv.fact === undefined ? undefined : await openSource(argv.fact, control.signal);
      const { fact, locate = {}, alone = false } = factFile ? parseFact(factFile) : {};
      const recorded = argv.edit === undefined ? undefined : editIdIn(argv.edit);
      const editFile =
        argv.edit === undefined || recorded ? undefined : await openSource(argv.edit, control.signal);
      const edit = recorded ?? (editFile && parseEdit(editFile));
      const settings = { ...locate, ...(await locateSettings(argv)) };
      const files = [...new Set([factFile, editFile].flatMap((one) => one?.name ?? []))];
      const work = () => session.neuron(neuron, { fact, edit, locate: settings }, control);
      const found = await inFile(files.join(', '), work, alone && !editFile ? 'fact.' : '');
      return { json: found, text: (page) => neuronReport(found, page) };
    }),
};

/** @throws InputError when it is no neuron */
export function neuronOf(text: string): { layer: number; neuron: number } {
  const [, layer, neuron] = /^(\d{1,6}):(\d{1,9})$/.exec(text.trim()) ?? [];
  if (layer === undefined || neuron === undefined) {
    throw new InputError(`"${text}" is no neuron; give its layer and its index, e.g. 3:217`, 'neuron');
  }
  return { layer: Number(layer), neuron: Number(neuron) };
}
