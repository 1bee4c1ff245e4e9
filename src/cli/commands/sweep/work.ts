// kn-edit sweep work: computes what sweeps elsewhere send to a queue.
import type { CommandModule } from 'yargs';
import { InputError } from '../../../errors.js';
import type { CommonArguments } from '../../options.js';
import { runCommand } from '../../run.js';

interface Arguments extends CommonArguments {
  queue: string;
  idle?: number | undefined;
}

export const workSweepCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'work',
  describe: 'Compute what sweeps elsewhere send to a queue for this model',
  builder: (argv) =>
    argv
      .option('queue', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'Redis server, e.g. redis://localhost:6379',
      })
      .option('idle', {
        type: 'number',
        requiresArg: true,
        describe: 'End after so many seconds without work  [default: never]',
      })
      .example('kn-edit sweep work --queue redis://head:6379 --idle 600', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { idle, queue } = argv;
      if (idle !== undefined && !(idle > 0))
        throw new InputError('--idle: must be a number of seconds above 0');
      const [summary, { workReport }] = await Promise.all([
        session.sweepWork(queue, idle, control),
        import('../../../report/sweep.js'),
      ]);
      return { json: summary, text: () => workReport(summary) };
    }),
};
