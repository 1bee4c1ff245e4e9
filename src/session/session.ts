// The one object that both faces drive: a model, its ledger, and the workers that do the computing.
import { buildBackground } from '../background/build.js';
import { type BackgroundFiles, type BackgroundInfo, describeBackground } from '../background/info.js';
import { BackgroundStore } from '../background/store.js';
import type { EngineReport } from '../engine/backends/report.js';
import { weightsOf, workerBytes } from '../engine/choice/memory.js';
import { ModelPool } from '../engine/pool/pool.js';
import { about, InputError, InterruptedError, KnEditError } from '../errors.js';
import type { EditSummary, TouchedBy } from '../ledger/edits.js';
import type { Ledger } from '../ledger/ledger.js';
import type { RecordedPrompt } from '../ledger/records.js';
import type { CachedMaps } from '../ledger/score-maps.js';
import { weightBytes } from '../lm/files.js';
import type { ModelInfo } from '../lm/model-info.js';
import { type Neuron, NO_OVERLAY, toNeuronId } from '../lm/overlay.js';
import type { Target } from '../lm/prompt.js';
import type { LocatedNeuron } from '../locate/refined.js';
import type { SetItem } from '../sets/set.js';
import { type Usability, usableFor } from '../sets/usable.js';
import type { EngineChoice } from '../spec/choices.js';
import { draftEdit, type EditFile, type Fact, factSchema } from '../spec/edit-file.js';
import { type BaseFact, continuing } from '../spec/fact-base.js';
import { validate } from '../spec/json.js';
import { readEdit, readFact, type SourcedEdit } from '../spec/read.js';
import { promptsFor } from '../spec/relations.js';
import {
  type LocateOptions,
  type LocateSettings,
  resolveSettings,
  settingsSchema,
  withUsual,
} from '../spec/settings.js';
import type { Suite } from '../spec/suite-file.js';
import { mapOfRun, type RunAbout } from '../sweep/map.js';
import type { SweepOptions, SweepSummary, WorkSummary } from '../sweep/options.js';
import {
  analyseRelations,
  type RelationsOptions,
  type RelationsSummary,
} from '../sweep/relations/relations.js';
import { sweep } from '../sweep/sweep.js';
import { inForce, readAppliedEdits } from './applied-edits.js';
import { type ApplyResult, applyEdit } from './apply.js';
import { applySet, type SetMember, type SetOptions, type SetResult } from './apply-set.js';
import { argument, takes } from './arguments.js';
import { attribute, type ProbeAnswer, probe, type ScoreMap } from './ask.js';
import { type CheckResult, checkSuite } from './check.js';
import { checkEdits, type EditsCheck } from './check-edits.js';
import { checkLedger, type LedgerCheck } from './check-ledger.js';
import { Context, type Control } from './context.js';
import { diffEdits, type EditDiff } from './diff.js';
import { type EraseOptions, type EraseResult, eraseRelation } from './erase.js';
import type { ApplyOptions } from './evaluate.js';
import { type ExportOptions, type ExportResult, exportModel } from './export.js';
import { type FactMaps, mapFact, mapsKey } from './fact-maps.js';
import { findModel } from './find-model.js';
import { type Localization, type Located, localize, locateFact } from './locate.js';
import { checkMeantFor } from './meant-for.js';
import { type NeuronOptions, type NeuronView, viewNeuron } from './neuron.js';
import { type MapOptions, mapOfFact, mapOfRelation, type NeuronMap } from './neuron-map.js';
import { neuronsOf } from './neurons-of.js';
import { type FactNames, makeFact, type NewFact, type NewFactOptions, wordingsOf } from './new-fact.js';
import { type EditFact, factOf, type MeasuredEdit, measuredEdit } from './outcome.js';
import { ownFacts } from './own-facts.js';
import { OwnLedger } from './own-ledger.js';
import { type AppliedPatch, applyPatch, exportPatch, type Patch, type PatchOptions } from './patch.js';
import { type PrunedCache, pruneCache } from './prune-cache.js';
import {
  type RestackOptions,
  type RestackResult,
  type RevertChoice,
  redoEdit,
  revertEdits,
} from './restack.js';
import { readStack, type Stack } from './state.js';
import { fingerprintsIn } from './stored-fingerprints.js';
import { drawSuite, recordSuite } from './suite.js';
import { sweepEdit } from './sweep-setting.js';

