// A score map as a picture with a cursor: moved by the arrows, with the strongest neuron under it, and one layer alone
// where that is asked for.
import { useMemo, useState } from 'react';
import type { Neuron } from '../../index.js';
import {
  cellOf,
  gridOf,
  type HeatMapCell,
  type HeatMapSize,
  heatMap,
  labelWidth,
} from '../../report/heat-map.js';
import { useDesk } from '../desk.js';
import { useKeys } from './keyboard.js';

/** The strongest neuron of a cell, and the neurons of its layer that the cell stands for. */
export interface UnderCursor extends Neuron {
  meanScore: number;
  first: number;
  last: number;
}

export interface ScorePicture {
  lines: string[];
  columns: number;
  under: UnderCursor | undefined;
  /** Moves the cursor to the right. */
  move: (by: number) => void;
  /** Moves the cursor to a place in the lines. */
  point: (line: number, column: number) => void;
  /** Shows the layer under the cursor alone, or all of them again. */
  zoom: () => void;
}

interface Room {
  layers: number;
  rows: number;
  columns: number;
}

/**
 * @param scores [L, F]; undefined while there are none
 * @param active the arrows move the cursor
 */
export function useScorePicture(
  scores: Float32Array | undefined,
  { layers, rows, columns }: Room,
  active: boolean,
): ScorePicture {
  const { style } = useDesk();
  const [wanted, setWanted] = useState<HeatMapCell>({ row: 0, column: 0 });
  const [layer, setLayer] = useState<number>();
  const width = (scores?.length ?? 0) / layers;
  const shown = layer === undefined ? undefined : scores?.subarray(layer * width, (layer + 1) * width);
  const { map, size } = useMemo(
    () =>
      shown
        ? oneLayer(shown, rows, columns)
        : { map: scores, size: { layers, neurons: width, rows, columns } },
    [shown, scores, layers, width, rows, columns],
  );
  const grid = gridOf(size);
  const inside = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  const cursor = { row: inside(wanted.row, grid.rows), column: inside(wanted.column, grid.columns) };
  const to = (row: number, column: number) =>
    setWanted({ row: inside(row, grid.rows), column: inside(column, grid.columns) });
  useKeys(
    'list',
    {
      up: () => to(cursor.row + 1, cursor.column),
      down: () => to(cursor.row - 1, cursor.column),
      first: () => to(cursor.row, 0),
      last: () => to(cursor.row, grid.columns - 1),
    },
    active,
  );
  const under = map && active ? strongestIn(map, size, cursor, layer, width) : undefined;
  const zoom = () => {
    if (!under) return;
    setLayer(layer === undefined ? under.layer : undefined);
    if (layer !== undefined) {
      const group = Math.ceil(layers / Math.max(1, rows));
      const across = Math.min(columns, width);
      setWanted({ row: Math.floor(layer / group), column: Math.floor((under.neuron * across) / width) });
      return;
    }
    const line = neuronsOfLine(width, rows, columns);
    const across = Math.min(columns, line);
    const column = Math.floor(((under.neuron % line) * across) / line);
    setWanted({ row: Math.floor(under.neuron / line), column });
  };
  const { row, column } = cursor;
  const lines = useMemo(
    () => (map ? heatMap(map, size, style, active ? { row, column } : undefined) : []),
    [map, size, style, active, row, column],
  );
  return {
    lines,
    columns: grid.columns,
    under,
    move: (by) => to(cursor.row, cursor.column + by),
    point: (line, at) => to(grid.rows - 1 - line, at - labelWidth(size.layers, grid.group) - 1),
    zoom,
  };
}

/** One layer over several rows, called by their first neurons. */
function oneLayer(
  scores: Float32Array,
  rows: number,
  columns: number,
): { map: Float32Array; size: HeatMapSize } {
  const neurons = neuronsOfLine(scores.length, rows, columns);
  const lines = Math.ceil(scores.length / neurons);
  const map = new Float32Array(lines * neurons);
  map.set(scores);
  const label = (first: number) => String(first * neurons);
  return { map, size: { layers: lines, neurons, rows, columns, label } };
}

/** Neurons of a layer that a line stands for, where it is shown alone. */
function neuronsOfLine(width: number, rows: number, columns: number): number {
  return Math.min(width, columns * Math.max(1, Math.ceil(width / (rows * columns))));
}

function strongestIn(
  map: Float32Array,
  size: HeatMapSize,
  cursor: HeatMapCell,
  layer: number | undefined,
  width: number,
): UnderCursor {
  const { neurons, strongest } = cellOf(map, size, cursor);
  const meanScore = map[strongest] ?? 0;
  // Of a layer alone, the numbers are those of its neurons; a few beyond the last one fill its last row.
  if (layer !== undefined) {
    const last = width - 1;
    const within = (one = 0) => Math.min(last, one);
    return {
      layer,
      neuron: within(strongest),
      meanScore,
      first: within(neurons[0]),
      last: within(neurons.at(-1)),
    };
  }
  const own = neurons.filter((one) => Math.floor(one / width) === Math.floor(strongest / width));
  return {
    layer: Math.floor(strongest / width),
    neuron: strongest % width,
    meanScore,
    first: (own[0] ?? 0) % width,
    last: (own.at(-1) ?? 0) % width,
  };
}
