// The models at hand, with what locating takes in each, to choose another one from.
import { useEffect, useState } from 'react';
import { errorData } from '../../errors.js';
import type { ListedModel, ModelInfo } from '../../index.js';
import { modelReport } from '../../report/models.js';
import { megabytes } from '../../report/numbers.js';
import { PLAIN, printable, type Style } from '../../report/style.js';
import { wrapText } from '../../report/table.js';
import { useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { type Field, useTable } from '../hooks/use-table.js';
import { Box } from '../ink.js';
import { Lines } from './lines.js';
import { Pane } from './pane.js';
import { footHeight } from './table-foot.js';
import { TableList } from './table-list.js';
import { TextField } from './text-field.js';

/** Lines below the list, at least: what is known of a model, and what it takes. A short list leaves them more. */
const DETAILS = 9;
/** An estimate measures the machine; it is made for where the cursor rests. */
const REST_MS = 400;

/** A model of the list, or the entry that asks for another one. */
interface Choice {
  /** What `--model` takes; none for the entry that asks for it. */
  name?: string;
  label: string;
  family?: string | undefined;
  layers?: number | undefined;
  neurons?: number | undefined;
  bytes?: number | undefined;
  source?: string;
  directory?: string;
  problem?: string | undefined;
}

const ANOTHER: Choice = {
  label: '+ another: a directory, a GGUF file, or a model of the hub by its name',
};

function listedChoice({ name, directory, source, checkpoint, problem }: ListedModel): Choice {
  const { family, layers, neurons, bytes } = checkpoint ?? {};
  return { name, label: name, family, layers, neurons, bytes, source, directory, problem };
}

/** The model that is loaded from a place of its own. */
function loadedChoice({ name, directory, family, layers, neurons }: ModelInfo): Choice {
  return { name: directory, label: name, family, layers, neurons, source: 'its place', directory };
}

const fieldsOf = (style: Style, loaded: string | undefined): Field<Choice>[] => [
  {
    title: 'model',
    show: ({ label, directory }) => `${directory && directory === loaded ? '● ' : '  '}${printable(label)}`,
    tone: (text, { problem }) => (problem ? style.dim(text) : text),
  },
  {
    title: 'family',
    width: 10,
    show: ({ family = '', problem }) => (problem ? 'unusable' : printable(family)),
    tone: (text, { problem }) => (problem ? style.warn(text) : text),
  },
  {
    title: 'layers',
    width: 7,
    align: 'right',
    show: ({ layers }) => String(layers ?? ''),
    order: ({ layers = -1 }) => layers,
  },
  {
    title: 'neurons',
    width: 8,
    align: 'right',
    show: ({ neurons }) => String(neurons ?? ''),
    order: ({ neurons = -1 }) => neurons,
  },
  {
    title: 'weights',
    width: 8,
    align: 'right',
    show: ({ bytes }) => (bytes === undefined ? '' : megabytes(bytes)),
    order: ({ bytes = -1 }) => bytes,
  },
  { title: 'from', width: 9, show: ({ source = '' }) => source },
];

export interface ModelChooserProps {
  width: number;
  height: number;
  onChoose: (model: string) => void;
}

export function ModelChooser({ width, height, onChoose }: ModelChooserProps) {
  const { style, model, session } = useDesk();
  const [found, setFound] = useState<readonly Choice[]>([]);
  const [typing, setTyping] = useState(false);
  const [details, setDetails] = useState<ReadonlyMap<string, string[]>>(new Map());
  const loaded = model?.directory;
  const elsewhere = model && found.length > 0 && !found.some(({ directory }) => directory === loaded);
  const models = [...found, ...(elsewhere ? [loadedChoice(model)] : []), ANOTHER];
  const view = useTable(models, fieldsOf(style, loaded), height, !typing);
  const chosen = view.shown[view.at];

  useEffect(() => {
    void import('../../session/models.js').then(({ listModels }) => setFound(listModels().map(listedChoice)));
  }, []);

  const asked = chosen?.name && !chosen.problem && !details.has(chosen.name) ? chosen.name : undefined;
  useEffect(() => {
    if (asked === undefined) return;
    const timer = setTimeout(async () => {
      const { modelInfo } = await import('../../session/models.js');
      const lines = await modelInfo(asked, session?.engineChoice).then(
        (found) => modelReport(found, { width: Infinity, style: PLAIN }).split('\n'),
        (error: unknown) => [errorData(error).message],
      );
      setDetails((known) => new Map(known).set(asked, lines));
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [asked, session]);

  const choose = () => {
    if (chosen === ANOTHER) setTyping(true);
    else if (chosen?.name && !chosen.problem) onChoose(chosen.name);
  };
  useKeys('models', { choose }, !typing);

  const room = height - 2; // without the title and the rule
  const shown = Math.max(1, Math.min(models.length + footHeight(view), room - DETAILS));
  const below = chosen?.problem
    ? [printable(chosen.problem)]
    : (details.get(chosen?.name ?? '') ?? [chosen?.name ? 'estimating what locating takes' : '']);
  const lines = below.flatMap((line) => wrapText(line.trim(), width - 2)).map((line) => ` ${line}`);
  return (
    <Pane title={`  ${view.head(width - 2)}`} active width={width}>
      <TableList view={view} active width={width} height={shown} />
      {typing ? (
        <Box height={1 + room - shown}>
          <TextField
            label="model"
            width={width}
            onSubmit={(name) => {
              setTyping(false);
              if (name.trim()) onChoose(name.trim());
            }}
            onCancel={() => setTyping(false)}
          />
        </Box>
      ) : (
        <Lines
          lines={[style.dim('─'.repeat(width)), ...upTo(room - shown, lines)]}
          width={width}
          height={1 + room - shown}
        />
      )}
    </Pane>
  );
}

/** So many lines at most; an ellipsis says that there are more. */
function upTo(count: number, lines: readonly string[]): readonly string[] {
  return lines.length > count ? [...lines.slice(0, count - 1), ' …'] : lines;
}
