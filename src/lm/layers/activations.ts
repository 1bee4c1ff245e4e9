// The non-linearities of feed-forward layers, by the names that config.json has for them.
import { type Activation, gelu, geluNew } from './gelu.js';

export const ACTIVATIONS = ['gelu', 'gelu_new'] as const;

export type ActivationName = (typeof ACTIVATIONS)[number];

export const activations: Record<ActivationName, Activation> = { gelu, gelu_new: geluNew };
