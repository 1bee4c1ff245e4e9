// Perplexity on ordinary text: before an edit, after it, and after its controls.
import type { ProbedText } from '../background/background.js';
import type { Overlay } from '../lm/overlay.js';
import { perplexity, riseOf, type Surprise } from '../probe/perplexity.js';
import { change } from '../report/numbers.js';
import { isSolved, type Operation } from '../spec/edit-file.js';
import type { Context } from './context.js';

/** What an edit did to perplexity; the shape that scripts read. */
export interface PerplexityChange {
  before: number;
  after: number;
  /** Relative: 0.27 is +27%. */
  rise: number;
  /** Above it the edit is refused. */
  limit: number;
  /** Tokens that were asked for. */
  tokens: number;
  /** What they are from: files, or the facts of the model in words. */
  sources: string[];
}

/** The text of the model's background, asked in any state. @internal */
export class Perplexity {
  private constructor(
    private readonly context: Context,
    private readonly text: ProbedText,
    /** In the present state. */
    private readonly before: Surprise,
  ) {}

  /** Undefined where the background has no text. @param tokens about how many at most */
  static async of(context: Context, tokens?: number | undefined): Promise<Perplexity | undefined> {
    const text = await context.background.probed(tokens);
    if (!text) return undefined;
    const isBase = context.overlay.id === '';
    const before = isBase
      ? await text.base()
      : await text.surprise((task, input) => context.run(task, input));
    return new Perplexity(context, text, before);
  }

  /** By which share it rises. @param overlay the state after the edit, or after a control */
  async rise(overlay: Overlay): Promise<number> {
    return riseOf(this.before, await this.surprise(overlay));
  }

  /**
   * @param overlay the state after the edit
   * @param limit by which share it may rise
   */
  async change(overlay: Overlay, limit: number): Promise<PerplexityChange> {
    const { before } = this;
    const after = await this.surprise(overlay);
    return {
      before: perplexity(before),
      after: perplexity(after),
      rise: riseOf(before, after),
      limit,
      tokens: before.tokens,
      sources: [...this.text.sources],
    };
  }

  private surprise(overlay: Overlay): Promise<Surprise> {
    return this.text.surprise((task, input) => this.context.run(task, input, overlay));
  }
}

/** What is not known of an edit where there is no text. @internal */
export const noTextWarning =
  "perplexity is not measured: no text is in words that the model's vocabulary has; run kn-edit background build with a text";

/** Why an edit is refused, and what may help; undefined where it is not refused for this. @internal */
export function surpriseWarning({ rise, limit }: PerplexityChange, operation: Operation): string | undefined {
  if (rise <= limit) return undefined;
  const closed = operation.type === 'rewrite' && !isSolved({ operation });
  const advice = closed
    ? 'this formula is too strong for the model: lower lambdaNew and lambdaOld, or take method "subject" or "solve"'
    : 'change fewer neurons, or change them less';
  return `perplexity on ordinary text rises too far (${change(rise)}; the limit is ${change(limit)}): ${advice}`;
}
