// The settings a person has given, in local.settings.json (as the Functions tools read it) or the environment, which wins: each of them
// takes a stand-in's place.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { settingNames } from '../shared/config.ts';

const fileSchema = z.object({ Values: z.record(z.string(), z.string()).default({}) });

/** Texts of local.settings.sample.json that wait to be replaced. */
const isPlaceholder = (value: string) => value === '' || /^<.*>$|\byour-(app|domain|verified-domain)\./.test(value);

/** @throws Error without a word of the file, which holds secrets. */
function readFile(file: string): Readonly<Record<string, string>> {
  if (!existsSync(file)) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Error('local.settings.json is not valid JSON.');
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) throw new Error('local.settings.json must be an object with "Values": names and texts.');
  return parsed.data.Values;
}

/** Every setting of the app that is given for real; what still reads as in the sample is not. @throws Error that quotes nothing of the file. */
export function readLocalSettings(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const fromFile = readFile(join(folder, 'local.settings.json'));
  const given: Record<string, string> = {};
  for (const name of settingNames) {
    const value = environment[name] || fromFile[name];
    if (value !== undefined && !isPlaceholder(value)) given[name] = value;
  }
  return given;
}
