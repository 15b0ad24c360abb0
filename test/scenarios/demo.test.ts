// `npm run demo -- --json` as a script would use it: one document on stdout, every number in it counted, and the exit code to trust.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DemoReport } from '../../sandbox/demo-report.ts';
import { projectRoot } from '../project-files.ts';

const run = promisify(execFile);

describe('the demo', () => {
  it('tells everything from the first sync to the weekly reminder in one document, verified', async () => {
    const { stdout, stderr } = await run(process.execPath, [join(projectRoot, 'sandbox', 'demo.ts'), '--json', '--users', '60']);
    expect(stderr).toBe('');
    const report = JSON.parse(stdout) as DemoReport;
    const { found, approved, denied } = report.users;
    expect(report).toMatchObject({ verified: true, directory: { users: 60 }, users: { found: 60, pending: 0, removed: 0 } });
    expect(approved + denied).toBe(found);
    expect(report.rounds.map(({ kind }) => kind)).toEqual(['full', 'delta']);
    // One manager accepts, the other does not answer and gets nothing.
    expect(report.managerAccess).toEqual({ invited: 1, active: 1 });
    expect(report.weeklyReminders).toBe(1);
    expect(report.teamReminders).toBeGreaterThan(0);
    const subjects = report.mails.map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject.endsWith('see how your team is doing in its training'))).toHaveLength(2);
    expect(subjects.filter((subject) => subject.includes(' reminds you of '))).toHaveLength(report.teamReminders);
    expect(report.mails.filter(({ subject }) => subject.startsWith('Your team this week')).map(({ to }) => to)).toEqual([
      expect.stringContaining('nora.newcomer'),
    ]);
  });
});
