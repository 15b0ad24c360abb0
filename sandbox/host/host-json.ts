// Reads the parts of host.json this host honours, with the defaults of Azure Functions 4.
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { parseTimeSpan } from './schedules.ts';

/** What host.json says. */
export interface HostConfiguration {
  /** Goes before every HTTP route; may be empty. */
  readonly routePrefix: string;
  /** Milliseconds a call may take; undefined = no limit. */
  readonly functionTimeout: number | undefined;
  readonly maxConcurrentActivityFunctions: number;
  readonly maxConcurrentOrchestratorFunctions: number;
  /** The version of orchestrations started without one; empty = none. */
  readonly defaultVersion: string;
  /** Service Bus messages handled at once, per function. */
  readonly maxConcurrentCalls: number;
  /** Milliseconds for which a message's lock is renewed while it is handled. */
  readonly maxAutoLockRenewalDuration: number;
}

/** Reads host.json. @throws Error naming the file when it cannot be read or a value is of the wrong kind. */
export function readHostConfiguration(file: string): HostConfiguration {
  const root: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const read = (...path: readonly string[]): unknown => {
    let value: unknown = root;
    for (const key of path) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    return value;
  };
  const fail = (path: readonly string[], wanted: string): never => {
    throw new Error(`${file}: ${path.join('.')} must be ${wanted}.`);
  };
  const count = (fallback: number, ...path: readonly string[]): number => {
    const value = read(...path) ?? fallback;
    return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : fail(path, 'a whole number above 0');
  };
  const text = (fallback: string, ...path: readonly string[]): string => {
    const value = read(...path) ?? fallback;
    return typeof value === 'string' ? value : fail(path, 'text');
  };
  const duration = (fallback: string, ...path: readonly string[]): number => {
    const span = text(fallback, ...path);
    return parseTimeSpan(span) ?? fail(path, 'a time span such as "00:05:00"');
  };
  const cores = availableParallelism();
  const timeout = read('functionTimeout');
  return {
    routePrefix: text('api', 'extensions', 'http', 'routePrefix').replaceAll(/^\/+|\/+$/g, ''),
    functionTimeout: timeout === '-1' ? undefined : duration('00:30:00', 'functionTimeout'),
    maxConcurrentActivityFunctions: count(10 * cores, 'extensions', 'durableTask', 'maxConcurrentActivityFunctions'),
    maxConcurrentOrchestratorFunctions: count(10 * cores, 'extensions', 'durableTask', 'maxConcurrentOrchestratorFunctions'),
    defaultVersion: text('', 'extensions', 'durableTask', 'defaultVersion'),
    maxConcurrentCalls: count(16 * cores, 'extensions', 'serviceBus', 'maxConcurrentCalls'),
    maxAutoLockRenewalDuration: duration('00:05:00', 'extensions', 'serviceBus', 'maxAutoLockRenewalDuration'),
  };
}
