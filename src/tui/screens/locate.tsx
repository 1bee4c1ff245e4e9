// Step 2: the score map of the fact as it is computed, and the neurons that its prompts share under the chosen settings.
import { useEffect, useMemo, useRef, useState } from 'react';
import { InputError } from '../../errors.js';
import type {
  FactMaps,
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
import { printable, type Style } from '../../report/style.js';
import { fitTo } from '../../report/table.js';
import { keyOf } from '../bench.js';
import { Lines } from '../components/lines.js';
import { LOCATING, NO_FACT, NotYet } from '../components/not-yet.js';
import { Divider, Pane } from '../components/pane.js';
import { TableList } from '../components/table-list.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { useKeys } from '../hooks/keyboard.js';
import { useClick } from '../hooks/use-click.js';
import { useData } from '../hooks/use-data.js';
import { usePromoted } from '../hooks/use-promoted.js';
import { useScorePicture } from '../hooks/use-score-picture.js';
import { type Field, useTable } from '../hooks/use-table.js';
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
const NOTHING: readonly never[] = [];

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
    const found = await run(LOCATING, (control) =>
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
  const neurons = useMemo((): readonly Listed[] => {
    const all = named?.map(([layer, neuron]) => ({ layer, neuron })) ?? localization?.neurons ?? [];
    return all.slice(0, LISTED);
  }, [named, localization]);
  const layers = model?.layers ?? 1;
  const room = panesHeight(height, layers);
  const words = usePromoted(active ? session : undefined, neurons);
  const neuronFields = useMemo(() => fieldsOfNeurons(words, style), [words, style]);
  const neuronTable = useTable(neurons, neuronFields, room - 2, listening && !onMap && view === 'neurons');
  const prompts = useMemo(() => promptsOf(localization, maps), [localization, maps]);
  const promptTable = useTable(prompts, PROMPT_FIELDS, room - 2, listening && !onMap && view === 'prompts');
  const table = view === 'neurons' ? neuronTable : promptTable;
  const { at } = table;
  const rows = table.shown.length;
  // The map of the prompt that the cursor is on, where there are prompts to choose from.
  const prompt = view === 'prompts' ? promptTable.shown[promptTable.at] : undefined;
  // What grew in another state of the model is no map of this one.
  const grown = maps || work ? growing : undefined;
  const scores = prompt?.scores ?? located?.meanScores ?? grown?.mean;
  const picture = useScorePicture(
    scores,
    { layers, rows: heatRows(height, layers), columns: width - labelWidth(layers) - 3 },
    listening && onMap,
  );
  const under = onMap ? picture.under : undefined;
  const wordsUnder = usePromoted(active ? session : undefined, under ? [under] : NOTHING);
  const map = useClick(({ row, column }) => {
    if (scores) setOnMap(true);
    picture.point(row, column - 1);
  }, listening);
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
        else if (view === 'neurons' && rows > 0) {
          change({ type: 'look', looking: { neurons: neuronTable.shown, at } });
        }
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
    else if (table.clear()) return;
    else if (view === 'prompts') setView('neurons');
    else change({ type: 'go', step: 'fact' });
  };
  useKeys('everywhere', { back }, listening && !work);

  useData(() => localization ?? { fact: edit?.fact, neurons }, listening);

  if (graph) return <NeuronMapView width={width} height={height} active={active} />;
  if (!active) return null;
  if (!edit) return <NotYet text={NO_FACT} width={width} height={height} />;

  const count = located ? located.localization.prompts.length : (grown?.maps ?? 0);
  const left = Math.min(44, Math.max(30, Math.floor(width / 3)));
  const right = width - left - 3;
  const shown = settings
    ? dials.map(({ label, show }, i) => {
        const text = show(settings, options);
        return i === dial ? `${style.accent(`${label} ‹${text}›`)}` : `${style.dim(label)} ${text}`;
      })
    : [];
  const listed = { active: !onMap, width: right, height: room - 1 };
  const top = [
    ` ${style.bold(factLine(edit.fact))}`,
    headline(localization),
    ` ${shown.slice(0, CHOOSING).join('  ')}`,
    ` ${shown.slice(CHOOSING).join('  ')}`,
    mapLine(),
  ];
  const mapHeight = height - room - top.length;
  return (
    <Box flexDirection="column">
      <Lines lines={top} width={width} height={top.length} />
      <Box ref={map}>
        <Lines lines={picture.lines.map((line) => ` ${line}`)} width={width} height={mapHeight} />
      </Box>
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
          title={`  ${table.head(right - 2)}`}
          note={rows > 0 ? `${at + 1}/${rows}` : ''}
          active={!onMap}
          width={right}
        >
          {view === 'neurons' ? (
            <TableList view={neuronTable} {...listed} />
          ) : (
            <TableList view={promptTable} {...listed} />
          )}
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
      return `${style.accent(place)}${style.dim(fitTo(wordsUnder.get(keyOf(under)) ?? '', Math.max(0, width - place.length - 1)))}`;
    }
    const per = scores.length / layers;
    const what = prompt
      ? `the map of “${printable(prompt.prompt)}”`
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
}

/** Columns of the neurons; one that is only named has no numbers. */
function fieldsOfNeurons(words: ReadonlyMap<string, string>, style: Style): Field<Listed>[] {
  return [
    {
      title: 'neuron',
      width: 8,
      show: keyOf,
      order: ({ layer, neuron }) => layer * 1e9 + neuron,
    },
    {
      title: 'share',
      width: 6,
      align: 'right',
      show: ({ share }) => (share === undefined ? '–' : percent(share)),
      order: ({ share = -1 }) => share,
    },
    {
      title: 'score',
      width: 7,
      align: 'right',
      show: ({ meanScore }) => (meanScore === undefined ? '–' : score(meanScore)),
      order: ({ meanScore = -1 }) => meanScore,
    },
    { title: 'promotes', show: (one) => words.get(keyOf(one)) ?? '', tone: style.dim },
  ];
}

/** A prompt, how it was located, and its own map. */
type ListedPrompt = Localization['prompts'][number] & { scores: Float32Array | undefined };

function promptsOf(localization: Localization | undefined, maps: FactMaps | undefined): ListedPrompt[] {
  return (localization?.prompts ?? []).map((one, i) => ({ ...one, scores: maps?.own[i]?.scores }));
}

const worstOf = ({ completeness }: ListedPrompt) => largest(completeness.map(({ residual }) => residual));

const PROMPT_FIELDS: readonly Field<ListedPrompt>[] = [
  {
    title: 'P(obj.)',
    width: 8,
    align: 'right',
    show: ({ prob }) => percent(prob),
    order: ({ prob }) => prob,
  },
  {
    title: 'coarse',
    width: 7,
    align: 'right',
    show: ({ coarse }) => String(coarse.length),
    order: ({ coarse }) => coarse.length,
  },
  { title: 'residual', width: 9, align: 'right', show: (one) => scientific(worstOf(one)), order: worstOf },
  { title: 'prompt', show: ({ prompt }) => printable(prompt) },
];

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
