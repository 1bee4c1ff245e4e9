// The map of the fact through the layers, over the screen of locating: a graph with a cursor on its neurons.
import { useEffect, useMemo, useState } from 'react';
import type { NeuronMap } from '../../index.js';
import { layered } from '../../report/layered.js';
import { activationText } from '../../report/neuron.js';
import { countsText, graphLines, graphRoom, legendLine, MARKS } from '../../report/neuron-map.js';
import { percent, scientific, signed } from '../../report/numbers.js';
import { printable } from '../../report/style.js';
import { Lines } from '../components/lines.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useData } from '../hooks/use-data.js';

/** Lines above the graph, and below it. */
const ABOVE = 1;
const BELOW = 4;
/** Flows that are told of the neuron under the cursor. */
const TOLD = 3;

export function NeuronMapView({ width, height, active }: ScreenProps) {
  const { bench, change, session, run, work, style } = useDesk();
  const { maps, options } = bench;
  const [map, setMap] = useState<NeuronMap>();
  const [wanted, setWanted] = useState<number>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each fact and its settings
  useEffect(() => {
    setMap(undefined);
    if (!session || !maps) return;
    void run('mapping', (control) => session.neuronMap(maps.fact, { locate: options }, control)).then(setMap);
  }, [session, maps, options]);

  const room = height - ABOVE - BELOW;
  const rows = useMemo(() => (map ? layered(map, graphRoom(map, width, room)).rows : []), [map, width, room]);
  const strongest = map?.neurons.reduce((best, one, i) => {
    return one.meanScore > (map.neurons[best]?.meanScore ?? 0) ? i : best;
  }, 0);
  const at = wanted ?? strongest ?? 0;
  const close = () => change({ type: 'graph', shown: false });
  const row = rows.findIndex(({ neurons }) => neurons.includes(at));
  const column = rows[row]?.neurons.indexOf(at) ?? 0;
  const across = (by: number) => () => setWanted(rows[row]?.neurons[column + by] ?? at);
  const along = (by: number) => () => {
    const [own, other] = [rows[row]?.neurons, rows[row + by]?.neurons];
    if (own && other) setWanted(other[Math.floor(((column + 0.5) / own.length) * other.length)] ?? at);
  };
  useKeys(
    'graph',
    { left: across(-1), right: across(1), up: along(-1), down: along(1), open, close },
    active,
  );
  useKeys('everywhere', { back: close }, active && !work);

  useData(() => map, active);

  if (!active) return null;
  if (!map) {
    return (
      <Lines
        lines={['', style.dim(work ? ' mapping' : ' stopped: esc goes back')]}
        width={width}
        height={height}
      />
    );
  }
  return (
    <Lines
      lines={[
        ` ${countsText(map)}${style.dim(` · residual ${scientific(map.residual)}`)}`,
        ...fill(graphLines(map, width, room, style, at), room),
        legendLine(map, style),
        ...under(map),
      ]}
      width={width}
      height={height}
    />
  );

  function open() {
    const order = rows.flatMap(({ neurons }) => neurons);
    const neurons = order.flatMap((i) => map?.neurons[i] ?? []);
    if (neurons.length > 0)
      change({ type: 'look', looking: { neurons, at: Math.max(0, order.indexOf(at)) } });
  }

  /** The neuron under the cursor: what it is, what feeds it, and what it feeds. */
  function under({ neurons, flows }: NeuronMap): string[] {
    const one = neurons[at];
    if (!one) return [];
    const name = (i: number) => `${neurons[i]?.layer}:${neurons[i]?.neuron}`;
    const told = (own: 'from' | 'to', other: 'from' | 'to') =>
      flows
        .filter((flow) => flow[own] === at)
        .slice(0, TOLD)
        .map((flow) => `${name(flow[other])} ${signed(flow.score)} (${percent(flow.share)})`)
        .join('  ') || '–';
    return [
      style.accent(
        ` ${MARKS[one.kind]} ${one.layer}:${one.neuron}  score ${signed(one.meanScore)}  activation ${activationText(one.activation)}  `,
      ) + style.dim(one.words.map(printable).join(' ')),
      ` fed by ${told('to', 'from')}`,
      ` feeds  ${told('from', 'to')}`,
    ];
  }
}

function fill(lines: string[], height: number): string[] {
  return [...lines, ...Array<string>(Math.max(0, height - lines.length)).fill('')];
}
