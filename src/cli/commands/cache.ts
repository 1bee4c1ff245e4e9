// kn-edit cache prune: makes the ledger's cache of score maps smaller.
import type { CommandModule } from 'yargs';
import type { CommonArguments } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  to?: string | undefined;
}

const pruneCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'prune',
  describe: 'Remove cached score maps, those that were not used for longest first; edits stay',
  builder: (argv) =>
    argv
      .option('to', {
        type: 'string',
        requiresArg: true,
        describe: 'Bytes that they may go on taking, e.g. 500MB  [default: 0]',
      })
      .example('kn-edit cache prune --to 200MB', ''),
  handler: (argv) =>
    runCommand(argv, async (session) => {
      const [{ parseBytes }, { megabytes, plural }] = await Promise.all([
        import('../../spec/bytes.js'),
        import('../../report/numbers.js'),
      ]);
      const pruned = session.pruneCache(argv.to === undefined ? 0 : parseBytes('--to', argv.to));
      const { path, before, after } = pruned;
      const change =
        `${plural(before.maps - after.maps, 'score map')} removed, ${after.maps} left (${megabytes(after.bytes)}); ` +
        `${path}: ${megabytes(before.fileBytes)}, now ${megabytes(after.fileBytes)}`;
      return { json: pruned, text: () => change, change };
    }),
};

export const cacheCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'cache',
  describe: 'Score maps that are kept, so that another threshold answers at once',
  builder: (argv) => argv.command(pruneCommand).demandCommand(1, 'name a command of cache: prune'),
  handler: () => undefined,
};