export interface SessionOptions {
  /** Checkpoint directory or GGUF file, the name of the embedded model, or a model of the hub that is in the cache. */
  model?: string | undefined;
  /** Ledger file; by default the model's own, in `.kn-edit`. */
  db?: string | undefined;
  engine?: EngineChoice | undefined;
  /** Threads that compute, at most; by default one per core, as far as the memory goes. */
  workers?: number | undefined;
  /** Ignore the ledger's edits: work on the base, cache and record nothing. */
  base?: boolean | undefined;
  /** Settings of locating in place of the defaults, where a call names neither a preset nor these. */
  locate?: LocateOptions | undefined;
}

export class Session {
  private directory = '';
  private pool: ModelPool | undefined;
  private loading: Promise<ModelInfo> | undefined;
  private info: ModelInfo | undefined;
  private readonly ledger: OwnLedger;
  private known: { ledger: Ledger; revision: string | undefined; stack: Stack } | undefined;
  private factBase: BaseFact[] = [];
  /** By the path of the ledger beside which they lie. */
  private readonly stores = new Map<string, BackgroundStore>();

  /** Every method checks its arguments. @throws InputError that names the one that is wrong */
  constructor(private readonly options: SessionOptions = {}) {
    argument('options', options, takes.session);
    this.ledger = new OwnLedger(options.db, options.model);
  }

  /** Ends the workers and closes the ledger. */
  async close(): Promise<void> {
    try {
      await this.pool?.close();
    } finally {
      this.ledger.close();
    }
  }

