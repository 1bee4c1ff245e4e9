// The files that users write: a fact, and an edit of a fact. Unknown keys are errors.
import { z } from 'zod';
import { AT_SUBJECT, type Method, OF_WHOLE_LAYERS, REWRITES, usualMethod } from './choices.js';
import { didYouMean } from './closest.js';
import { factName } from './fact-name.js';
import { must } from './faults.js';
import { locateSchema } from './settings.js';

export const text = z.string().min(1, 'must not be empty').max(10_000);
export const probability = z.number().min(0).max(1);
const count = z.number().int().positive();

/** The model's answer: a word (of one or several tokens), or a token id. */
export const targetSchema = z.union(
  [text, z.strictObject({ id: z.number().int().nonnegative() })],
  must('must be a word, or {"id": N}'),
);

export type TargetSpec = z.infer<typeof targetSchema>;

/** What people note about a file of theirs; it changes nothing. */
export const about = {
  id: z.union([text, z.number()], must('must be a word or a number')).optional(),
  author: text.optional(),
  description: text.optional(),
};

export const factSchema = z.strictObject({
  ...about,
  subject: text,
  relation: text,
  object: targetSchema,
  /** Wordings of the fact, each with one [MASK] where the object belongs; for a causal model it comes last, or is left out. */
  prompts: z.array(text).min(1, 'must hold at least one prompt').max(1000),
  /** Prompts that do not express the fact; their coarse neurons are taken out. */
  negativePrompts: z.array(text).max(1000).optional(),
});

export type Fact = z.infer<typeof factSchema>;

const factor = z.number(must('must be a finite number'));
/** How many of the located neurons change, those with the largest scores; all unless given. */
const strongest = { neurons: count.max(100_000).optional() };
const suppress = z.strictObject({ type: z.literal('suppress'), ...strongest });
const amplify = z.strictObject({ type: z.literal('amplify'), factor: factor.default(2), ...strongest });
const scale = z.strictObject({ type: z.literal('scale'), factor, ...strongest });
export const eraseSchema = z.strictObject({
  type: z.literal('erase'),
  value: z.enum(['zero', 'unk']),
  ...strongest,
});
const CHOICES = ['greedy', 'located', 'all'] as const;
const FIELDS = ['lambdaOld', 'lambdaNew', 'direction', 'neurons', 'layer', 'layers', 'choose'] as const;
const CLOSED = ['lambdaOld', 'lambdaNew', 'direction'] as const;
/** The methods that stand for one that is not named. */
const DEFAULTS: readonly Method[] = ['solve', 'subject'];
/** The fields that go with each method. */
const FIELDS_OF: Record<Method, readonly (typeof FIELDS)[number][]> = {
  relative: CLOSED,
  absolute: CLOSED,
  solve: ['neurons'],
  subject: ['neurons', 'layer', 'layers', 'choose'],
  rome: ['layer'],
  memit: ['layers'],
};

const layers = z
  .array(z.number().int().nonnegative())
  .min(1, 'must name at least one layer')
  .max(1000)
  .refine((all) => new Set(all).size === all.length, 'must name each layer once');

const rewrite = z
  .strictObject({
    type: z.literal('rewrite'),
    /** The new answer. */
    to: targetSchema,
    /** The old answer; the fact's object unless given. */
    from: targetSchema.optional(),
    /** Unless given, `subject` in a model that continues text, and `solve` in one that fills masks (`withMethod`). */
    method: z.enum(REWRITES).optional(),
    /** Strengths of the closed formulas: relative 1 and 8 (the paper's), absolute 2 and 2 (EleutherAI's). */
    lambdaOld: factor.optional(),
    lambdaNew: factor.optional(),
    direction: z.enum(['embedding', 'readout']).optional(),
    /**
     * How many neurons may change. `solve`: located ones (128), topped up in the edited layer; `subject`: those
     * that say most at the subject for what they disturb in real text (64).
     */
    neurons: count.max(100_000).optional(),
    /** `subject` and `rome`: the layer; 0.4 of the depth unless given. */
    layer: z.number().int().nonnegative().optional(),
    /**
     * The layers that share the rewrite, where there are several. `subject`: `neurons` of each; `memit`: five up to the one of
     * `rome` unless given.
     */
    layers: layers.optional(),
    /** `subject`: whether the neurons are selected, taken from the located ones of the layer, or all of it. */
    choose: z.enum(CHOICES).optional(),
  })
  .check((context) => {
    const { method } = context.value;
    for (const field of FIELDS) {
      if (context.value[field] === undefined) continue;
      const among = REWRITES.filter((one) => FIELDS_OF[one].includes(field));
      if (method ? among.includes(method) : among.some((one) => DEFAULTS.includes(one))) continue;
      const message = method
        ? `does not go with method "${method}"; remove it`
        : `goes with method "${among.join('" or "')}" alone; name that method, or remove it`;
      context.issues.push({ code: 'custom', path: [field], message, input: context.value });
    }
    if (context.value.choose === 'all' && context.value.neurons !== undefined) {
      const message = 'does not go with "choose": "all"; remove it';
      context.issues.push({ code: 'custom', path: ['neurons'], message, input: context.value });
    }
    if (context.value.layer !== undefined && context.value.layers) {
      const message = 'stands beside "layer"; keep one of the two';
      context.issues.push({ code: 'custom', path: ['layers'], message, input: context.value });
    }
  });

const OPERATIONS = ['suppress', 'amplify', 'scale', 'erase', 'rewrite'] as const;

