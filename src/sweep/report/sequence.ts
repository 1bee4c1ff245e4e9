// What stacked edits come to: a line after every tenth of a sequential sweep, and the figure of it.
import { lineChart } from '../../report/figures/lines.js';
import { percent } from '../../report/numbers.js';
import type { Table } from '../../report/table.js';
import type { SequenceCheck } from '../sequence/lines.js';
import type { RunFigure } from './figures.js';

interface Measured {
  title: string;
  about: string;
  /** Null where it was not measured. */
  of: (check: SequenceCheck) => number | null;
  text: (value: number) => string;
}

const decimal = (value: number) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 3);

/** What is told of the edits after some number of them. */
export const SEQUENCE: readonly Measured[] = [
  { title: 'edits', about: 'Edits in the model.', of: ({ edits }) => edits, text: String },
  {
    title: 'made',
    about:
      'The new answer on top of the target prompts, when each edit was just made: mean over edits of each one’s share.',
    of: ({ target }) => target.made.top,
    text: percent,
  },
  {
    title: 'top',
    about: 'The same with all edits in the model.',
    of: ({ target }) => target.now.top,
    text: percent,
  },
  {
    title: 'ES',
    about:
      'The new answer more probable than the old one on target prompts, with all edits in the model (ROME).',
    of: ({ target }) => target.now.success,
    text: percent,
  },
  {
    title: 'P(new)',
    about: 'Of the new answer on target prompts: mean over edits.',
    of: ({ target }) => target.now.prob,
    text: decimal,
  },
  {
    title: 'para',
    about: 'The new answer on top of held-out wordings.',
    of: ({ paraphrase }) => paraphrase?.now.top ?? null,
    text: percent,
  },
  {
    title: 'PS',
    about: 'The new answer more probable than the old one on held-out wordings (ROME).',
    of: ({ paraphrase }) => paraphrase?.now.success ?? null,
    text: percent,
  },
  {
    title: 'near',
    about:
      'Neighbourhood prompts of all edits, without those of edited facts, whose top answer is as it was before the first edit.',
    of: ({ neighborhood }) => neighborhood?.same ?? null,
    text: percent,
  },
  {
    title: 'PPL',
    about: 'Perplexity on ordinary text.',
    of: ({ perplexity }) => perplexity?.after ?? null,
    text: decimal,
  },
  {
    title: 'flips',
    about: 'Facts of the base with another top answer than the base’s, edited ones among them.',
    of: ({ drift }) => drift?.flips ?? null,
    text: percent,
  },
  {
    title: 'KL',
    about: 'KL divergence from the base’s answers on the same facts, in nats.',
    of: ({ drift }) => drift?.kl ?? null,
    text: decimal,
  },
];

/** A row per check, with the columns of `SEQUENCE`. */
export function sequenceRows(checks: readonly SequenceCheck[]): { value: number | null; text: string }[][] {
  return checks.map((check) =>
    SEQUENCE.map(({ of, text }) => {
      const value = of(check);
      return { value, text: value === null ? '–' : text(value) };
    }),
  );
}

/** The same for a terminal and as CSV. */
export function sequenceTable(checks: readonly SequenceCheck[]): Table {
  return {
    columns: SEQUENCE.map(({ title }) => ({ title, align: 'right' })),
    rows: sequenceRows(checks).map((row) => row.map(({ value, text }) => ({ text, value: value ?? '' }))),
  };
}

/** None where there is but one check. */
export function sequenceFigure(checks: readonly SequenceCheck[]): RunFigure | undefined {
  if (checks.length < 2) return undefined;
  const title = 'Edits on top of each other';
  const line = (name: string, value: (check: SequenceCheck) => number | undefined) => {
    const points = checks.flatMap((check) => {
      const y = value(check);
      return y === undefined ? [] : [{ x: check.edits, y }];
    });
    return points.length > 0 ? [{ name, points }] : [];
  };
  const svg = lineChart({
    title,
    axis: 'edits in the model',
    lines: [
      ...line('new answer on top', ({ target }) => target.now.top),
      ...line('neighbours as before', ({ neighborhood }) => neighborhood?.same),
    ],
    format: percent,
  });
  const caption = `${title}: of all edits so far, how many say what they should, and of their neighbourhood, how much is as it was before the first edit.`;
  return { name: 'sequence', caption, svg };
}
