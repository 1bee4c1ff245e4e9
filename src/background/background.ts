// A model's background beside its fact base: real text, and how much each direction of a layer's activations matters on it.
// What of it is not there is made when it is first asked for, and kept.
import { InputError } from '../errors.js';
import type { Surprise } from '../probe/perplexity.js';
import type { BaseFact } from '../spec/fact-base.js';
import { type Metric, pooled } from '../surgery/subject/metric.js';
import type { BackgroundStore, KeptText } from './store.js';
import { chooseText, measureSurprise, readSentences, shippedText } from './text.js';
import { inParts, portions, type Work } from './work.js';

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

  /** The texts, as token ids. @throws InputError when what is kept of them is damaged */
  async texts(): Promise<readonly number[][]> {
    return (await this.text()).texts;
  }

  /** The metric of a layer: C = E[a a^T] of the base over all positions of the texts. */
  async metric(layer: number): Promise<Metric> {
    const { store, work } = this;
    const { neurons: size } = work.model;
    const text = await this.text();
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
   * How much the probed part of the texts surprises the base, and the model in another state.
   * @param edited does a task in that state
   */
  async surprise(edited: Work['run']): Promise<{ before: Surprise; after: Surprise }> {
    const { texts, probed, surprise } = await this.text();
    const after = await measureSurprise({ ...this.work, run: edited }, texts.slice(0, probed));
    return { before: surprise, after };
  }

  private async text(): Promise<KeptText> {
    const known = this.store.text();
    if (known) return known;
    const text = await chooseText(this.work, readSentences(shippedText()), this.facts);
    this.keep(() => this.store.keepText(text));
    return text;
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
