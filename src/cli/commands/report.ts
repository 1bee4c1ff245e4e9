// kn-edit report: one page of an edit of the ledger, or of a fact that is located.
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { inFile } from '../../errors.js';
import type { PageWithFigures } from '../../report/pages/parts.js';
import type { Control } from '../../session/context.js';
import type { Session } from '../../session/session.js';
import { editIdIn } from '../edit-id.js';
import { expectNew, writeNewBelow } from '../new-file.js';
import type { CommonArguments } from '../options.js';
import { dashed, type LocateArguments, locateOptions, locateSettings } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends LocateArguments {
  what: string;
  out: string;
  figures?: string | undefined;
}

export const reportCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'report <what>',
  describe: 'Write a page of an edit of the ledger, or of a fact that is located',
  builder: (argv) =>
    dashed(locateOptions(argv), 'what')
      .positional('what', {
        type: 'string',
        demandOption: true,
        describe: 'Id of an edit, or a fact file; - is standard input',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'The page: a file of HTML that needs nothing else',
      })
      .option('figures', {
        type: 'string',
        requiresArg: true,
        describe: 'New directory for the figures as SVG',
      })
      .example('kn-edit report 1 --out edit-1.html', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { out, figures } = argv;
      expectNew(out);
      if (figures !== undefined) expectNew(figures, '--figures');
      const { svgFile } = await import('../../report/figures/svg.js');
      const id = editIdIn(argv.what);
      const page = await (id === undefined
        ? pageOfFact(session, argv, control)
        : pageOfEdit(session, id, control));
      const pictures = figures === undefined ? [] : page.figures;
      const files: [string, string][] = [
        [out, page.html],
        ...pictures.map(({ name, svg }): [string, string] => [
          join(figures ?? '', `${name}.svg`),
          svgFile(svg),
        ]),
      ];
      for (const [path, content] of files) {
        writeNewBelow(path, content, path === out ? '--out' : '--figures');
      }
      const paths = files.map(([path]) => path);
      return { json: { files: paths }, text: ({ style }) => `written: ${paths.map(style.file).join(', ')}` };
    }),
};

/** How many words are shown of each neuron. */
const WORDS = 5;

async function pageOfEdit(session: Session, id: number, control: Control): Promise<PageWithFigures> {
  const [{ editPage }, { WITH_WORDS }] = await Promise.all([
    import('../../report/pages/edit.js'),
    import('../../report/pages/parts.js'),
  ]);
  const model = await session.model(control);
  const edit = session.show(id);
  const words = await session.promoted(edit.neurons.slice(0, WITH_WORDS), WORDS, control);
  return editPage(edit, session.locatedPrompts(id), words, model);
}

async function pageOfFact(session: Session, argv: Arguments, control: Control): Promise<PageWithFigures> {
  const [{ localizationPage }, { WITH_WORDS }, { parseFact }, { openSource }] = await Promise.all([
    import('../../report/pages/localization.js'),
    import('../../report/pages/parts.js'),
    import('../../spec/read.js'),
    import('../../spec/source.js'),
  ]);
  const source = await openSource(argv.what, control.signal);
  const { fact, locate, alone } = parseFact(source);
  const settings = { ...locate, ...(await locateSettings(argv)) };
  const work = () => session.locate(fact, settings, control);
  const found = await inFile(source.name, work, alone ? 'fact.' : '');
  const words = await session.promoted(found.neurons.slice(0, WITH_WORDS), WORDS, control);
  return localizationPage(found, words, await session.model(control));
}
