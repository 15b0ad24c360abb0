// That the quota of the mail service is never exceeded, who goes first when it is short, and that nobody waits for ever.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyWindow, estimateEnd, type QuotaWindow, takeSlot } from '../../shared/domain/mail-quota.ts';
import { type MailLane, mailLanes } from '../../shared/domain/message.ts';

const from = (lane: MailLane, companyId = 'company1') => ({ lane, companyId });

describe('the quota', () => {
  const quota = { perMinute: 2, perHour: 5 };
  const minuteMs = 60_000;
  const start = Date.parse('2026-03-02T08:00:00.000Z');
  const minute = start / minuteMs;
  const at = (minutes: number) => new Date(start + minutes * minuteMs);
  const windowOf = (...sent: readonly (readonly [number, number])[]): QuotaWindow => ({
    ...emptyWindow,
    minutes: sent.map(([offset, count]) => ({ minute: minute + offset, sent: count, lanes: { account: count } })),
  });

  it.each<[string, QuotaWindow, number, number | 'go']>([
    ['an empty window', windowOf(), 0, 'go'],
    ['room in this minute', windowOf([0, 1]), 0.5, 'go'],
    ['a full minute', windowOf([0, 2]), 0.5, 2],
    ['a full minute together with the one before', windowOf([-1, 1], [0, 1]), 0.5, 1],
    ['a minute before that is full', windowOf([-1, 2]), 0, 1],
    ['an earlier full minute', windowOf([-2, 2]), 0, 'go'],
    ['a full hour', windowOf([-50, 2], [-40, 2], [-30, 1]), 0, 11],
    ['an hour that is just over', windowOf([-61, 2], [-40, 2], [-30, 1]), 0, 'go'],
    ['a pause', { ...emptyWindow, pausedUntil: at(7).toISOString() }, 0, 7],
    ['a pause that is over', { ...emptyWindow, pausedUntil: at(7).toISOString() }, 7, 'go'],
  ])('%s', (_what, window, now, expected) => {
    const slot = takeSlot(window, at(now), quota, from('account'));
    expect(slot.kind === 'go' ? 'go' : (slot.until.getTime() - start) / minuteMs).toBe(expected);
  });

  it('counts what it lets go, and forgets the pause and old minutes', () => {
    const slot = takeSlot({ ...windowOf([-90, 5], [-3, 1], [0, 1]), pausedUntil: at(-1).toISOString() }, at(0), quota, from('account'));
    expect(slot).toEqual({ kind: 'go', window: windowOf([-3, 1], [0, 2]) });
  });

  it('is kept in every sliding minute and hour, and nobody waits in vain', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.constantFrom(...mailLanes)), { maxLength: 150 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 }), (waits, perMinute, perHour) => {
        let window: QuotaWindow = emptyWindow;
        let now = start;
        const sent: number[] = [];
        for (const [wait, lane] of waits) {
          now += wait;
          const slot = takeSlot(window, new Date(now), { perMinute, perHour }, from(lane));
          if (slot.kind === 'wait') {
            expect(slot.until.getTime()).toBeGreaterThan(now);
            if (lane === 'account') expect(slot.until.getTime() - now).toBeLessThanOrEqual(61 * minuteMs);
            window = slot.window ?? window;
            continue;
          }
          window = slot.window;
          sent.push(now);
        }
        for (const moment of sent) {
          const within = (span: number) => sent.filter((each) => each > moment - span && each <= moment).length;
          expect(within(minuteMs)).toBeLessThanOrEqual(perMinute);
          expect(within(60 * minuteMs)).toBeLessThanOrEqual(perHour);
        }
      }),
    );
  });
});

