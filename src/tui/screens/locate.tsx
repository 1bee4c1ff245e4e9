// Step 2: the score map of the fact as it is computed, and the neurons that its prompts share under the chosen settings.
import { useEffect, useRef, useState } from 'react';
import { InputError } from '../../errors.js';
import type {
  Localization,
  LocatedNeuron,
  LocateOptions,
  LocateSettings,
  Neuron,
  Session,
} from '../../index.js';
import { largest } from '../../numbers.js';
import { labelWidth } from '../../report/heat-map.js';
import { factLine } from '../../report/localization.js';
import { percent, plural, scientific, score } from '../../report/numbers.js';
import { printable } from '../../report/style.js';
import { fitTo } from '../../report/table.js';
import { keyOf } from '../bench.js';
import { Lines } from '../components/lines.js';
import { List } from '../components/list.js';
import { Divider, Pane } from '../components/pane.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useCursor } from '../hooks/use-cursor.js';
import { usePromoted } from '../hooks/use-promoted.js';
import { useScorePicture } from '../hooks/use-score-picture.js';
import { Box } from '../ink.js';
import { onScreen } from '../on-screen.js';
import { layerHead, layerLines } from './layers.js';
import { NeuronMapView } from './neuron-map.js';
import { CHOOSING, dialsFor } from './settings.js';

/** Mean of the score maps that have come so far. */
interface Growing {
  mean: Float32Array;
  maps: number;
}

/** A neuron that was located, or one that is only named. */
type Listed = Neuron & Partial<Pick<LocatedNeuron, 'share' | 'meanScore'>>;

/** Lines above the heat map, and one below it. */
const TOP_HEIGHT = 6;
/** Neurons that are listed; their words have to be worked out. */
const LISTED = 200;

