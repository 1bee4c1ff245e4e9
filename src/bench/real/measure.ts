// What an edit did, by the field's measures (ROME, Meng et al. 2022, section 3.4): to its fact, to what lies around it, and
// to the model's language.
import type { LanguageModel } from '../../lm/language-model.js';
import { NO_OVERLAY, type Overlay } from '../../lm/overlay.js';
import { type EncodedPrompt, exactly } from '../../lm/prompt.js';
import { harmonicMean } from '../../probe/metrics.js';
import { perplexity } from '../../probe/perplexity.js';
import { probe } from '../../probe/probe.js';
import { surprise } from '../../probe/surprise.js';
import { draw } from '../../random.js';
import type { Asked } from './asked.js';

/** Of one edit; shares and probabilities lie in 0 to 1, and are null where nothing was asked. */
export interface Figures {
  /** ES: P(new) > P(true) on the fact's own prompt. */
  efficacy: number | null;
  /** PS: the same on paraphrases. */
  paraphrase: number | null;
  /** NS: P(true) > P(new) on neighbours. */
  neighborhood: number | null;
  /** The new answer is on top: own prompt. */
  top: number | null;
  paraphraseTop: number | null;
  /** P(new) on the own prompt. */
  probability: number | null;
  /** Neighbours whose top answer is another one. */
  neighborFlips: number | null;
  /** The same among other facts that the model knows. */
  unrelatedFlips: number | null;
  /** Relative change of the perplexity. */
  perplexity: number | null;
  /** Floats that are others than the base's. */
  floats: number;
  seconds: number;
}

/** Unrelated facts that are asked after each edit. */
const UNRELATED = 20;

/** What is measured beside each fact, with the base's answers. */
export class Yardstick {
  private readonly unrelated: { fact: Asked; top: number }[];
  private readonly basePerplexity: number;
  private readonly drawn = new Map<Asked, { fact: Asked; top: number }[]>();
  /** In the state that was measured last. */
  private latest: { overlay: string; perplexity: number } | undefined;

  /**
   * @param unrelated facts of which some are asked after each edit, in their own prompts; of its own relation, none
   * @param texts on which perplexity is measured
   * @param random draws these facts, others for every edited fact
   */
  constructor(
    private readonly model: LanguageModel,
    unrelated: readonly Asked[],
    private readonly texts: readonly number[][],
    private readonly random: () => number,
  ) {
    const tops = this.topsOf(unrelated);
    this.unrelated = unrelated.map((fact, i) => ({ fact, top: tops[i] ?? 0 }));
    this.basePerplexity = this.perplexity('');
  }

  /** The prompts of unrelated facts that are asked after an edit of a fact. */
  promptsBeside(fact: Asked): string[] {
    return this.beside(fact).map((one) => one.fact.prompt.prompt);
  }

  /** The figures of each edit of one fact, beside those of the base; edits are taken off again. */
  measure(
    fact: Asked,
    edits: readonly { overlay: Overlay; seconds: number }[],
  ): { base: Figures; edited: Figures[] } {
    const base = this.look(fact);
    const baseTops = base.neighbours.map(({ top }) => top);
    const others = this.beside(fact);
    const edited = edits.map(({ overlay, seconds }) => {
      this.model.use(overlay);
      try {
        const seen = this.look(fact);
        const tops = this.topsOf(others.map((one) => one.fact));
        return {
          ...figuresOf(fact, seen),
          neighborFlips: mean(seen.neighbours, ({ top }, i) => Number(top !== baseTops[i])),
          unrelatedFlips: mean(others, ({ top }, i) => Number(tops[i] !== top)),
          perplexity: this.perplexity(overlay.id) / this.basePerplexity - 1,
          floats: overlay.values.length,
          seconds,
        };
      } finally {
        this.model.use(NO_OVERLAY);
      }
    });
    const still = { neighborFlips: 0, unrelatedFlips: 0, perplexity: 0, floats: 0, seconds: 0 };
    return { base: { ...figuresOf(fact, base), ...still }, edited };
  }

