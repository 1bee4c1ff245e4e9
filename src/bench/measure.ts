// One measurement in a process of its own, so that its peak memory is its own: node measure.js JSON -> JSON on stdout.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { measureProducts } from '../engine/choice/measure.js';
import { prepareFastest } from '../engine/choice/prepare.js';
import { ModelPool } from '../engine/pool/pool.js';
import { LanguageModel } from '../lm/language-model.js';
import { type Question, questionsOf } from '../lm/prompt.js';
import { attribute, attributeAll } from '../locate/attribution.js';
import { quadrature } from '../locate/quadrature.js';
import type { Attribution, AttributionSettings } from '../locate/score-map.js';
import { draw, seeded } from '../random.js';
import { readFactBase } from '../spec/fact-base.js';
import { countingFlops } from './flops.js';
import { attributeFully } from './full-forward.js';
import { type Job, jobSchema, type Method, type Result } from './job.js';
import { ADAPTIVE, attributePooled, describe } from './pooled.js';
import { measureShares } from './shares.js';
import { summaryOf } from './summary.js';
import { fastest, peakBytes, stopwatch, type Times } from './watch.js';

const SETTINGS: Record<Method, AttributionSettings> = {
  'full forward': { rule: 'riemann-left', steps: 20, tolerance: 1e-3, site: 'post' },
  'suffix only': { rule: 'riemann-left', steps: 20, tolerance: 1e-3, site: 'post' },
  adaptive: ADAPTIVE,
  'adaptive at once': ADAPTIVE,
  'three nodes': { rule: 'gauss-legendre', steps: 3, tolerance: 1e-3, site: 'post' },
};

async function measure(job: Job): Promise<Result> {
  if (job.kind === 'workers') return measureWorkers(job);
  const { detail: versions } = await prepareFastest(job.engine);
  if (job.kind === 'engine') {
    const gflops = measureProducts(job.engine, 1, [512, 768, 3072]);
    return { ...NOTHING, versions, gflops, peakBytes: peakBytes() };
  }
  return job.kind === 'shares' ? measureOne(job) : measureThread(job);
}

const NOTHING: Result = {
  versions: '',
  seconds: 0,
  cpuSeconds: 0,
  nodes: 0,
  residual: 0,
  gflops: 0,
  peakBytes: 0,
  growth: { bytes: [0, 0], tensors: [0, 0] },
  products: 0,
  rest: [],
};

function measureThread(job: Extract<Job, { kind: 'thread' }>): Result {
  const model = LanguageModel.load(job.directory);
  const settings = SETTINGS[job.method];
  const prompts = promptsOf(model, job);
  const one = (question: Question) =>
    job.method === 'full forward'
      ? fully(model, question, settings)
      : attribute(model, question, question.target, settings);
  for (const question of prompts.slice(0, 1)) {
    attribute(model, question, question.target, SETTINGS['three nodes']); // warm
  }

  const sizes: { bytes: number; tensors: number }[] = [];
  const runs = Array.from({ length: job.repeats }, () => {
    const watch = stopwatch();
    const { result, flops } = countingFlops(() => {
      if (job.method === 'adaptive at once') return attributeAll(model, prompts, settings);
      return prompts.map((prompt) => {
        const map = one(prompt);
        sizes.push({ bytes: process.memoryUsage.rss(), tensors: tf.memory().numTensors });
        return map;
      });
    });
    return { ...watch(), flops, maps: result };
  });
  const run = fastest(runs);
  const [early, late] = [sizes[Math.floor(sizes.length / 10)], sizes.at(-1)];
  return {
    ...NOTHING,
    ...summaryOf(...run.maps),
    seconds: run.seconds / prompts.length,
    cpuSeconds: run.cpuSeconds / prompts.length,
    gflops: run.flops / run.seconds / 1e9,
    peakBytes: peakBytes(),
    growth: {
      bytes: [early?.bytes ?? 0, late?.bytes ?? 0],
      tensors: [early?.tensors ?? 0, late?.tensors ?? 0],
    },
  };
}

function measureOne({ directory, length, repeats }: Extract<Job, { kind: 'shares' }>): Result {
  const model = LanguageModel.load(directory);
  const [question] = promptsOf(model, { prompts: 1, length });
  if (!question) throw new Error(`${directory}: no prompt`);
  const run = () => attribute(model, question, question.target, SETTINGS.adaptive);
  run(); // warm
  return { ...NOTHING, ...fastest(Array.from({ length: repeats }, () => measureShares(run))) };
}

/** All layers by the plain computation. Its own residual is that of the rule, which `attribute` has found already. */
function fully(model: LanguageModel, question: Question, { steps }: AttributionSettings): Attribution {
  const { layers, neurons } = model.info;
  const scores = new Float32Array(layers * neurons);
  for (let layer = 0; layer < layers; layer++) {
    scores.set(
      attributeFully(model, question, question.target, layer, quadrature('riemann-left', steps)),
      layer * neurons,
    );
  }
  return { prob: Number.NaN, scores, completeness: [] };
}

async function measureWorkers(job: Extract<Job, { kind: 'workers' }>): Promise<Result> {
  const pool = new ModelPool(job.directory, job.engine, job.workers);
  try {
    const info = await describe(pool);
    const question = madeUp(0, job.length, info.vocabulary);
    const run = () => attributePooled(pool, info, question);
    await run(); // warm
    const runs: (Times & { map: Attribution })[] = [];
    for (let i = 0; i < job.repeats; i++) {
      const watch = stopwatch();
      const map = await run();
      runs.push({ ...watch(), map });
    }
    const { map, ...times } = fastest(runs);
    return { ...NOTHING, ...summaryOf(map), ...times, peakBytes: peakBytes() };
  } finally {
    await pool.close();
  }
}

/** Facts of the model in prompts of one length, where it has any; else tokens in any order: the cost is the same. */
function promptsOf(
  model: LanguageModel,
  { prompts, length }: { prompts: number; length: number },
): Question[] {
  const { directory, vocabulary } = model.info;
  const facts = join(directory, 'facts.json');
  if (!existsSync(facts)) {
    const { causal } = model.network;
    return Array.from({ length: prompts }, (_, p) => madeUp(p, length, vocabulary, causal));
  }
  const all = readFactBase(facts).flatMap(({ prompts, object }) =>
    prompts.map((words) => ({ words, object })),
  );
  const questions = draw(all, all.length, seeded(1)).flatMap(({ words, object }) =>
    questionsOf(model.tokenizer.encodePrompt(words), model.tokenizer.encodeTarget(object)),
  );
  const usual = questions[0]?.ids.length;
  return questions.filter(({ ids }) => ids.length === usual).slice(0, prompts);
}

/** A prompt of some tokens, with its target two thirds in, or behind it. */
function madeUp(seed: number, length: number, vocabulary: number, causal = false): Question {
  const ids = Array.from({ length }, (_, i) => 5 + ((7919 * (i + 1) * (seed + 1)) % (vocabulary - 5)));
  const position = causal ? length - 1 : Math.floor((2 * length) / 3);
  return { ids, position, target: 5 + seed };
}

const job = jobSchema.parse(JSON.parse(process.argv[2] ?? ''));
process.stdout.write(JSON.stringify(await measure(job)));