describe('the lanes', () => {
  const quota = { perMinute: 100, perHour: 100 };
  const start = Date.parse('2026-03-02T08:00:00.000Z');
  const at = (minutes: number) => new Date(start + minutes * 60_000);

  /** Sends of each lane as they are asked for within one minute; says how many got through. */
  function send(asked: readonly (readonly [MailLane, number])[], before = emptyWindow, now = at(0)) {
    let window = before;
    const sent = asked.map(([lane, count]) => {
      let through = 0;
      for (let number = 0; number < count; number += 1) {
        const slot = takeSlot(window, now, quota, from(lane));
        window = slot.window ?? window;
        if (slot.kind === 'go') through += 1;
      }
      return through;
    });
    return { sent, window };
  }

  it.each<[string, readonly (readonly [MailLane, number])[], readonly number[]]>([
    [
      'digests leave room for the others',
      [
        ['digest', 200],
        ['account', 20],
        ['notice', 20],
      ],
      [75, 18, 4],
    ],
    [
      'notices leave room for mails about accounts',
      [
        ['notice', 200],
        ['account', 20],
      ],
      [80, 14],
    ],
    [
      'invitations leave room for passwords',
      [
        ['invitation', 200],
        ['account', 20],
      ],
      [85, 5],
    ],
    [
      'mails about accounts leave a little for the others',
      [
        ['account', 200],
        ['notice', 20],
        ['reminder', 20],
        ['digest', 20],
      ],
      [90, 4, 3, 3],
    ],
    [
      'reminders leave room for notices and mails about accounts',
      [
        ['reminder', 200],
        ['notice', 20],
        ['account', 20],
      ],
      [78, 4, 15],
    ],
    [
      'everybody goes while there is room',
      [
        ['digest', 30],
        ['notice', 30],
        ['account', 30],
      ],
      [30, 30, 30],
    ],
  ])('%s', (_what, asked, expected) => {
    expect(send(asked).sent).toEqual(expected);
  });

  it('put digests into a line, as far apart as they can go', () => {
    const { window } = send([['digest', 75]]);
    const first = takeSlot(window, at(0), quota, from('digest'));
    expect(first).toMatchObject({ kind: 'wait', until: at(61) });
    const second = takeSlot(first.window ?? window, at(0), quota, from('digest'));
    expect(second).toMatchObject({ kind: 'wait', until: new Date(at(61).getTime() + (62 * 60_000) / 75) });
    expect(second.window?.lines['digest']).toBe(second.kind === 'wait' ? second.until.toISOString() : '');
    expect(estimateEnd(second.window ?? window, quota, 75, at(0)).getTime() - Date.parse(second.window?.lines['digest'] ?? '')).toBeCloseTo(
      62 * 60_000,
      -1,
    );
    expect(estimateEnd(emptyWindow, quota, 0, at(3))).toEqual(at(3));
    // A line that is over is none.
    const later = send([['digest', 75]], second.window ?? window, at(300));
    expect(takeSlot(later.window, at(300), quota, from('digest'))).toMatchObject({ until: at(361) });
  });

  it.each(['invitation', 'reminder'] as const)('put the %ss of each company into a line of their own', (lane) => {
    const { window } = send([[lane, 200]]);
    const [own, other] = ['company1', 'company2'].map((companyId) => takeSlot(window, at(0), quota, from(lane, companyId)));
    expect(own?.kind === 'wait' && own.until.getTime()).toBeGreaterThan(at(120).getTime());
    expect(other).toMatchObject({ kind: 'wait', until: at(61) });
  });

  it('put notices of all companies into one line, and mails about accounts into none', () => {
    const { window } = send([
      ['notice', 200],
      ['account', 200],
    ]);
    const [notice, account] = (['notice', 'account'] as const).map((lane) => takeSlot(window, at(0), quota, from(lane, 'company2')));
    expect(notice?.kind === 'wait' && notice.until.getTime()).toBeGreaterThan(at(120).getTime());
    expect(account).toMatchObject({ kind: 'wait', until: at(61), window: null });
  });

  it('forget the lines that are over', () => {
    const { window } = send([['invitation', 200]]);
    const later = send([['notice', 200]], window, at(600));
    expect([Object.keys(window.lines), Object.keys(later.window.lines)]).toEqual([['invitation~company1'], ['notice']]);
  });
});
