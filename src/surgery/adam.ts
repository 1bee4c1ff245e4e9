// Adam (Kingma and Ba 2015), by which solved rewrites search for what the FFN should say.

const DECAY = { first: 0.9, second: 0.999 };

/** Minimises a function of a vector, step by step. */
export class Adam {
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private round = 0;

  /** @param rate how far each coordinate goes in a step, at first */
  constructor(
    size: number,
    private readonly rate: number,
  ) {
    this.first = new Float64Array(size);
    this.second = new Float64Array(size);
  }

  /** Moves a vector by one step. @param slope the i-th derivative there */
  step(vector: Float32Array, slope: (i: number) => number): void {
    const { first, second, rate } = this;
    this.round++;
    for (let i = 0; i < vector.length; i++) {
      const g = slope(i);
      first[i] = DECAY.first * (first[i] ?? 0) + (1 - DECAY.first) * g;
      second[i] = DECAY.second * (second[i] ?? 0) + (1 - DECAY.second) * g * g;
      const mean = (first[i] ?? 0) / (1 - DECAY.first ** this.round);
      const size = Math.sqrt((second[i] ?? 0) / (1 - DECAY.second ** this.round)) + 1e-12;
      vector[i] = (vector[i] ?? 0) - (rate * mean) / size;
    }
  }
}
