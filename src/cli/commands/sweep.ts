// kn-edit sweep: a whole set of facts, in a run directory that survives everything.
import type { CommandModule } from 'yargs';
import type { CommonArguments } from '../options.js';
import { mergeSweepCommand } from './sweep/merge.js';
import { relationsSweepCommand } from './sweep/relations.js';
import { reportSweepCommand } from './sweep/report.js';
import { runSweepCommand } from './sweep/run.js';
import { workSweepCommand } from './sweep/work.js';

export const sweepCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'sweep',
  describe: 'Locate, or edit and measure, every fact of a set',
  builder: (argv) =>
    argv
      .command(runSweepCommand)
      .command(reportSweepCommand)
      .command(relationsSweepCommand)
      .command(mergeSweepCommand)
      .command(workSweepCommand),
  handler: () => undefined,
};
