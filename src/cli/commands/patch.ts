// kn-edit patch: the changed value vectors alone, as a file for another copy of the same base.
import type { CommandModule } from 'yargs';
import type { Page } from '../../report/page.js';
import type { Patch } from '../../session/patch.js';
import { type CommonArguments, dashed } from '../options.js';
import { REFUSED, runCommand } from '../run.js';
import { editId } from './revert.js';

interface ExportArguments extends CommonArguments {
  id: number[];
  out: string;
}

interface FileArguments extends CommonArguments {
  file: string;
}

async function patchReport(): Promise<(patch: Patch, page: Page) => string> {
  const { patchText } = await import('../../report/patch.js');
  return patchText;
}

const exportCommand: CommandModule<CommonArguments, ExportArguments> = {
  command: 'export <id..>',
  describe: 'Write the value vectors that edits change',
  builder: (argv) =>
    argv
      .positional('id', { type: 'number', array: true, demandOption: true, describe: 'Edits' })
      .option('out', { type: 'string', demandOption: true, requiresArg: true, describe: 'File to write' })
      .example('kn-edit patch export 1 --out astana.safetensors', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const text = await patchReport();
      const patch = await session.exportPatch(argv.id.map(editId), argv.out, control);
      return { json: patch, text: (page) => text(patch, page), change: `${argv.out} is written` };
    }),
};

const fileOption = { type: 'string', demandOption: true, describe: 'Patch file' } as const;

const showCommand: CommandModule<CommonArguments, FileArguments> = {
  command: 'show <file>',
  describe: 'Show what a patch changes',
  builder: (argv) =>
    dashed(argv, 'file').positional('file', fileOption).example('kn-edit patch show astana.safetensors', ''),
  handler: (argv) =>
    runCommand(argv, async () => {
      const [{ readPatch }, text] = await Promise.all([import('../../session/patch.js'), patchReport()]);
      const { patch } = readPatch(argv.file);
      return { json: patch, text: (page) => text(patch, page) };
    }),
};

interface ApplyArguments extends FileArguments {
  allowRegressions?: boolean | undefined;
}

const applyCommand: CommandModule<CommonArguments, ApplyArguments> = {
  command: 'apply <file>',
  describe: 'Put a patch on, as an edit that can be reverted',
  builder: (argv) =>
    dashed(argv, 'file')
      .positional('file', fileOption)
      .option('allow-regressions', {
        type: 'boolean',
        describe: 'Apply even if other edits lose by it; without it, exit 3',
      })
      .example('kn-edit patch apply astana.safetensors', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { appliedPatchText } = await import('../../report/patch.js');
      const { allowRegressions } = argv;
      const result = await session.applyPatch(argv.file, { allowRegressions }, control);
      return {
        json: result,
        change: result.editId === null ? undefined : `edit ${result.editId} is applied`,
        text: (page) => appliedPatchText(result, page),
        exitCode: result.status === 'refused' ? REFUSED : 0,
      };
    }),
};

export const patchCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'patch',
  describe: 'Carry edits to another copy of the same base: export, show, apply',
  builder: (argv) =>
    argv
      .command(exportCommand)
      .command(showCommand)
      .command(applyCommand)
      .demandCommand(1, 'name a command of patch: export, show, apply'),
  handler: () => undefined,
};
