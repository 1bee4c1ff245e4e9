// What the numbers of the analyses of relations are, which ask the model again after the sweep.

const ERASURE = 'Erasure of a relation (Dai et al. 2022, section 5.2)';
const ACTIVATION = 'Activation on sentences (Dai et al. 2022, section 4)';

const ERASED =
  'when the value vectors of the neurons are erased that most facts of a relation share (20 unless said otherwise), beside the same on other neurons. Mean over the prompts of a fact, then over facts; of all relations, the mean over relations.';
const SURPRISE = `${ERASED} Of other neurons -log P is averaged over the draws, too.`;
const WHERE =
  "A model that fills masks is asked there, and a model that continues text is given what stands before it. Mean over the fact's neurons and sentences, then over facts; beside it as many random neurons of the same layers.";
const ANYWHERE = 'a word that is drawn, and is not of the subject.';

export const RELATION_DEFINITIONS = {
  'erased-accuracy': {
    table: ERASURE,
    name: 'accuracy, erased relation',
    unit: 'share',
    better: 'lower',
    text: `Share of the prompts of the relation's facts whose top answer is the object, ${ERASED}`,
  },
  'erased-perplexity': {
    table: ERASURE,
    name: 'perplexity, erased relation',
    unit: 'perplexity',
    better: 'higher',
    text: `Difference of exp(mean of -log P(object)) on the prompts of the relation's facts, after and before, ${SURPRISE}`,
  },
  'others-accuracy': {
    table: ERASURE,
    name: 'accuracy, other relations',
    unit: 'share',
    better: 'higher',
    text: `Share of the prompts of facts of other relations whose top answer is the object, ${ERASED}`,
  },
  'others-perplexity': {
    table: ERASURE,
    name: 'perplexity, other relations',
    unit: 'perplexity',
    better: 'lower',
    text: `Difference of exp(mean of -log P(object)) on the prompts of facts of other relations, after and before, ${SURPRISE}`,
  },
  'activation-stated': {
    table: ACTIVATION,
    name: 'sentences that state the fact',
    unit: 'activation',
    better: 'higher',
    text: `Activation of a fact's neurons in the place of the object, in sentences that name subject and object. ${WHERE}`,
  },
  'activation-named': {
    table: ACTIVATION,
    name: 'sentences that name its subject',
    unit: 'activation',
    better: 'lower',
    text: `The same in sentences that name the subject alone, in the place of ${ANYWHERE} ${WHERE}`,
  },
  'activation-unrelated': {
    table: ACTIVATION,
    name: 'unrelated sentences',
    unit: 'activation',
    better: 'lower',
    text: `The same in as many sentences about other facts, which do not name the subject, in the place of a word that is drawn. ${WHERE}`,
  },
  'activation-lift': {
    table: ACTIVATION,
    name: 'stated less unrelated',
    unit: 'activation',
    better: 'higher',
    text: "A fact's activation on sentences that state it less that on unrelated ones; beside it the same of random neurons.",
  },
} as const;
