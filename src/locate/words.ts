// What is told of a neuron: plain data, for every face of the program.

/** A token, and what one unit of a neuron's activation adds to its logit. */
export interface Word {
  token: string;
  logit: number;
}

/** The tokens that a value vector moves most, the strongest first. */
export interface Words {
  promotes: Word[];
  demotes: Word[];
}

/** A neuron's activation at a token. */
export interface TokenActivation {
  token: string;
  activation: number;
}