  /** Loads the model if that has not happened yet. @throws InputError when it cannot be loaded */
  async model(control: Control = {}): Promise<ModelInfo> {
    argument('control', control, takes.control);
    const others = this.loading;
    this.loading ??= this.load(control).catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    });
    try {
      return await this.loading;
    } catch (error) {
      // Only the caller that began it was interrupted; this one still wants the model.
      const goesOn = others && error instanceof InterruptedError && !control.signal?.aborted;
      if (goesOn) return this.model(control);
      throw error;
    }
  }

  private async load(control: Control): Promise<ModelInfo> {
    control.onProgress?.({ stage: 'load', done: 0, total: 1 });
    const { name, directory } = findModel(this.options.model);
    this.pool ??= new ModelPool(directory, this.engineChoice, this.options.workers);
    this.directory = directory;
    const loaded = await this.pool.run('describe', {}, { overlay: NO_OVERLAY, signal: control.signal });
    const info = { ...loaded, ...fingerprintsIn(directory) };
    this.info = name ? { ...info, name } : info;
    this.factBase = this.factsOf(this.info, control);
    for (const note of info.notes) control.onNote?.(note);
    control.onProgress?.({ stage: 'load', done: 1, total: 1 });
    return this.info;
  }

  /** The facts of a model: those beside its weights, or else those that its background knows it to hold. */
  private factsOf(info: ModelInfo, control: Control): BaseFact[] {
    const own = ownFacts(info.directory);
    if (own) return info.causal ? continuing(own) : own;
    try {
      return this.store(info).facts()?.bases.flat() ?? [];
    } catch (error) {
      const said = this.ledger.inWords(error);
      if (!(said instanceof KnEditError)) throw said;
      control.onNote?.(said.message); // the model is of use without them
      return [];
    }
  }

  /** Where the background of the model is kept: beside its ledger. */
  private store(info: ModelInfo | undefined = this.info): BackgroundStore {
    const { fingerprint } = info ?? fingerprintsIn(findModel(this.options.model).directory);
    const path = this.ledger.path(info);
    const known = this.stores.get(path);
    if (known) return known;
    const store = new BackgroundStore(path, fingerprint);
    this.stores.set(path, store);
    return store;
  }

  /** The model's fact base, or what its background has of facts, once the model is loaded; empty where there is neither. */
  get facts(): readonly BaseFact[] {
    return this.factBase;
  }

  /** The engine that was asked for. */
  get engineChoice(): EngineChoice {
    return this.options.engine ?? 'auto';
  }

  /** The engine in use, once something was computed. */
  get engine(): EngineReport | undefined {
    return this.pool?.engine;
  }

  /** Null before the model is loaded. */
  get capacity(): Capacity | null {
    if (!this.pool) return null;
    const engine = this.engine?.engine ?? 'wasm';
    return {
      count: this.pool.workers,
      bytes: workerBytes(engine),
      weights: weightsOf(engine, weightBytes(this.directory)),
    };
  }

  /** Answers to one prompt: the most probable ones, and the target's where one is given. */
  async probe(prompt: string, target?: Target, top = 5, control: Control = {}): Promise<ProbeAnswer> {
    argument('prompt', prompt, takes.prompt);
    argument('target', target, takes.target.optional());
    argument('top', top, takes.count);
    return this.step(control, false, (context) => probe(context, prompt, target, top));
  }

  /** The score map of one prompt. */
  async attribute(
    prompt: string,
    target: Target,
    options: LocateOptions = {},
    control: Control = {},
  ): Promise<ScoreMap> {
    argument('prompt', prompt, takes.prompt);
    argument('target', target, takes.target);
    argument('options', options, takes.locate);
    return this.step(control, false, (context) => attribute(context, prompt, target, this.resolve(options)));
  }

  /** Opens an edit file, or a fact file, from which an edit is begun. @throws InputError that names file and field */
  read(path: string): EditFile {
    argument('path', path, takes.path);
    const { fact, alone } = readFact(path);
    return alone ? draftEdit(fact) : readEdit(path);
  }

  /** An edit that is begun from a fact, which may not be whole yet. @param heldOut further wordings, for probes */
  draft(fact: Fact, heldOut: readonly string[] = []): EditFile {
    argument('fact', fact, takes.begunFact);
    argument('heldOut', heldOut, takes.wordings);
    return draftEdit(fact, heldOut);
  }

  /**
   * The prompts that are proposed for a fact of a relation, as this model can be asked.
   * @returns with the relation's name, as the model's facts have it where they have it
   * @throws InputError when no wordings of the relation are known
   */
  async propose(
    { subject, relation }: Omit<FactNames, 'object'>,
    control: Control = {},
  ): Promise<{ relation: string; prompts: string[] }> {
    argument('subject', subject, takes.name);
    argument('relation', relation, takes.relation);
    const { causal } = await this.model(control);
    const { name, templates } = wordingsOf(this.factBase, relation);
    return { relation: name, prompts: promptsFor(templates, subject, causal) };
  }

  /** Words of the model's vocabulary that begin so, the commoner ones first. */
  async vocabulary(beginning: string, count: number, control: Control = {}): Promise<string[]> {
    argument('beginning', beginning, takes.name);
    argument('count', count, takes.count);
    return this.step(control, false, (context) => context.run('vocabulary', { beginning, count }));
  }

  /** A fact made of the wordings of its relation, with what the model answers to each. */
  async makeFact(names: FactNames, options: NewFactOptions = {}, control: Control = {}): Promise<NewFact> {
    argument('names', names, takes.factNames);
    argument('options', options, takes.newFact);
    return this.step(control, false, (context) => makeFact(context, names, this.resolve(), options));
  }

  /** @throws InputError that names what a fact that is being written still lacks */
  checkFact(fact: Fact): void {
    validate('the fact', fact, factSchema);
  }

  /** The score maps of a fact, from which `localize` chooses neurons. `control.onMap` is shown each as it comes. */
  async map(fact: Fact, options: LocateOptions = {}, control: Control = {}): Promise<FactMaps> {
    argument('fact', fact, takes.fact);
    argument('options', options, takes.locate);
    return this.step(control, true, (context) => {
      return mapFact(context, fact, this.resolve(options));
    });
  }

  /**
   * What maps come to under some settings, at once; nothing is recorded. Undefined when the settings ask for other
   * maps. @throws InputError when the settings do not fit together
   */
  localize(maps: FactMaps, options: LocateOptions = {}): Located | undefined {
    argument('maps', maps, takes.made);
    argument('options', options, takes.locate);
    const settings = this.resolve(options);
    return mapsKey(settings) === maps.key ? localize(maps, settings) : undefined;
  }

  /** The neurons that an edit would change. @throws InputError when there are none, or they do not fit the model */
  async choose(edit: EditFile, located?: Located): Promise<LocatedNeuron[]> {
    argument('edit', edit, takes.begunEdit);
    argument('located', located, takes.made.optional());
    return this.step({}, false, (context) => neuronsOf(context, edit, located));
  }

  /** The words that value vectors promote, the most promoted one first, for each neuron. */
  async promoted(neurons: readonly Neuron[], count = 10, control: Control = {}): Promise<string[][]> {
    argument('neurons', neurons, takes.neurons);
    argument('count', count, takes.count);
    return this.step(control, false, (context) =>
      context.run('promoted', { neurons: neurons.map(toNeuronId), count }),
    );
  }

  /** One neuron, seen from every side; of a fact and of an edit where they are given. */
  async neuron(
    neuron: Neuron,
    options: NeuronOptions & { locate?: LocateOptions } = {},
    control: Control = {},
  ): Promise<NeuronView> {
    argument('neuron', neuron, takes.neuron);
    const { locate, ...about } = argument('options', options, takes.view);
    return this.step(control, true, (context) => viewNeuron(context, neuron, about, this.resolve(locate)));
  }

  /**
   * The map of a fact through the layers; of a relation, by its name; or of a finished run, or a relation of it, whose neurons
   * are not located again.
   */
  async neuronMap(
    about: Fact | string | RunAbout,
    options: MapOptions & { locate?: LocateOptions } = {},
    control: Control = {},
  ): Promise<NeuronMap> {
    if (typeof about === 'string') argument('relation', about, takes.relation);
    else if ('run' in about) argument('run', about, takes.runAbout);
    else argument('fact', about, takes.fact);
    argument('options', options, takes.neuronMap);
    return this.step(control, true, (context) => {
      if (typeof about === 'object' && 'run' in about) {
        return mapOfRun(context, about, options.locate ?? {}, options);
      }
      const settings = this.resolve(options.locate);
      if (typeof about === 'string') return mapOfRelation(context, about, settings, options);
      return mapOfFact(context, about, settings, options);
    });
  }

  /** Locates a fact and records it. */
  async locate(fact: Fact, options: LocateOptions = {}, control: Control = {}): Promise<Localization> {
    argument('fact', fact, takes.fact);
    argument('options', options, takes.locate);
    return this.step(control, true, async (context) => {
      return (await locateFact(context, fact, this.resolve(options))).localization;
    });
  }

  /** Applies an edit: locate, probe, operate, probe again, check, record. `options` win over the file's `locate`. */
  async apply(
    edit: EditFile,
    options: ApplyOptions & { locate?: LocateOptions } = {},
    control: Control = {},
  ): Promise<ApplyResult> {
    const whole = argument('edit', edit, takes.edit);
    argument('options', options, takes.apply);
    return this.step(control, true, (context) => {
      this.expectMeantFor('edit', whole, context);
      const settings = this.resolve({ ...whole.locate, ...options.locate });
      if (!options.dryRun && !options.whatIf) context.ledger?.expectWritable();
      const { sweep } = options;
      if (sweep) return sweepEdit(context, whole, settings, options, sweep);
      return applyEdit(context, whole, settings, options);
    });
  }

  /**
   * Applies edits of different facts together: each is worked out with the wordings of all others held in place, and all are
   * recorded, an entry each, or none. `options` win over the files' `locate`.
   */
  async applySet(
    edits: readonly SourcedEdit[],
    options: SetOptions & { locate?: LocateOptions } = {},
    control: Control = {},
  ): Promise<SetResult> {
    const whole = argument('edits', edits, takes.edits);
    argument('options', options, takes.applySet);
    return this.step(control, true, async (context) => {
      const member = ({ source, edit }: SourcedEdit): SetMember => {
        this.expectMeantFor('edit', edit, context);
        return { source, edit, settings: this.resolve({ ...edit.locate, ...options.locate }) };
      };
      const members = await Promise.all(whole.map((one) => about(one.source, () => member(one))));
      if (!options.dryRun) context.ledger?.expectWritable();
      return applySet(context, members, options);
    });
  }

  /**
   * Erases a relation: the neurons that most of its facts share. Locates, probes, operates, probes again, checks, and records
   * it as one edit.
   */
  async erase(
    relation: string,
    options: EraseOptions & { locate?: LocateOptions } = {},
    control: Control = {},
  ): Promise<EraseResult> {
    argument('relation', relation, takes.relation);
    argument('options', options, takes.erase);
    return this.step(control, true, (context) => {
      if (!options.dryRun) context.ledger?.expectWritable();
      return eraseRelation(context, relation, this.resolve(options.locate), options);
    });
  }

  /**
   * Locates every fact of a set, or edits and measures it, in a run directory; what is done there already is not done again.
   * Every edit is measured as in a dry run. Nothing comes into the ledger.
   */
  async sweep(
    items: readonly SetItem[],
    options: SweepOptions,
    control: Control = {},
  ): Promise<SweepSummary> {
    argument('items', items, takes.items);
    argument('options', options, takes.sweep);
    return this.step(control, false, (context) =>
      sweep(context, items, options, this.resolve(options.locate)),
    );
  }

  /**
   * Asks the model once more about the relations of a finished run: what is left of each when its commonest neurons are erased,
   * and their activations on sentences about its facts. It is kept in the run's directory; the ledger stays as it is.
   * @param run directory of the run
   */
  async relations(
    run: string,
    options: RelationsOptions = {},
    control: Control = {},
  ): Promise<RelationsSummary> {
    argument('run', run, takes.path);
    argument('options', options, takes.relations);
    return this.step(control, false, (context) => analyseRelations(context, run, options));
  }

  /**
   * Computes what sweeps elsewhere send to a queue for this model.
   * @param queue address of a Redis server
   * @param idleSeconds how long it waits for something to do; for ever unless given
   */
  async sweepWork(
    queue: string,
    idleSeconds = Number.POSITIVE_INFINITY,
    control: Control = {},
  ): Promise<WorkSummary> {
    argument('queue', queue, takes.queue);
    argument('idleSeconds', idleSeconds, takes.seconds);
    return this.step(control, false, async (context) => {
      const { workOn } = await import('../sweep/queue/worker.js');
      return workOn(context, queue, idleSeconds);
    });
  }

  /** Takes edits back; refuses when others lose by it, unless that is allowed. */
  async revert(
    choice: RevertChoice,
    options: RestackOptions = {},
    control: Control = {},
  ): Promise<RestackResult> {
    argument('choice', choice, takes.choice);
    argument('options', options, takes.restack);
    this.expectEdits();
    return this.step(control, false, (context) => revertEdits(context, choice, options));
  }

  /** Puts a reverted edit on again, in its old place; refuses when others lose by it, unless that is allowed. */
  async redo(id: number, options: RestackOptions = {}, control: Control = {}): Promise<RestackResult> {
    argument('id', id, takes.id);
    argument('options', options, takes.restack);
    this.expectEdits();
    return this.step(control, false, (context) => redoEdit(context, id, options));
  }

  /** Checks the model as edited against a suite, or against 200 facts of its fact base. */
  async check(suite?: Suite, control: Control = {}): Promise<CheckResult> {
    argument('suite', suite, takes.suite.optional());
    return this.step(control, false, (context) => {
      if (suite) this.expectMeantFor('suite', suite, context);
      return checkSuite(context, suite ?? drawSuite(context.expected, context.model, 200, 1));
    });
  }

  /** How the applied edits stand, measured now and recorded. */
  async checkEdits(control: Control = {}): Promise<EditsCheck> {
    this.expectEdits();
    return this.step(control, false, (context) => {
      if (this.options.db !== undefined && !context.ledger?.exists) {
        throw new InputError(`${this.options.db}: there is no ledger there; check --db`);
      }
      return checkEdits(context);
    });
  }

  /** @throws InputError when the session ignores the ledger's edits */
  private expectEdits(): void {
    if (this.options.base) throw new InputError('--base ignores the edits that this is about; drop --base');
  }

  /** The suite with the base model's answers as the expectation. */
  async recordSuite(suite: Suite, control: Control = {}): Promise<Suite> {
    argument('suite', suite, takes.suite);
    return this.step(control, false, (context) => recordSuite(context, suite));
  }

  /** A suite of facts from the model's fact base. */
  async drawSuite(count = 100, seed = 1, control: Control = {}): Promise<Suite> {
    argument('count', count, takes.count);
    argument('seed', seed, takes.seed);
    return this.step(control, false, async ({ expected, model }) => {
      return drawSuite(expected, model, count, seed);
    });
  }

  /** Builds the model's background: which facts it knows, and text in its tokens. Takes minutes. */
  async buildBackground(files: BackgroundFiles = {}, control: Control = {}): Promise<BackgroundInfo> {
    argument('files', files, takes.background);
    return this.step(control, false, async ({ work, store, model }) => {
      await buildBackground(work, store, files);
      this.factBase = this.factsOf(model, control);
      return describeBackground(store);
    });
  }

  /** Which items of a data set the model can be asked for, and how. */
  async usable(
    items: readonly SetItem[],
    options: { edit?: boolean | undefined } = {},
    control: Control = {},
  ): Promise<Usability> {
    argument('items', items, takes.items);
    argument('options', options, takes.usable);
    return this.step(control, false, ({ work }) => usableFor(work, items, options));
  }

  /** What there is of the model's background. Loads no model. */
  background(): BackgroundInfo {
    return describeBackground(this.store());
  }

  /** Writes the edited model to a new directory; or, of a GGUF file, to a new one: a path that ends in `.gguf`. */
  async export(path: string, options: ExportOptions = {}, control: Control = {}): Promise<ExportResult> {
    argument('path', path, takes.path);
    argument('options', options, takes.export);
    return this.step(control, false, (context) => exportModel(context, path, options));
  }

  /** Writes the value vectors that some edits change to a patch file. */
  async exportPatch(ids: readonly number[], out: string, control: Control = {}): Promise<Patch> {
    argument('ids', ids, takes.ids);
    argument('out', out, takes.path);
    this.expectEdits();
    return this.step(control, false, (context) => exportPatch(context, ids, out));
  }

  /** Puts a patch on, as an edit of its own. */
  async applyPatch(path: string, options: PatchOptions = {}, control: Control = {}): Promise<AppliedPatch> {
    argument('path', path, takes.path);
    argument('options', options, takes.patch);
    return this.step(control, true, (context) => applyPatch(context, path, options));
  }

  /** @throws InputError when a file is for another model, unless this one was asked for */
  private expectMeantFor(what: 'edit' | 'suite', file: EditFile | Suite, context: Context): void {
    const note = checkMeantFor(what, file, context.model, this.options.model !== undefined);
    if (note) context.note(note);
  }

  /** All edits of the ledger, newest first. Loads no model. */
  history(): EditSummary[] {
    return this.ledger.read(this.info, (ledger) => ledger.edits.list()) ?? [];
  }

  /** How many applied edits another one holds: those that have a fact which none after them edits. Loads no model. */
  held(): number {
    if (this.options.base) return 0;
    const read = (ledger: Ledger) => inForce(readAppliedEdits(ledger, ledger.edits.applied())).length;
    return this.ledger.read(this.info, read) ?? 0;
  }

  /** One edit with all that is known of it. Loads no model. */
  show(id: number): MeasuredEdit {
    argument('id', id, takes.id);
    const found = this.ledger.read(this.info, (ledger) => measuredEdit(ledger.edits.get(id)));
    if (found) return found;
    const path = this.ledger.path(this.info);
    throw new InputError(`${path}: there is no ledger yet; apply an edit first, or pass --db`);
  }

  /** The fact of an edit, and how it was to be located. Loads no model. */
  factOf(id: number): EditFact {
    return factOf(this.show(id).specification);
  }

  /** Every neuron that some edit changes, with the ids of those edits, reverted ones too. Loads no model. */
  touched(): TouchedBy[] {
    return this.ledger.read(this.info, (ledger) => ledger.edits.touched()) ?? [];
  }

  /** The prompts by which the neurons of an edit were located; empty where they were not. Loads no model. */
  locatedPrompts(id: number): RecordedPrompt[] {
    const { localizationId } = this.show(id);
    if (localizationId === null) return [];
    return this.ledger.read(this.info, (ledger) => ledger.localizations.prompts(localizationId)) ?? [];
  }

  /** Two edits side by side. Loads no model. */
  diff(first: number, second: number): EditDiff {
    argument('first', first, takes.id);
    argument('second', second, takes.id);
    return diffEdits(this.show(first), this.show(second));
  }

  /**
   * Looks at all that is in the ledger. Where the model is loaded, the applied edits are replayed on its base.
   * @returns undefined when there is none
   * @throws InputError or ConflictError when it cannot be opened; InterruptedError
   */
  async checkLedger(control: Control = {}): Promise<LedgerCheck | undefined> {
    const ledger = this.ledger.look(this.info, (one) => one);
    if (!ledger) return undefined;
    const { pool, info } = this;
    return checkLedger(ledger, pool && info && this.onBase(pool, info, control), control);
  }

  /** The ledger's cache of score maps. Loads no model. @returns undefined when there is no ledger */
  cache(): CachedMaps | undefined {
    return this.ledger.look(this.info, (ledger) => ledger.scoreMaps.info());
  }

  /**
   * Removes cached score maps, those that were not used for longest first, and makes the ledger's file smaller by as much.
   * Loads no model.
   * @param bytes that they may go on taking
   * @throws InputError when there is no ledger, or it cannot be written; ConflictError when another program is writing
   */
  pruneCache(bytes = 0): PrunedCache {
    argument('bytes', bytes, takes.bytes);
    const pruned = this.ledger.read(this.info, (ledger) => ledger.exists && pruneCache(ledger, bytes));
    if (pruned) return pruned;
    throw new InputError(`${this.ledger.path(this.info)}: there is no ledger yet, and nothing cached`);
  }

  /** Path of the ledger; undefined where none was named and the model is not known yet. */
  get db(): string | undefined {
    return this.ledger.known;
  }

  /** Complete settings. @throws InputError when they do not fit together, or do not fit the model */
  resolve(options: LocateOptions = {}): LocateSettings {
    argument('options', options, takes.locate);
    const { info } = this;
    const settings = validate(
      'locate',
      resolveSettings(withUsual(options, this.options.locate), info),
      settingsSchema,
    );
    if (settings.path === 'frozen-norm' && info && !info.normsOutput) {
      throw new InputError(
        `frozen-norm is for models with a norm on the FFN's output alone, which ${info.family} does not have; use plain`,
        'locate.path',
      );
    }
    return settings;
  }

  /** Runs one step of the pipeline in the model's present state, with SQLite's errors in words. */
  private async step<T>(
    control: Control,
    creates: boolean,
    work: (context: Context) => Promise<T>,
  ): Promise<T> {
    const model = await this.model(control);
    try {
      const context = await this.context(model, creates, control);
      return await work(context);
    } catch (error) {
      throw this.ledger.inWords(error);
    } finally {
      // Whoever does not listen leaves the ledger's notes to who does.
      if (control.onNote) for (const note of this.ledger.takeNotes()) control.onNote(note);
    }
  }

  private async context(model: ModelInfo, creates: boolean, control: Control): Promise<Context> {
    const { pool } = this;
    if (!pool) throw new Error('the model was not loaded');
    const base = this.onBase(pool, model, control);
    const ledger = this.options.base ? undefined : this.ledger.open(model, creates);
    if (!ledger) return base;
    ledger.claim(model);
    const { ids, overlay } = await this.stack(ledger, base);
    return new Context(pool, model, ledger, ids, overlay, this.factBase, control, this.store(model));
  }

  private onBase(pool: ModelPool, model: ModelInfo, control: Control): Context {
    return new Context(pool, model, undefined, [], NO_OVERLAY, this.factBase, control, this.store(model));
  }

  /** The applied edits; read and checked once, and again when they have changed. */
  private async stack(ledger: Ledger, base: Context): Promise<Stack> {
    const revision = ledger.edits.revision();
    if (this.known?.ledger === ledger && this.known.revision === revision) return this.known.stack;
    const stack = await readStack(ledger, base);
    this.known = { ledger, revision, stack };
    return stack;
  }
}

/** What computing takes, in bytes (an estimate). */
export interface Capacity {
  /** Workers that may compute at the same time. */
  count: number;
  /** Of each of them, at its peak. */
  bytes: number;
  /** Of the weights, which all of them share. */
  weights: number;
}
