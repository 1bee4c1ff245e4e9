// The operation as lines to turn and to type into.
import type { Operation } from '../../index.js';
import { targetText } from '../../report/words.js';
import type { Method } from '../../spec/choices.js';
import { next } from './settings.js';

export interface FormRow {
  label: string;
  value: string;
  /** One step up or down; absent where the value is typed. */
  turn?: (by: number) => Operation;
  /** What a typed word makes of the operation. */
  type?: (word: string) => Operation;
}

const OPERATIONS = ['rewrite', 'suppress', 'amplify', 'scale', 'erase'] as const;
const METHODS = ['solve', 'subject', 'relative', 'absolute', 'rome', 'memit'] as const;
const DIRECTIONS = ['embedding', 'readout'] as const;

/** How many neurons a rewrite that is solved for takes where that is not chosen. */
type UsualNeurons = (method: 'solve' | 'subject') => number;

/** The steps in which the number of neurons is turned. */
const NEURON_STEP = 10;
const STRENGTHS = { relative: [1, 8], absolute: [2, 2] } as const;
const STRENGTH_STEP = 0.25;

/**
 * @param remembered the last new object, and
 * @param method how facts are rewritten in this model, for when the operation becomes a rewrite again
 * @param usual neurons in this model, beside the edits that it has
 */
export function formOf(
  operation: Operation,
  remembered: string,
  method: Method,
  usual: UsualNeurons,
): FormRow[] {
  const kind: FormRow = {
    label: 'operation',
    value: operation.type,
    turn: (by) => fresh(next(OPERATIONS, operation.type, by), remembered, method),
  };
  switch (operation.type) {
    case 'suppress':
      return [kind];
    case 'amplify':
    case 'scale':
      return [
        kind,
        {
          label: 'factor',
          value: `× ${operation.factor}`,
          turn: (by) => ({ ...operation, factor: step(operation.factor, by) }),
        },
      ];
    case 'erase':
      return [
        kind,
        {
          label: 'to',
          value: operation.value,
          turn: (by) => ({ ...operation, value: next(['zero', 'unk'] as const, operation.value, by) }),
        },
      ];
    case 'rewrite':
      return [kind, ...rewriteRows({ ...operation, method: operation.method ?? method }, usual)];
  }
}

function rewriteRows(
  operation: Extract<Operation, { type: 'rewrite' }> & { method: Method },
  usual: UsualNeurons,
): FormRow[] {
  const { type, to, from, method } = operation;
  const rows: FormRow[] = [
    {
      label: 'new object',
      value: to === '' ? '(enter: type it)' : targetText(to),
      type: (word) => ({ ...operation, to: word }),
    },
    { label: 'method', value: method, turn: (by) => ({ type, to, from, method: next(METHODS, method, by) }) },
  ];
  if (method === 'solve' || method === 'subject') {
    const standard = usual(method);
    const { neurons = standard } = operation;
    return [
      ...rows,
      {
        label: 'neurons',
        value: `up to ${neurons}`,
        turn: (by) => {
          const turned = Math.max(NEURON_STEP, neurons + NEURON_STEP * by);
          return { ...operation, neurons: unless(standard, turned) };
        },
      },
    ];
  }
  if (method === 'rome' || method === 'memit') return rows;
  const [standardOld, standardNew] = STRENGTHS[method];
  const { lambdaOld = standardOld, lambdaNew = standardNew, direction = 'embedding' } = operation;
  return [
    ...rows,
    {
      label: 'λ old',
      value: String(lambdaOld),
      turn: (by) => ({ ...operation, lambdaOld: unless(standardOld, step(lambdaOld, by)) }),
    },
    {
      label: 'λ new',
      value: String(lambdaNew),
      turn: (by) => ({ ...operation, lambdaNew: unless(standardNew, step(lambdaNew, by)) }),
    },
    {
      label: 'direction',
      value: direction,
      turn: (by) => ({ ...operation, direction: unless('embedding', next(DIRECTIONS, direction, by)) }),
    },
  ];
}

/** What is as usual is left out: then it is the same edit as before it was turned. */
function unless<T>(usual: NoInfer<T>, value: T): T | undefined {
  return value === usual ? undefined : value;
}

function step(value: number, by: number): number {
  return Math.max(0, Number((value + STRENGTH_STEP * by).toFixed(4)));
}

function fresh(type: Operation['type'], remembered: string, method: Method): Operation {
  switch (type) {
    case 'suppress':
      return { type };
    case 'amplify':
      return { type, factor: 2 };
    case 'scale':
      return { type, factor: 0.5 };
    case 'erase':
      return { type, value: 'zero' };
    case 'rewrite':
      return { type, to: remembered, method };
  }
}
