// The library's public face: the session that the command line and the terminal UI drive, its files and its errors.

export type { BackgroundFiles, BackgroundInfo } from './background/info.js';
export type { EngineReport } from './engine/backends/report.js';
export {
  ConflictError,
  InputError,
  InterruptedError,
  KnEditError,
  NetworkError,
  NotFiniteError,
} from './errors.js';
export type { PullResult } from './hub/pull.js';
export type { EditSummary, TouchedBy } from './ledger/edits.js';
export type { ModelInfo } from './lm/model-info.js';
export type { Neuron } from './lm/overlay.js';
export type { LocatedNeuron } from './locate/refined.js';
export type { Attribution, Completeness } from './locate/score-map.js';
export type { ProbeResult, Regression, Role, RoleMetrics } from './probe/results.js';
export type { ApplyResult } from './session/apply.js';
export type { SetEdit, SetOptions, SetResult } from './session/apply-set.js';
export type { ProbeAnswer, ScoreMap } from './session/ask.js';
export type { CheckResult, Drift } from './session/check.js';
export type { EditsCheck } from './session/check-edits.js';
export type { LedgerCheck } from './session/check-ledger.js';
export type { Control, Progress } from './session/context.js';
export type { EditDiff } from './session/diff.js';
export { type Diagnosis, diagnose } from './session/doctor.js';
export type { EraseOptions, EraseResult } from './session/erase.js';
export type { ApplyOptions } from './session/evaluate.js';
export type { ExportOptions, ExportResult, Rounding } from './session/export.js';
export type { FactMaps } from './session/fact-maps.js';
export type { Localization, Located } from './session/locate.js';
export {
  type ListedModel,
  listModels,
  type ModelReport,
  modelInfo,
  pullModel,
} from './session/models.js';
export type { NeuronOptions, NeuronView } from './session/neuron.js';
export type { MapFlow, MapNeuron, MapOptions, NeuronMap } from './session/neuron-map.js';
export type { Diversity, FactNames, NewFact, NewFactOptions, TriedPrompt } from './session/new-fact.js';
export type { EditFact, EditMetrics, EditResult, MeasuredEdit } from './session/outcome.js';
export type { AppliedPatch, Patch, PatchOptions } from './session/patch.js';
export type { ChangedEdit, RestackOptions, RestackResult, RevertChoice } from './session/restack.js';
export { Session, type SessionOptions } from './session/session.js';
export type { StandingEdit } from './session/standings.js';
export type { Sweep, SweptValue } from './session/swept.js';
export { type Conversion, convertSet } from './sets/convert.js';
export { describeSet, type SetInfo } from './sets/info.js';
export { type JoinedNeurons, joinNeurons } from './sets/joined-neurons.js';
export {
  type FactNeurons,
  readNeurons,
  writeNeuronBags,
  writeNeurons,
} from './sets/neuron-files.js';
export { type OpenSet, openSet, readSet, readSetPatiently, type SetReading } from './sets/read.js';
export type { ReasonCount } from './sets/reasons.js';
export type { ReadRecord, SetAside, SetItem, SetProbes } from './sets/set.js';
export type { RefusedItem, Usability } from './sets/usable.js';
export type { EngineChoice } from './spec/choices.js';
export { type EditFile, editJsonSchema, type Fact, type Operation } from './spec/edit-file.js';
export type { BaseFact } from './spec/fact-base.js';
export { readEdit, readEdits, readFact, type SourcedEdit } from './spec/read.js';
export type { LocateOptions, LocateSettings } from './spec/settings.js';
export { readSuite, type Suite } from './spec/suite-file.js';
export type { RunAbout } from './sweep/map.js';
export type { SweepOptions, SweepSummary } from './sweep/options.js';
export { type Relations, readRelations } from './sweep/relations/file.js';
export type { RelationsOptions, RelationsSummary } from './sweep/relations/relations.js';
export type { SweepFailure, SweepResult } from './sweep/result.js';
export { readChecks, readFailures, readManifest, readResults } from './sweep/run-directory.js';
export type { SequenceCheck } from './sweep/sequence/lines.js';
