// The host's own settings, handed over by the launcher in the environment; everything else in the environment belongs to the app.

/** Where the host finds what it needs. */
export interface HostSettings {
  /** The bundle to run (CommonJS). */
  readonly appFile: string;
  readonly stateFile: string;
  readonly hostJson: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Milliseconds the clock starts ahead of real time. */
  readonly clockOffset: number;
  readonly colour: boolean;
}

/** Reads the settings. @throws Error naming what is missing. */
export function readHostSettings(environment: NodeJS.ProcessEnv): HostSettings {
  const need = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`The environment variable ${name} is missing.`);
    return value;
  };
  const whole = (name: string): number => {
    const value = Number(environment[name] ?? 0);
    if (!Number.isInteger(value)) throw new Error(`The environment variable ${name} must be a whole number.`);
    return value;
  };
  return {
    appFile: need('MUSTER_HOST_APP'),
    stateFile: need('MUSTER_HOST_STATE'),
    hostJson: need('MUSTER_HOST_JSON'),
    port: whole('MUSTER_HOST_PORT'),
    clockOffset: whole('MUSTER_HOST_CLOCK_OFFSET'),
    colour: environment['MUSTER_HOST_COLOUR'] === '1',
  };
}

/** Replaces each `%NAME%` by that setting of the app. @throws Error naming a setting that is missing. */
export function expandSettings(text: string, environment: NodeJS.ProcessEnv): string {
  return text.replaceAll(/%([^%]+)%/g, (_whole, name: string) => {
    const value = environment[name];
    if (value === undefined) throw new Error(`'%${name}%' does not resolve to a value: the setting is missing.`);
    return value;
  });
}

/** Whether the app's settings switch a function off (`AzureWebJobs.<name>.Disabled`, or with underscores as on Linux). */
export function isDisabled(name: string, environment: NodeJS.ProcessEnv): boolean {
  const value = environment[`AzureWebJobs.${name}.Disabled`] ?? environment[`AzureWebJobs_${name}_Disabled`] ?? '';
  return /^(?:true|1)$/i.test(value);
}
