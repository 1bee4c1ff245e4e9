// The models at hand, with what locating takes in each, to choose another one from.
import { useEffect, useState } from 'react';
import { errorData } from '../../errors.js';
import type { ListedModel, ModelInfo } from '../../index.js';
import { modelReport } from '../../report/models.js';
import { megabytes } from '../../report/numbers.js';
import { PLAIN, printable } from '../../report/style.js';
import { fitTo, wrapText } from '../../report/table.js';
import { useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useCursor } from '../hooks/use-cursor.js';
import { Box } from '../ink.js';
import { Lines } from './lines.js';
import { List } from './list.js';
import { Pane } from './pane.js';
import { TextField } from './text-field.js';

/** Lines below the list, at least: what is known of a model, and what it takes. A short list leaves them more. */
const DETAILS = 9;
/** An estimate measures the machine; it is made for where the cursor rests. */
const REST_MS = 400;

/** A model of the list. */
interface Choice {
  /** What `--model` takes. */
  name: string;
  label: string;
  about: string;
  directory: string;
  problem?: string | undefined;
}

function listedChoice({ name, directory, source, checkpoint, problem }: ListedModel): Choice {
  const about = checkpoint
    ? `${checkpoint.family}, ${checkpoint.layers} x ${checkpoint.neurons} neurons, ${megabytes(checkpoint.bytes)}, ${source}`
    : '';
  return { name, label: name, about, directory, problem };
}

/** The model that is loaded from a place of its own. */
function loadedChoice({ name, directory, family, layers, neurons }: ModelInfo): Choice {
  return { name: directory, label: name, about: `${family}, ${layers} x ${neurons} neurons`, directory };
}

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
  const isLoaded = ({ directory }: Choice) => directory === model?.directory;
  const elsewhere = model && found.length > 0 && !found.some(isLoaded);
  const models: readonly Choice[] = elsewhere ? [...found, loadedChoice(model)] : found;
  const [at, setAt] = useCursor(models.length + 1, height, !typing);
  const chosen = models[at];

  useEffect(() => {
    void import('../../session/models.js').then(({ listModels }) => setFound(listModels().map(listedChoice)));
  }, []);

  const asked = chosen && !chosen.problem && !details.has(chosen.name) ? chosen.name : undefined;
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
    if (!chosen) setTyping(true);
    else if (!chosen.problem) onChoose(chosen.name);
  };
  useKeys('models', { choose }, !typing);

  const rows = models.map((one) => {
    const { label, about, problem } = one;
    const room = Math.floor(width * 0.4);
    const line = `${fitTo(printable(label), room)} ${fitTo(printable(problem ?? about), width - room - 6)}`;
    return `${isLoaded(one) ? style.good('●') : ' '} ${problem ? style.dim(line) : line}`;
  });
  rows.push('+ another: a directory, a GGUF file, or a model of the hub by its name');
  const room = height - 2; // without the title and the rule
  const shown = Math.max(1, Math.min(rows.length, room - DETAILS));
  const below = chosen?.problem
    ? [printable(chosen.problem)]
    : (details.get(chosen?.name ?? '') ?? [chosen ? 'estimating what locating takes' : '']);
  const lines = below.flatMap((line) => wrapText(line.trim(), width - 2)).map((line) => ` ${line}`);
  return (
    <Pane title="models" note={models.length > 0 ? `${models.length} at hand` : ''} active width={width}>
      <List rows={rows} cursor={at} active width={width} height={shown} onChoose={setAt} />
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
