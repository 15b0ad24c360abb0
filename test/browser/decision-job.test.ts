// Deciding everybody who matches: how many that is, what is asked of the API, and the sentences about it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, makeApi } from '../../portal/api.ts';
import { countOf, isPassing, isRunning, jobFilter, jobProgress, jobResult } from '../../portal/decision-job.ts';
import { makeFormat } from '../../portal/format.ts';
import { noFilters } from '../../portal/list-query.ts';
import { makeSend, readProblem } from '../../portal/request.ts';
import { startStubApi, type StubApi } from './stub-api.ts';
import { companyId, counts, job } from './stub-company.ts';

const format = makeFormat('en', 'UTC');

describe('how many match', () => {
  it('is known from the counts for a whole list and for a kind of pending people', () => {
    expect(countOf('pending', noFilters, counts)).toBe(127);
    expect(countOf('approved', noFilters, counts)).toBe(1034);
    expect(countOf('pending', { ...noFilters, kind: 'person' }, counts)).toBe(counts.pendingByKind.person);
  });

  it('is not known for anything else', () => {
    expect(countOf('pending', noFilters, null)).toBeNull();
    expect(countOf('approved', { ...noFilters, kind: 'person' }, counts)).toBeNull();
    expect(countOf('pending', { ...noFilters, department: 'Sales' }, counts)).toBeNull();
    expect(countOf('pending', { ...noFilters, search: 'ada' }, counts)).toBeNull();
  });
});

describe('the sentences', () => {
  it('say how far a job is', () => {
    expect(jobProgress(format, job)).toBe('Approve: 4,200 of 10,000 users · about 12 s left');
    expect(jobProgress(format, { ...job, state: 'collecting', matched: null })).toBe('Approve: finding who matches pending, kind person');
    expect(jobProgress(format, { ...job, cancelledBy: 'Bo' })).toBe('Approve: 4,200 of 10,000 users · stopping');
  });

  it('say what became of it', () => {
    expect(jobResult(format, { ...job, state: 'done', decided: 9873, unchanged: 100, refused: 27 })).toBe(
      'Approved 9,873 of 10,000 users. 100 had that decision already. 27 were decided or changed meanwhile and stay as they are.',
    );
    expect(jobResult(format, { ...job, state: 'cancelled', cancelledBy: 'Bo' })).toBe('Approved 4,200 of 10,000 users. Cancelled by Bo.');
    expect(jobResult(format, { ...job, state: 'failed', problem: 'Bo may no longer decide here.' })).toBe(
      'Approved 4,200 of 10,000 users. Stopped early: Bo may no longer decide here.',
    );
  });
});

it.each([
  [503, true],
  [429, true],
  [0, true],
  [403, false],
  [404, false],
])('after an answer of %i asking how far a job is goes on: %s', (status, expected) => {
  expect(isPassing(readProblem(status, null))).toBe(expected);
});

describe('over HTTP', () => {
  let server: StubApi;
  let api: Api;
  beforeAll(async () => {
    server = await startStubApi();
    api = makeApi(makeSend(server.base));
  });
  afterAll(async () => await server.close());

  it('starts a job for the filters of the list, follows and cancels it', async () => {
    const filter = jobFilter('pending', { sort: 'arrival', kind: 'person', department: 'Sales', search: '' });
    const started = await api.startDecisionJob(companyId, { command: 'deny', filter, reason: null, expectedCount: 12 }, 'key-1');
    expect(started).toMatchObject({ command: 'deny', filter: { status: 'pending', kind: 'person', department: 'Sales', search: null } });
    expect(isRunning(started)).toBe(true);
    expect(await api.decisionJob(companyId, job.jobId)).toEqual(job);
    expect(await api.newestDecisionJob(companyId)).toEqual(job);
    expect(await api.cancelDecisionJob(companyId, job.jobId)).toMatchObject({ cancelledBy: 'Ada Admin' });
  });
});
