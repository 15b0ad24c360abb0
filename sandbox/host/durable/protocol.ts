// The JSON the durable-functions SDK (3.5.0) and the Durable Task extension exchange at each orchestrator turn.

/** Numbers of history events as they stand on the wire (Durable Task Framework `EventType`). */
export const eventTypes = {
  executionStarted: 0,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
} as const;

/** One entry of an orchestration's history; which optional fields are set depends on `EventType`. */
export interface HistoryEvent {
  readonly EventType: number;
  /** The task id for scheduling events, -1 otherwise. */
  readonly EventId: number;
  readonly IsPlayed: boolean;
  /** ISO instant. */
  readonly Timestamp: string;
  readonly Name?: string;
  /** JSON text. */
  readonly Input?: string | null;
  /** JSON text. */
  readonly Result?: string | null;
  readonly Reason?: string;
  readonly Details?: string;
  readonly TaskScheduledId?: number;
  readonly TimerId?: number;
  readonly FireAt?: string;
  readonly InstanceId?: string;
  readonly OrchestrationInstance?: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly ParentInstance?: unknown;
  readonly Version?: string;
  readonly Tags?: null;
}

/** Numbers of actions an orchestrator asks for (SDK `ActionType`). */
export const actionTypes = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  callEntity: 7,
  callHttp: 8,
  signalEntity: 9,
  whenAny: 11,
  whenAll: 12,
} as const;

/** How the extension repeats a failed activity or sub-orchestration. */
export interface DurableRetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

/** One thing an orchestrator asked for; which optional fields are set depends on `actionType`. */
export interface Action {
  readonly actionType: number;
  readonly functionName?: string;
  readonly input?: unknown;
  readonly instanceId?: string;
  readonly version?: string;
  readonly retryOptions?: DurableRetryOptions;
  readonly fireAt?: string;
  readonly isCanceled?: boolean;
  readonly externalEventName?: string;
  readonly compoundActions?: readonly Action[];
}

/** What one orchestrator turn gives back: every action since the start of this execution, in order, not just the new ones. */
export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly (readonly Action[])[];
  readonly output?: unknown;
  readonly error?: string;
  readonly customStatus?: unknown;
  readonly schemaVersion: number;
}

/** The trigger value of one orchestrator turn. */
export interface OrchestratorInput {
  readonly history: readonly HistoryEvent[];
  /** The orchestration's input as a JSON value (not JSON text). */
  readonly input: unknown;
  readonly instanceId: string;
  readonly isReplaying: boolean;
  readonly parentInstanceId: string | null;
  readonly upperSchemaVersion: number;
  readonly upperSchemaVersionNew: number;
  readonly maximumShortTimerDuration: string;
  readonly longRunningTimerIntervalDuration: string;
  readonly defaultHttpAsyncRequestSleepTimeMillseconds: number;
}

const failureLabel = '\n\n$OutOfProcData$:';

/** Reads the state out of the message of the error a failed orchestrator throws; undefined when there is none. */
export function stateOfFailure(message: string): OrchestratorState | undefined {
  const at = message.lastIndexOf(failureLabel);
  if (at < 0) return undefined;
  return JSON.parse(message.slice(at + failureLabel.length)) as OrchestratorState;
}
