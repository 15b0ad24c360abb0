// What is done with a mail taken from the queue.
import { expect, it } from 'vitest';
import { mailStates, nextSendStep } from '../../shared/domain/message.ts';

it('asks before it repeats, and never repeats what is finished', () => {
  expect(Object.fromEntries(mailStates.map((state) => [state, nextSendStep(state).kind]))).toEqual({
    queued: 'claim',
    claimed: 'ask',
    accepted: 'finished',
    refused: 'finished',
    withdrawn: 'finished',
  });
});