  private beside(fact: Asked): { fact: Asked; top: number }[] {
    const known = this.drawn.get(fact);
    if (known) return known;
    const others = this.unrelated.filter(({ fact: one }) => {
      return one.prompt.prompt !== fact.prompt.prompt && !sameRelation(one, fact);
    });
    const drawn = draw(others, UNRELATED, this.random);
    this.drawn.set(fact, drawn);
    return drawn;
  }

  private topsOf(facts: readonly Asked[]): number[] {
    return this.ask(facts.map(({ prompt }) => ({ prompt, next: 0, truth: 0 }))).map(({ top }) => top);
  }

  /** @param overlay id of the present state */
  private perplexity(overlay: string): number {
    if (this.latest?.overlay !== overlay) {
      this.latest = { overlay, perplexity: perplexity(surprise(this.model, this.texts)) };
    }
    return this.latest.perplexity;
  }

  private look({ prompt, truth, next, paraphrases, neighbours }: Asked): Look {
    const seen = this.ask([
      { prompt, next, truth },
      ...paraphrases.map((one) => ({ prompt: one, next, truth })),
      ...neighbours.map((one) => ({ ...one, next })),
    ]);
    return {
      own: seen.slice(0, 1),
      paraphrases: seen.slice(1, 1 + paraphrases.length),
      neighbours: seen.slice(1 + paraphrases.length),
    };
  }

  private ask(questions: readonly { prompt: EncodedPrompt; next: number; truth: number }[]): Seen[] {
    const probes = questions.map(({ prompt, next, truth }) => ({
      prompt,
      ask: [next, truth].map((id) => exactly({ ids: [id], token: '' })),
    }));
    return probe(this.model, probes, 1).map(({ top, asked }) => ({
      top: top[0]?.id ?? 0,
      next: asked[0]?.prob ?? 0,
      truth: asked[1]?.prob ?? 0,
    }));
  }
}

/** A prompt's answer: the token on top, P(new), and P(true). */
interface Seen {
  top: number;
  next: number;
  truth: number;
}

interface Look {
  own: Seen[];
  paraphrases: Seen[];
  neighbours: Seen[];
}

function figuresOf({ next }: Asked, { own, paraphrases, neighbours }: Look) {
  const rewritten = (one: Seen) => Number(one.next > one.truth);
  const onTop = (one: Seen) => Number(one.top === next);
  return {
    efficacy: mean(own, rewritten),
    paraphrase: mean(paraphrases, rewritten),
    neighborhood: mean(neighbours, (one) => Number(one.truth > one.next)),
    top: mean(own, onTop),
    paraphraseTop: mean(paraphrases, onTop),
    probability: mean(own, (one) => one.next),
  };
}

/** Facts of unknown relations are taken for unrelated ones. */
function sameRelation(one: Asked, other: Asked): boolean {
  return one.relation !== undefined && one.relation === other.relation;
}

/** S, the harmonic mean of ES, PS and NS over all edits. */
export function score({ efficacy, paraphrase, neighborhood }: Figures): number | null {
  const parts = [efficacy, paraphrase, neighborhood].filter((one) => one !== null);
  return parts.length === 3 ? harmonicMean(parts) : null;
}

const FIELDS = [
  'efficacy',
  'paraphrase',
  'neighborhood',
  'top',
  'paraphraseTop',
  'probability',
  'neighborFlips',
  'unrelatedFlips',
  'perplexity',
] as const;

/** Means over edits, of those for which there is a figure. */
export function meanFigures(edits: readonly Figures[]): Figures {
  const means = FIELDS.map((field) => {
    const found = edits.flatMap((one) => one[field] ?? []);
    return [field, mean(found, (value) => value)] as const;
  });
  const floats = mean(edits, (one) => one.floats) ?? 0;
  const seconds = mean(edits, (one) => one.seconds) ?? 0;
  return {
    ...(Object.fromEntries(means) as Record<(typeof FIELDS)[number], number | null>),
    floats,
    seconds,
  };
}

function mean<T>(items: readonly T[], value: (item: T, index: number) => number): number | null {
  if (items.length === 0) return null;
  return items.reduce((sum, item, i) => sum + value(item, i), 0) / items.length;
}