export const operationSchema = z.discriminatedUnion(
  'type',
  [suppress, amplify, scale, eraseSchema, rewrite],
  {
    error: (issue) => (issue.code === 'invalid_union' ? unknownOperation(issue.input) : undefined),
  },
);

function unknownOperation(operation: unknown): string {
  const given = z.object({ type: z.string() }).safeParse(operation);
  const problem = given.success ? 'unknown operation' : 'is missing';
  const meant = given.success ? didYouMean(given.data.type, OPERATIONS) : '';
  return `${problem}; one of ${OPERATIONS.join(', ')}${meant}`;
}

export type Operation = z.infer<typeof operationSchema>;
export type Rewrite = z.infer<typeof rewrite>;

/** An edit of a model with its method named. */
export function withMethod<T extends Pick<EditFile, 'operation'>>(edit: T, causal: boolean): T {
  const { operation } = edit;
  if (operation.type !== 'rewrite' || operation.method) return edit;
  const { layer, layers, choose } = operation;
  const method = layer !== undefined || layers || choose ? 'subject' : usualMethod(causal);
  return { ...edit, operation: { ...operation, method } };
}

/** Whether an edit's vectors are solved for, and have no closed formula. */
export function isSolved(edit: Pick<EditFile, 'operation'>): boolean {
  return (edit.operation.type === 'rewrite' && edit.operation.method === 'solve') || isAtSubject(edit);
}

/** Whether an edit acts where the fact's subject ends. */
export function isAtSubject({ operation }: Pick<EditFile, 'operation'>): boolean {
  return operation.type === 'rewrite' && AT_SUBJECT.includes(operation.method);
}

/** Whether an edit changes every value vector of its layers, and holds real text alone (ROME, MEMIT). */
export function isOfWholeLayers({ operation }: Pick<EditFile, 'operation'>): boolean {
  return operation.type === 'rewrite' && OF_WHOLE_LAYERS.includes(operation.method);
}

/** Whether an edit's neurons are those, or among those, that its fact is located in. */
export function needsLocating({ operation, neurons }: Pick<EditFile, 'operation' | 'neurons'>): boolean {
  if (neurons) return false;
  return !isAtSubject({ operation }) || (operation.type === 'rewrite' && operation.choose === 'located');
}

export const probeSchema = z.strictObject({ prompt: text, expect: targetSchema });

export type ProbeSpec = z.infer<typeof probeSchema>;

export const toleranceSchema = z.strictObject({
  /** What the top answer of neighbourhood and unrelated probes may do. */
  top1: z.enum(['unchanged', 'any']).default('unchanged'),
  /** The most that the expected answer's probability may lose on them. */
  maxProbabilityDrop: probability.default(0.1),
});

export type Tolerance = z.infer<typeof toleranceSchema>;

export const editSchema = z
  .strictObject({
    /** Lets editors find the JSON Schema; ignored. */
    $schema: z.string().optional(),
    ...about,
    name: text,
    /** Name of the model that the edit was written for; another one is refused unless it was asked for by name. */
    model: text.optional(),
    fact: factSchema,
    locate: locateSchema.optional(),
    /** In place of `locate`: the neurons themselves. */
    neurons: z
      .array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]))
      .min(1, 'must name at least one neuron')
      .optional(),
    operation: operationSchema,
    probes: z
      .strictObject({
        paraphrase: z.array(probeSchema).default([]),
        neighborhood: z.array(probeSchema).default([]),
        unrelated: z.array(probeSchema).default([]),
      })
      .prefault({}),
    tolerance: toleranceSchema.prefault({}),
  })
  .check((context) => {
    if (context.value.locate && context.value.neurons) {
      const message = 'stands beside "locate"; keep one of the two';
      context.issues.push({ code: 'custom', path: ['neurons'], message, input: context.value });
    }
    const { neurons, operation } = context.value;
    if (neurons && operation.type !== 'rewrite' && operation.neurons !== undefined) {
      const message = 'stands beside "neurons", which names them; keep one of the two';
      context.issues.push({ code: 'custom', path: ['operation', 'neurons'], message, input: context.value });
    }
    if (neurons && operation.type === 'rewrite') {
      const beside = (['layers', 'layer', 'choose', 'neurons'] as const).find(
        (field) => operation[field] !== undefined,
      );
      const message = isOfWholeLayers(context.value)
        ? `does not go with method "${operation.method}", which changes every neuron of its layers; remove it`
        : beside && `stands beside "operation.${beside}"; keep one of the two`;
      if (message) context.issues.push({ code: 'custom', path: ['neurons'], message, input: context.value });
    }
  });

export type EditFile = z.infer<typeof editSchema>;

/** An edit whose fact is still being written: its parts may be empty. */
export const draftSchema = editSchema.safeExtend({
  fact: factSchema.extend({
    subject: z.string(),
    relation: z.string(),
    object: z.union([z.string(), targetSchema]),
    prompts: z.array(z.string()),
  }),
});

/**
 * An edit that is begun from a fact, which may not be whole yet. It suppresses, until something else is chosen.
 * @param heldOut further wordings of the fact, to be probed
 */
export function draftEdit(fact: Fact, heldOut: readonly string[] = []): EditFile {
  return {
    name: factName(fact),
    fact,
    operation: { type: 'suppress' },
    probes: {
      paraphrase: heldOut.map((prompt) => ({ prompt, expect: fact.object })),
      neighborhood: [],
      unrelated: [],
    },
    tolerance: toleranceSchema.parse({}),
  };
}

/** JSON Schema of the edit file, for editors. */
export function editJsonSchema(): unknown {
  return z.toJSONSchema(editSchema, { io: 'input' });
}
