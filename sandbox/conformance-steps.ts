// What a conformance step is, and how a list of them runs: one after the other, each within a time limit, none without what it needs.

/** Sentences and next steps are printed as they are: never put a secret, a token, a name or an address into one. */
export type Outcome =
  | { readonly state: 'passed'; readonly sentence: string }
  | { readonly state: 'failed'; readonly sentence: string; readonly next: string }
  | { readonly state: 'skipped'; readonly sentence: string };

/** A fault in words: what happened and what to do about it. */
export interface Advice {
  readonly sentence: string;
  readonly next: string;
}

export interface Step {
  /** Stable, for machines: `storage.insert`. */
  readonly id: string;
  /** What is tried, as a noun phrase. */
  readonly title: string;
  /** Ids of earlier steps that must have passed. */
  readonly needs?: readonly string[];
  readonly run: () => Promise<Outcome>;
}

/** The steps of one service. */
export interface Area {
  readonly name: string;
  /** Why nothing of it can be tried, such as the settings that are missing; null when it can. */
  readonly hindrance: string | null;
  readonly steps: readonly Step[];
  /** Puts what a step threw into words. */
  readonly explain: (error: unknown) => Advice;
}

export interface StepReport {
  readonly id: string;
  readonly area: string;
  readonly title: string;
  readonly outcome: Outcome;
}

export const passed = (sentence: string): Outcome => ({ state: 'passed', sentence });
export const failed = (sentence: string, next: string): Outcome => ({ state: 'failed', sentence, next });
export const skipped = (sentence: string): Outcome => ({ state: 'skipped', sentence });

/** Long enough for every retry inside an adapter, short enough to wait for. */
const stepLimitMs = 60_000;

/** The outcome, or a failure when it takes too long; what was begun then goes on unseen until the process ends. */
async function withinLimit(work: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Outcome>((resolve) => {
    const answer = failed(
      `No answer within ${stepLimitMs / 1000} s.`,
      'Check that a firewall or proxy lets this machine through, then run it again.',
    );
    timer = setTimeout(() => resolve(answer), stepLimitMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function runStep({ run }: Step, explain: Area['explain']): Promise<Outcome> {
  try {
    return await withinLimit(run());
  } catch (error) {
    const { sentence, next } = explain(error);
    return failed(sentence, next);
  }
}

/** Runs all steps of all areas in order and reports each as soon as it is known. */
export async function runAreas(areas: readonly Area[], onReport: (report: StepReport) => void): Promise<readonly StepReport[]> {
  const reports: StepReport[] = [];
  const titles = new Map(areas.flatMap(({ steps }) => steps.map(({ id, title }) => [id, title] as const)));
  const hasPassed = (id: string) => reports.some((report) => report.id === id && report.outcome.state === 'passed');
  for (const { name, hindrance, steps, explain } of areas) {
    for (const step of steps) {
      const lacking = (step.needs ?? []).find((id) => !hasPassed(id));
      let outcome: Outcome;
      if (hindrance !== null) outcome = skipped(hindrance);
      else if (lacking !== undefined) outcome = skipped(`It needs the step "${titles.get(lacking) ?? lacking}", which did not pass.`);
      else outcome = await runStep(step, explain);
      const report = { id: step.id, area: name, title: step.title, outcome };
      reports.push(report);
      onReport(report);
    }
  }
  return reports;
}
