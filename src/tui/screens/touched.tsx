// Which edits touch which neurons, over the list of edits: a picture of the layers, and a list of neurons with a column
// for each edit.
import { useMemo } from 'react';
import type { EditSummary } from '../../index.js';
import { labelWidth } from '../../report/heat-map.js';
import { printable, type Style } from '../../report/style.js';
import { type Touched, touchedNeurons, touchedPicture, touchedText } from '../../report/touched.js';
import { keyOf } from '../bench.js';
import { Lines } from '../components/lines.js';
import { Pane } from '../components/pane.js';
import { TableList } from '../components/table-list.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useData } from '../hooks/use-data.js';
import { useScope } from '../hooks/use-scope.js';
import { type Field, useTable } from '../hooks/use-table.js';
import { Box } from '../ink.js';

/** Lines above the list: what it comes to, and one below the picture. */
const AROUND = 2;

export function TouchedView({ width, height, active, onClose }: ScreenProps & { onClose: () => void }) {
  const { session, model, edits, change, work, style } = useDesk();
  const touched = useMemo(() => touchedNeurons(session?.touched() ?? [], edits), [session, edits]);
  const layers = model?.layers ?? 1;
  const rows = model ? Math.min(layers, Math.max(2, Math.floor(height / 3))) : 0;
  const fields = useMemo(() => fieldsOf(edits, width, style), [edits, width, style]);
  const room = height - AROUND - rows - 1;
  const view = useTable(touched, fields, room, active);
  const chosen = view.shown[view.at];
  const close = () => {
    if (!view.clear()) onClose();
  };
  const open = () => {
    if (view.shown.length === 0) return;
    change({ type: 'look', looking: { neurons: view.shown, at: view.at } });
  };
  useKeys('touched', { open, close: onClose }, active);
  useKeys('everywhere', { back: close }, active && !work);
  useScope('touched', active);

  useData(() => session?.touched(), active);

  if (!active) return null;
  const columns = width - labelWidth(layers) - 3;
  const picture = model
    ? touchedPicture(touched, { layers, neurons: model.neurons, rows, columns }, style, chosen)
    : [];
  const about = ` ${touchedText(touched)}`;
  return (
    <Box flexDirection="column" height={height}>
      <Lines
        lines={[style.bold(about), ...picture.map((line) => ` ${line}`)]}
        width={width}
        height={rows + AROUND}
      />
      <Pane title={`  ${view.head(width - 2)}`} active width={width}>
        <TableList
          view={view}
          active
          width={width}
          height={room}
          empty=" no edit has changed a value vector yet"
        />
      </Pane>
    </Box>
  );
}

/** A neuron, how many applied edits touch it, a column for each of the newest edits, and the names of its own. */
function fieldsOf(edits: readonly EditSummary[], width: number, style: Style): Field<Touched>[] {
  const digits = String(edits[0]?.id ?? 0).length;
  const columns = edits.slice(0, Math.floor(width / 3 / (digits + 1)));
  const cells = (textOf: (edit: EditSummary) => string) =>
    columns.map((edit) => textOf(edit).padStart(digits)).join(' ');
  const signOf = ({ applied, reverted }: Touched, { id }: EditSummary) => {
    if (applied.some((one) => one.id === id)) return '●';
    return reverted.some((one) => one.id === id) ? '○' : '·';
  };
  const names = ({ applied, reverted }: Touched) =>
    [
      ...applied.map(({ id, name }) => `${id} ${printable(name)}`),
      ...reverted.map(({ id, name }) => `${id} ${printable(name)} (reverted)`),
    ].join(', ');
  return [
    { title: 'neuron', width: 8, show: keyOf, order: ({ layer, neuron }) => layer * 1e9 + neuron },
    {
      title: 'applied',
      width: 8,
      align: 'right',
      show: ({ applied }) => String(applied.length),
      order: ({ applied }) => applied.length,
      tone: (text, { applied }) => (applied.length > 1 ? style.warn(text) : text),
    },
    {
      title: cells(({ id }) => String(id)),
      width: Math.max(1, columns.length * (digits + 1) - 1),
      show: (one) => cells((edit) => signOf(one, edit)),
      words: () => '',
    },
    { title: 'edits', show: names },
  ];
}
