// Where the neurons of a map stand: a row for each layer, the first at the bottom, and neurons that feed each other near
// each other; for the terminal and for figures alike.

import { largest } from '../numbers.js';
import type { MapFlow, NeuronMap } from '../session/neuron-map.js';

export interface Layered {
  /** Layers that have neurons here, the highest first, each with the numbers of its neurons from left to right. */
  rows: { layer: number; neurons: number[] }[];
  /** The flows that are worth a line, the weakest first. */
  lines: MapFlow[];
}

/** Lines are drawn down to this share of the strongest flow. */
const WEAKEST = 0.04;
const SWEEPS = 4;

/** What there is room for; the strongest are kept. */
export interface Room {
  rows: number;
  /** Neurons of a row. */
  columns: number;
  lines: number;
}

export function layered({ neurons, flows }: NeuronMap, room: Room): Layered {
  const strength = (row: readonly number[]) =>
    row.reduce((sum, i) => sum + Math.max(0, neurons[i]?.meanScore ?? 0), 0);
  const all = [...new Set(neurons.map(({ layer }) => layer))].map((layer) => ({
    layer,
    neurons: neurons
      .flatMap((one, i) => (one.layer === layer ? [i] : []))
      .sort((a, b) => (neurons[b]?.meanScore ?? 0) - (neurons[a]?.meanScore ?? 0))
      .slice(0, room.columns),
  }));
  const kept = new Set(
    [...all].sort((a, b) => strength(b.neurons) - strength(a.neurons)).slice(0, Math.max(1, room.rows)),
  );
  const rows = all.filter((row) => kept.has(row)).sort((a, b) => b.layer - a.layer);
  const shown = new Set(rows.flatMap((row) => row.neurons));
  const between = flows.filter(({ from, to }) => shown.has(from) && shown.has(to));
  const most = largest(
    between.map(({ score }) => Math.abs(score)),
    0,
  );
  const lines = between
    .filter(({ score }) => Math.abs(score) > WEAKEST * most)
    .slice(0, room.lines)
    .reverse();
  for (let sweep = 0; sweep < SWEEPS; sweep++) untangle(rows, lines);
  return { rows, lines };
}

/** Orders every row by where what its neurons are tied to stands, weighted by the flows (Sugiyama et al. 1981). */
function untangle(rows: Layered['rows'], lines: readonly MapFlow[]): void {
  const places = new Map(
    rows.flatMap((row) => row.neurons.map((one, i) => [one, (i + 0.5) / row.neurons.length] as const)),
  );
  for (const row of rows) {
    const wanted = new Map(
      row.neurons.map((one) => {
        let [sum, weight] = [0, 0];
        for (const { from, to, score } of lines) {
          if (from !== one && to !== one) continue;
          sum += Math.abs(score) * (places.get(from === one ? to : from) ?? 0);
          weight += Math.abs(score);
        }
        return [one, weight > 0 ? sum / weight : (places.get(one) ?? 0)] as const;
      }),
    );
    row.neurons.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    row.neurons.forEach((one, i) => {
      places.set(one, (i + 0.5) / row.neurons.length);
    });
  }
}