export function LocateScreen({ width, height, active }: ScreenProps) {
  const desk = useDesk();
  const { bench, change, session, model, run, work, style, located, misfit } = desk;
  const { edit, options, maps } = bench;
  const [dial, setDial] = useState(0);
  const [view, setView] = useState<'neurons' | 'prompts'>('neurons');
  const [onMap, setOnMap] = useState(false);
  const graph = bench.graph && maps !== undefined;
  const listening = active && !graph;
  const [growing, setGrowing] = useState<Growing>();
  const begun = useRef<unknown>(undefined);

  const locate = async () => {
    if (!session || !edit) return;
    begun.current = edit.fact;
    setGrowing(undefined);
    const sum: Growing = { mean: new Float32Array(), maps: 0 };
    let faulty = false;
    const found = await run('locating', (control) =>
      session
        .map(edit.fact, options, {
          ...control,
          onMap: (_, { scores }) => {
            sum.mean = blend(sum, scores);
            sum.maps++;
            setGrowing({ ...sum });
          },
        })
        .catch((error: unknown) => {
          faulty = error instanceof InputError && /^fact\.(prompts\.|object)/.test(error.field ?? '');
          throw error;
        }),
    );
    if (found) change({ type: 'mapped', maps: found });
    if (faulty) change({ type: 'go', step: 'fact' }); // there it can be mended
  };

  // Who comes here with a fact wants to see where it is, unless the file says so; who stops that is not asked again.
  const named = maps ? undefined : edit?.neurons;
  const ready = active && model && edit && !named && !maps && !work && begun.current !== edit.fact;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ready` says it all
  useEffect(() => {
    if (ready) void locate();
  }, [ready]);

  const localization = located?.localization;
  const neurons: readonly Listed[] = (
    named?.map(([layer, neuron]) => ({ layer, neuron })) ??
    localization?.neurons ??
    []
  ).slice(0, LISTED);
  const rows = view === 'neurons' ? neurons.length : (localization?.prompts.length ?? 0);
  const room = panesHeight(height, model?.layers ?? 1);
  const [at] = useCursor(rows, room - 2, listening && !onMap);
  const layers = model?.layers ?? 1;
  // The map of the prompt that the cursor is on, where there are prompts to choose from.
  const prompt = view === 'prompts' ? maps?.own[at]?.scores : undefined;
  const scores = prompt ?? located?.meanScores ?? growing?.mean;
  const picture = useScorePicture(
    scores,
    { layers, rows: heatRows(height, layers), columns: width - labelWidth(layers) - 3 },
    listening && onMap,
  );
  const under = onMap ? picture.under : undefined;
  const listed = under && !neurons.some((one) => keyOf(one) === keyOf(under)) ? [...neurons, under] : neurons;
  const words = usePromoted(active ? session : undefined, listed);
  const settings = session && model ? settingsOf(session, options) : undefined;
  const dials = dialsFor(model);
  const turn = (by: number) => () => {
    const turned = settings && dials[dial]?.turn(settings, by, options);
    if (turned) change({ type: 'options', options: { ...options, ...turned } });
  };
  useKeys(
    'locate',
    {
      run: () => {
        if (!edit || work) return;
        if (under) change({ type: 'look', looking: { neurons: [under], at: 0 } });
        else if (!named && !localization) void locate();
        else if (view === 'neurons' && neurons.length > 0) change({ type: 'look', looking: { neurons, at } });
      },
      next: () => {
        const known = named || (localization && localization.neurons.length > 0);
        if (known && !work) change({ type: 'go', step: 'operate' });
      },
      instead: () => {
        if (named && !work) void locate();
      },
      setting: () => setDial((dial + 1) % dials.length),
      settingBefore: () => setDial((dial + dials.length - 1) % dials.length),
      less: () => (onMap ? picture.move(-1) : turn(-1)()),
      more: () => (onMap ? picture.move(1) : turn(1)()),
      cursor: () => setOnMap(!onMap && scores !== undefined),
      graph: () =>
        localization && localization.neurons.length > 0 && !work && change({ type: 'graph', shown: true }),
      zoom: () => onMap && picture.zoom(),
      prompts: () => setView(view === 'neurons' ? 'prompts' : 'neurons'),
    },
    listening,
  );

  const back = () => {
    if (onMap) setOnMap(false);
    else if (view === 'prompts') setView('neurons');
    else change({ type: 'go', step: 'fact' });
  };
  useKeys('everywhere', { back }, listening && !work);

  if (graph) return <NeuronMapView width={width} height={height} active={active} />;
  if (!active) return null;
  if (!edit)
    return (
      <Lines lines={['', ' No fact is chosen yet: 1 goes to the facts.']} width={width} height={height} />
    );

  const count = located ? located.localization.prompts.length : (growing?.maps ?? 0);
  const left = Math.min(44, Math.max(30, Math.floor(width / 3)));
  const right = width - left - 3;
  const shown = settings
    ? dials.map(({ label, show }, i) => {
        const text = show(settings, options);
        return i === dial ? `${style.accent(`${label} ‹${text}›`)}` : `${style.dim(label)} ${text}`;
      })
    : [];
  const top = [
    ` ${style.bold(factLine(edit.fact))}`,
    headline(localization),
    ` ${shown.slice(0, CHOOSING).join('  ')}`,
    ` ${shown.slice(CHOOSING).join('  ')}`,
    mapLine(),
    ...picture.lines.map((line) => ` ${line}`),
  ];
  return (
    <Box flexDirection="column">
      <Lines lines={top} width={width} height={height - room} />
      <Box>
        <Pane title={layerHead(left)} active={false} width={left}>
          <Lines
            lines={localization ? layerLines(localization, layers, left, room - 1, style) : []}
            width={left}
            height={room - 1}
          />
        </Pane>
        <Divider height={room} />
        <Pane
          title={view === 'neurons' ? neuronHead(right) : promptHead(right)}
          note={rows > 0 ? `${at + 1}/${rows}` : ''}
          active
          width={right}
        >
          <List
            rows={view === 'neurons' ? neuronRows() : promptRows()}
            cursor={at}
            active
            width={right}
            height={room - 1}
          />
        </Pane>
      </Box>
    </Box>
  );

  /** What the map is of, or what is under the cursor. */
  function mapLine(): string {
    if (!scores) return style.dim(' the score map grows here');
    if (under) {
      const { layer, neuron, meanScore, first, last } = under;
      const cell = first === last ? '' : `neurons ${first}-${last} of `;
      const place = ` ${cell}layer ${layer}: ${layer}:${neuron} ${score(meanScore)}  `;
      return `${style.accent(place)}${style.dim(fitTo(words.get(keyOf(under)) ?? '', Math.max(0, width - place.length - 1)))}`;
    }
    const per = scores.length / layers;
    const what = prompt
      ? `the map of “${printable(localization?.prompts[at]?.prompt ?? '')}”`
      : `mean score over ${plural(count, 'prompt')}`;
    return style.dim(
      fitTo(` ${what}; ${per} neurons a layer, ${Math.min(picture.columns, per)} columns`, width),
    );
  }

  function headline(found: Localization | undefined): string {
    if (misfit) return ` ${style.bad(printable(misfit))}`;
    if (named && !work) {
      const count = plural(named.length, 'neuron');
      return ` ${style.good(`the file names ${count}`)}${style.dim(': enter goes on with them; o locates the fact instead')}`;
    }
    if (!found) {
      const why = maps ? style.warn('these settings ask for other maps: enter computes them') : '';
      return ` ${work || !model ? '' : why || style.dim('enter locates it')}`;
    }
    if (found.neurons.length === 0) return ` ${style.warn(printable(onScreen(found.warnings.at(-1) ?? '')))}`;
    const coarse = found.prompts.reduce((sum, one) => sum + one.coarse.length, 0) / found.prompts.length;
    const worst = largest(found.prompts.flatMap((one) => one.completeness.map(({ residual }) => residual)));
    const parts = [
      plural(found.neurons.length, 'knowledge neuron'),
      `residual ${scientific(worst)}`,
      ...(found.generic.length > 0 ? [`${found.generic.length} generic left out`] : []),
      `overlap ${percent(found.consistency.jaccard)}`,
      `${coarse.toFixed(1)} coarse a prompt`,
    ];
    // What there is no room for is left out whole: half a number is another number.
    while (parts.join(' · ').length > width - 1) parts.pop();
    const [count = '', ...rest] = parts;
    return ` ${[style.good(count), ...rest].join(style.dim(' · '))}`;
  }

  function neuronRows(): string[] {
    return neurons.map(({ layer, neuron, share, meanScore }) => {
      const key = `${layer}:${neuron}`;
      const shared = share === undefined ? '–' : percent(share);
      const mean = meanScore === undefined ? '–' : score(meanScore);
      const numbers = `${fitTo(key, 8)}${shared.padStart(6)}  ${mean.padStart(7)}  `;
      return `${numbers}${style.dim(fitTo(words.get(key) ?? '', right - 2 - numbers.length))}`;
    });
  }

  function promptRows(): string[] {
    const words = promptWidth(right) - 2;
    return (localization?.prompts ?? []).map(({ prompt, prob, coarse, completeness }) => {
      const residual = scientific(largest(completeness.map((one) => one.residual)));
      const numbers = ` ${percent(prob).padStart(7)} ${String(coarse.length).padStart(6)} ${residual.padStart(8)}`;
      return `${fitTo(printable(prompt), words)}${numbers}`;
    });
  }
}

/** What the options come to; where they do not fit together or do not fit the model, as locating then says, the defaults. */
function settingsOf(session: Session, options: LocateOptions): LocateSettings {
  try {
    return session.resolve(options);
  } catch (error) {
    if (error instanceof InputError) return session.resolve();
    throw error;
  }
}

/** The mean with one more map in it. */
function blend({ mean, maps }: Growing, scores: Float32Array): Float32Array {
  if (maps === 0) return Float32Array.from(scores);
  return mean.map((value, i) => value + ((scores[i] ?? 0) - value) / (maps + 1));
}

/** Rows of the heat map: one a layer, as long as the lists below keep some room. */
function heatRows(height: number, layers: number): number {
  return Math.min(layers, Math.max(2, Math.floor((height - TOP_HEIGHT) / 2)));
}

function panesHeight(height: number, layers: number): number {
  const rows = heatRows(height, layers);
  return height - TOP_HEIGHT - Math.ceil(layers / Math.ceil(layers / rows));
}

function neuronHead(width: number): string {
  return fitTo('neuron    share    score  promotes', width - 9);
}

const PROMPT_NUMBERS = ' P(obj.) coarse residual';
/** Columns that the count of entries may take at the end of a head line. */
const COUNT = 8;

/** The head line has the count of entries at its end, so its columns are as wide as the rows without that. */
function promptHead(width: number): string {
  return `  ${fitTo('prompt', promptWidth(width) - 2)}${PROMPT_NUMBERS}`;
}

function promptWidth(width: number): number {
  return Math.max(8, width - PROMPT_NUMBERS.length - COUNT);
}
