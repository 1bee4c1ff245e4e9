// What every number of a report is: its protocol, in words, so that nobody has to guess which one was computed.
import { RELATION_DEFINITIONS } from './relation-definitions.js';

/** How a number is written: a count, a share of one, a relative change, a probability, a perplexity, or an activation. */
export type Unit = 'count' | 'share' | 'change' | 'probability' | 'perplexity' | 'activation';

export interface Definition {
  /** The table in which it stands. */
  table: string;
  /** Its name there. */
  name: string;
  unit: Unit;
  /** Which way is better, where one is. */
  better?: 'higher' | 'lower';
  /** How it is computed, and whose measure it is. */
  text: string;
}

const NEURONS = 'Knowledge neurons';
const UPDATE = 'Update (Dai et al. 2022, section 5.1)';
const ROME = 'ROME and CounterFact (Meng et al. 2022, section 3.4)';
const EASY_EDIT = 'EasyEdit and zsRE (teacher-forced)';
const EFFECT = 'Effect on the fact';
const AROUND = 'What lies around it';
const COMPARED = 'Compared with other neurons';

const PER_RECORD = 'Mean over the prompts of a record, then over records.';
const PER_TOKEN =
  'P is the geometric mean over the tokens of the answer: exp of their mean log-probability, as in the released code.';
const TEACHER_FORCED =
  "each asked for with the answer's own tokens before it (of a model that fills masks, with a mask for each)";

/** What the columns and lines of every table are. */
export const PREAMBLE =
  'Numbers are means over facts, with the standard deviation and a 95% bootstrap interval over facts, which says little of a ' +
  'handful of facts; those that are means over relations have both over relations, whose ' +
  'number is their n. Below them stands what they were before the operation, and what they are after the same operation on as ' +
  'many random neurons of each layer, on average over the draws (of perplexities on prompts -log P is ' +
  'averaged, of S its three scores). Random neurons are "worse" where the interval of the paired ' +
  'difference lies on the side that is meant, and otherwise "no worse"; of fewer than six with a control they are "not ' +
  'compared". Where not all have a control, the number of those that have stands above it.';

