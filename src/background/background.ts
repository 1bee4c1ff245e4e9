// A model's background beside its fact base: real text, and how much each direction of a layer's activations matters on it.
// What of it is not there is made when it is first asked for, and kept.
import { InputError } from '../errors.js';
import type { Surprise } from '../probe/perplexity.js';
import type { BaseFact } from '../spec/fact-base.js';
import { type Metric, pooled } from '../surgery/metric.js';
import type { BackgroundStore, KeptText } from './store.js';
import { chooseText, measureSurprise, noText, readSentences, shippedText, upTo } from './text.js';
import { inParts, portions, type Work } from './work.js';

/** Text on which perplexity is measured. */
export interface ProbedText {
  /** Where it is from: names of files. */
  sources: readonly string[];
  /** What it is of the base. */
  base(): Promise<Surprise>;
  /** What it is of the model in some state. @param run does a task in that state */
  surprise(run: Work['run']): Promise<Surprise>;
}

export class Background {
  /**
   * @param work what is done with the base
   * @param facts that the model knows
   */
  constructor(
    private readonly store: BackgroundStore,
    private readonly work: Work,
    private readonly facts: readonly BaseFact[],
  ) {}

  /** The texts, as token ids. @throws InputError when what is kept of them is damaged, or there are none */
  async texts(): Promise<readonly number[][]> {
    return (await this.textThatIs()).texts;
  }

  /** The metric of a layer: C = E[a a^T] of the base over all positions of the texts. */
  async metric(layer: number): Promise<Metric> {
    const { store, work } = this;
    const { neurons: size } = work.model;
    const text = await this.textThatIs();
    const known = store.covariance(layer, text);
    if (known?.length === (size * (size + 1)) / 2) return { size, upper: known };
    const parts = await inParts(work, 'covariance', portions(text.texts), (texts) =>
      work.run('covariance', { layer, texts }),
    );
    const { upper } = pooled(parts);
    this.keep(() => store.keepCovariance(layer, text, upper));
    return { size, upper };
  }

  /**
   * The part of the texts on which perplexity is measured; undefined where there is no text that the model can read.
   * @param tokens about how many of its tokens at most
   * @throws InputError when what is kept of them is damaged
   */
  async probed(tokens = Number.POSITIVE_INFINITY): Promise<ProbedText | undefined> {
    const text = await this.text();
    if (!text) return undefined;
    const { texts, probed, surprise, sources } = text;
    const all = texts.slice(0, probed);
    const own = upTo(all, tokens);
    return {
      sources,
      base: async () => {
        if (own.length === all.length) return surprise;
        return this.store.surpriseOf(own.length, () => measureSurprise(this.work, own));
      },
      surprise: (run) => measureSurprise({ ...this.work, run }, own),
    };
  }

  private async text(): Promise<KeptText | undefined> {
    const known = this.store.text();
    if (known) return known;
    const text = await chooseText(this.work, readSentences(shippedText()), this.facts);
    if (text) this.store.holdText(text);
    return text;
  }

  private async textThatIs(): Promise<KeptText> {
    const text = await this.text();
    if (text) return text;
    throw noText(shippedText());
  }

  /** Keeps something where that can be; it has been worked out in any case. */
  private keep(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
}
