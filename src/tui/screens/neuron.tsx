// One neuron in whole, over the screen that it was opened from; the others of that list are a key away.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { NeuronView } from '../../index.js';
import { neuronReport } from '../../report/neuron.js';
import { editOnBench, keyOf, type Looking, ticked } from '../bench.js';
import { Lines } from '../components/lines.js';
import { Pane } from '../components/pane.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useData } from '../hooks/use-data.js';
import { useScroll } from '../hooks/use-scroll.js';
import { screenLines } from '../screen-lines.js';

/** Who leafs through the neurons waits for the one that he stays at. */
const REST_MS = 150;

export function NeuronScreen({ looking, width, height, active }: ScreenProps & { looking: Looking }) {
  const { bench, change, session, model, run, stop, work, style } = useDesk();
  const [views, setViews] = useState<ReadonlyMap<string, NeuronView>>(new Map());
  const { neurons, at, about = { fact: bench.maps?.fact, locate: bench.options } } = looking;
  const neuron = neurons[at];
  const key = neuron ? keyOf(neuron) : '';

  const busy = useRef(false);
  const look = async () => {
    busy.current = true;
    await lookAt();
    busy.current = false;
  };
  const lookAt = async () => {
    if (!session || !neuron) return;
    const keep = (view: NeuronView) => setViews((before) => new Map(before).set(key, view));
    const view = await run(`looking at neuron ${key}`, (control) => session.neuron(neuron, about, control));
    if (!view) return;
    keep(view);
    const edit = editAtHand();
    if (edit === undefined) return;
    const without = await run(`the edit without neuron ${key}`, (control) =>
      session.neuron(neuron, { edit, locate: about.locate }, control),
    );
    if (without) keep({ ...view, leftOut: without.leftOut });
  };
  const editAtHand = () => {
    if (looking.edit !== 'bench') return looking.edit;
    const edit = editOnBench(bench);
    const typed = edit?.operation.type !== 'rewrite' || edit.operation.to !== '';
    return typed && ticked(bench).some((one) => keyOf(one) === key) ? edit : undefined;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each neuron
  useEffect(() => {
    if (views.has(key)) return;
    const timer = setTimeout(() => void look(), REST_MS);
    return () => clearTimeout(timer);
  }, [key, session, model]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is left
  useEffect(() => () => (busy.current ? stop() : undefined), []);

  const view = views.get(key);
  const lines = useMemo(
    () =>
      view
        ? screenLines((page) => neuronReport(view, page), width, style).slice(1) // the title has its first line
        : [],
    [view, width, style],
  );
  const room = height - 1;
  const { shown, place, toTop } = useScroll(lines, room, active);
  const go = (by: number) => () => {
    const next = Math.max(0, Math.min(neurons.length - 1, at + by));
    toTop();
    change({ type: 'look', looking: { ...looking, at: next } });
  };
  useKeys('neuron', { before: go(-1), next: go(1) }, active);

  useData(() => view, active);

  if (!active) return null;
  const within = lines.length > room ? ` · ${place}` : '';
  return (
    <Pane title={`neuron ${key}`} note={`${at + 1} of ${neurons.length}${within}`} active width={width}>
      <Lines
        lines={view ? shown : ['', style.dim(work ? ' looking' : ' stopped: esc goes back')]}
        width={width}
        height={room}
      />
    </Pane>
  );
}