export const DEFINITIONS = {
  neurons: {
    table: NEURONS,
    name: 'neurons of a fact',
    unit: 'count',
    text: 'Refined neurons of a fact, without those that are left out as generic; mean over facts (Dai et al. 2022, section 4).',
  },
  within: {
    table: NEURONS,
    name: 'shared within a relation',
    unit: 'count',
    text: 'Neurons that two facts of one relation share; mean over all pairs of facts (Dai et al. 2022, section 4).',
  },
  between: {
    table: NEURONS,
    name: 'shared between relations',
    unit: 'count',
    text: 'Neurons that a fact shares with one of another relation; mean over facts, all other relations counting the same (Dai et al. 2022, section 4; its released code draws such pairs).',
  },
  'baseline-neurons': {
    table: NEURONS,
    name: 'activation baseline: of a fact',
    unit: 'count',
    text: 'The same with activations thresholded in place of attribution scores (Dai et al. 2022, section 4).',
  },
  'baseline-within': {
    table: NEURONS,
    name: 'activation baseline: within',
    unit: 'count',
    text: 'Neurons of the activation baseline that two facts of one relation share.',
  },
  'baseline-between': {
    table: NEURONS,
    name: 'activation baseline: between',
    unit: 'count',
    text: 'Neurons of the activation baseline that a fact shares with one of another relation.',
  },
  layer: {
    table: 'Layers',
    name: 'share of layer',
    unit: 'share',
    text: 'Of all located neurons of all facts, the share in each layer (Dai et al. 2022, figure 2); layers count from 0.',
  },
  'baseline-layer': {
    table: 'Layers',
    name: 'activation baseline: share of layer',
    unit: 'share',
    text: 'The same of the neurons of the activation baseline.',
  },
  jaccard: {
    table: COMPARED,
    name: 'Jaccard overlap',
    unit: 'share',
    better: 'higher',
    text: 'Neurons in common over neurons in either, of each fact with the same fact in the other file; beside it, with another fact of its relation there (the next one). Mean over facts; pairs without a neuron on either side are left out.',
  },
  ratio: {
    table: EFFECT,
    name: 'change ratio of P(object)',
    unit: 'change',
    text: 'Mean change of P(object) over mean P(object) before, over all prompts of the facts (the ratio of means of Dai et al. 2022, figures 3 and 4), beside the same by random neurons, as many in each layer.',
  },
  'ratio-relations': {
    table: EFFECT,
    name: 'the same, mean over relations',
    unit: 'change',
    text: 'The change ratio of each relation, averaged over relations, each counting the same (as the text of Dai et al. 2022, section 4, sums its figures up).',
  },
  accuracy: {
    table: EFFECT,
    name: 'accuracy',
    unit: 'share',
    text: `Share of the fact's prompts whose top answer is the object, after the operation. ${PER_RECORD}`,
  },
  'own-perplexity': {
    table: EFFECT,
    name: 'perplexity',
    unit: 'perplexity',
    text: 'Difference of exp(mean of -log P(object)) over the prompts of the facts, after and before; of random neurons -log P is averaged over the draws, too (Dai et al. 2022, section 5.2).',
  },
  effect: {
    table: EFFECT,
    name: 'effect',
    unit: 'probability',
    text:
      "Change of P(object), for a rewrite of P(new answer), on the fact's prompts, beside that of random neurons, as many in each layer. " +
      PER_RECORD,
  },
  'better-than-random': {
    table: EFFECT,
    name: 'facts better in effect or harm',
    unit: 'share',
    better: 'higher',
    text: 'Share of facts whose operation did more than on random neurons (above the 95% prediction interval of the draws), or as much and broke less (top answers, damage, perplexity on text): all may be better although the mean effect is no larger. Of the facts that have a control.',
  },
  refused: {
    table: EFFECT,
    name: 'facts that the check refuses',
    unit: 'share',
    better: 'lower',
    text: 'Share of facts whose operation the regression check refuses by what the sweep measures: perplexity on a part of the text (--text), and further facts of the base only where there is a control. Random neurons are not put to it.',
  },
  'success-rate': {
    table: UPDATE,
    name: 'success rate',
    unit: 'share',
    better: 'higher',
    text:
      "Of the fact's prompts that the model answered with the object before, the share whose top answer is the new one after. " +
      PER_RECORD +
      ' (The paper draws one prompt of each fact.)',
  },
  'change-rate': {
    table: UPDATE,
    name: 'change rate',
    unit: 'share',
    better: 'higher',
    text: 'Of the same prompts, the share whose top answer is any other one than before.',
  },
  'within-perplexity': {
    table: AROUND,
    name: 'perplexity, same relation',
    unit: 'perplexity',
    better: 'lower',
    text: 'Difference of exp(mean of -log P(expected)) on facts of the same relation with other subjects, after and before: intra-relation perplexity (Dai et al. 2022, section 5); of random neurons -log P is averaged over the draws, too.',
  },
  'between-perplexity': {
    table: AROUND,
    name: 'perplexity, other relations',
    unit: 'perplexity',
    better: 'lower',
    text: 'The same on facts of other relations: inter-relation perplexity (Dai et al. 2022, section 5).',
  },
  'within-accuracy': {
    table: AROUND,
    name: 'accuracy, same relation',
    unit: 'share',
    better: 'higher',
    text:
      'Share of facts of the same relation with other subjects whose top answer is the expected one, after the operation. ' +
      PER_RECORD,
  },
  'between-accuracy': {
    table: AROUND,
    name: 'accuracy, other relations',
    unit: 'share',
    better: 'higher',
    text: 'The same on facts of other relations.',
  },
  damage: {
    table: AROUND,
    name: 'damage',
    unit: 'probability',
    better: 'lower',
    text:
      'Absolute change of P(expected) on facts of the same and of other relations, beside that of random neurons. ' +
      PER_RECORD,
  },
  flips: {
    table: AROUND,
    name: 'changed top answers',
    unit: 'share',
    better: 'lower',
    text:
      'Share of the facts of the same and of other relations whose top answer is another one than before, beside that of random neurons. ' +
      PER_RECORD,
  },
  'text-perplexity': {
    table: AROUND,
    name: 'perplexity on text',
    unit: 'change',
    better: 'lower',
    text: 'Relative change of the perplexity on ordinary text, beside that of random neurons. Mean over records.',
  },
  ES: {
    table: ROME,
    name: 'ES',
    unit: 'share',
    better: 'higher',
    text: `Efficacy score: P(new) > P(old) on the fact's prompts. ${PER_RECORD} ${PER_TOKEN}`,
  },
  EM: {
    table: ROME,
    name: 'EM',
    unit: 'probability',
    better: 'higher',
    text: `Efficacy magnitude: P(new) - P(old) there. ${PER_RECORD} ${PER_TOKEN}`,
  },
  PS: {
    table: ROME,
    name: 'PS',
    unit: 'share',
    better: 'higher',
    text: `Paraphrase score: P(new) > P(old) on held-out wordings. ${PER_RECORD} ${PER_TOKEN}`,
  },
  PM: {
    table: ROME,
    name: 'PM',
    unit: 'probability',
    better: 'higher',
    text: `Paraphrase magnitude: P(new) - P(old) there. ${PER_RECORD} ${PER_TOKEN}`,
  },
  NS: {
    table: ROME,
    name: 'NS',
    unit: 'share',
    better: 'higher',
    text: `Neighbourhood score: P(expected) > P(new) on facts of the same relation with other subjects, but those that expect the new answer. ${PER_RECORD} ${PER_TOKEN}`,
  },
  NM: {
    table: ROME,
    name: 'NM',
    unit: 'probability',
    better: 'higher',
    text: `Neighbourhood magnitude: P(expected) - P(new) there. ${PER_RECORD} ${PER_TOKEN}`,
  },
  S: {
    table: ROME,
    name: 'S',
    unit: 'share',
    better: 'higher',
    text: 'Score: the harmonic mean of ES, PS and NS, each averaged over the records that have all three, and of random neurons over the draws.',
  },
  'rewrite-accuracy': {
    table: EASY_EDIT,
    name: 'rewrite accuracy',
    unit: 'share',
    better: 'higher',
    text:
      `Token accuracy: share of the new answer's tokens that are on top, ${TEACHER_FORCED}, on the fact's prompts. ` +
      PER_RECORD,
  },
  'rephrase-accuracy': {
    table: EASY_EDIT,
    name: 'rephrase accuracy',
    unit: 'share',
    better: 'higher',
    text: 'The same on held-out wordings.',
  },
  locality: {
    table: EASY_EDIT,
    name: 'locality',
    unit: 'share',
    better: 'higher',
    text: `Share of the places of the expected answer's tokens, ${TEACHER_FORCED}, in which the same token is on top as before, on other facts of the same and of other relations. ${PER_RECORD}`,
  },
  portability: {
    table: EASY_EDIT,
    name: 'portability',
    unit: 'share',
    better: 'higher',
    text: 'Token accuracy, as for rewrites, on what follows from the new answer (several hops, aliases); random neurons are not asked.',
  },
  ...RELATION_DEFINITIONS,
} as const satisfies Record<string, Definition>;

export type MeasureName = keyof typeof DEFINITIONS;

export function definitionOf(name: MeasureName): Definition {
  return DEFINITIONS[name];
}
