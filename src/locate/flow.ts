// What flows between neurons: plain data, for every face of the program.

/** What a higher neuron's activation owes to a lower one's on one prompt. */
export interface Flow {
  /** Numbers of the lower neuron and of the higher one. */
  from: number;
  to: number;
  /** The integral, in units of the higher one's activation. */
  flow: number;
  /** What it must be: the activation less that without the lower neuron. */
  delta: number;
  /** |flow - delta|, relative to the largest |delta| of the higher neuron. */
  residual: number;
  nodes: number;
}

/** Some neurons on one prompt. */
export interface NeuronFlows {
  /** At the target position, in the order of the neurons. */
  activations: number[];
  flows: Flow[];
}
