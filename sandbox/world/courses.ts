// What the made-up training platform has given to people: thirty courses, and for each person a handful of them in every state there is.
import type { Assignment } from '../../shared/domain/assignment.ts';
import { addDays } from '../../shared/domain/local-time.ts';
import { mix } from './random.ts';

export const catalogue: readonly { readonly courseId: string; readonly title: string }[] = [
  'Phishing: the first five seconds',
  'Phishing: attachments and links',
  'Calls from somebody who is not who they say',
  'Invoices that are not yours',
  'When the managing director asks for gift cards',
  'Voices and faces made by machines',
  'Passwords you need not remember',
  'A second factor everywhere',
  'Passkeys in five minutes',
  'Locking your screen',
  'A clean desk',
  'Visitors and badges',
  'USB sticks from strangers',
  'Travelling with a laptop',
  'Working in trains and cafés',
  'Working from home',
  'Your own telephone at work',
  'Updates that cannot wait',
  'Backups and how to need none',
  'Ransomware: the first hour',
  'Reporting an incident',
  'Sharing files with partners',
  'Classifying documents',
  'Data protection for everybody',
  'Data protection for human resources',
  'Handling card payments',
  'Chatbots and confidential text',
  'Social media and your employer',
  'Secure software: the ten usual mistakes',
  'Suppliers and their accounts',
].map((title, index) => ({ courseId: `course-${String(index + 1).padStart(2, '0')}`, title }));

const courseStates = ['done', 'overdue', 'dueSoon', 'open', 'withoutDueDay'] as const;
type CourseState = (typeof courseStates)[number];

/**
 * People in turn. Some are done with nearly everything, some are late; of any three in a row one has something overdue or due soon, so
 * that a team of three always has something to be reminded of.
 */
const habits: readonly (readonly CourseState[])[] = [
  ['done', 'done', 'open'],
  ['done', 'overdue', 'dueSoon', 'open'],
  ['done', 'withoutDueDay'],
  ['done', 'dueSoon', 'open'],
  ['overdue', 'withoutDueDay', 'done'],
  ['done', 'done', 'done', 'open'],
];

/** Days from today on which a course is due. With the usual setting of a company a course is due soon in its last seven days. */
const dueIn: Readonly<Record<CourseState, (chance: number) => number | null>> = {
  done: (chance) => (chance % 60) - 30,
  overdue: (chance) => -1 - (chance % 20),
  dueSoon: (chance) => chance % 6,
  open: (chance) => 21 + (chance % 60),
  withoutDueDay: () => null,
};

const progressOf: Readonly<Record<CourseState, (chance: number) => number>> = {
  done: () => 100,
  overdue: (chance) => (chance % 4) * 20,
  dueSoon: (chance) => (chance % 5) * 20,
  open: (chance) => (chance % 3) * 10,
  withoutDueDay: (chance) => (chance % 10) * 10,
};

/** The courses of one person. @param person any whole number @param today `YYYY-MM-DD` in the company's time zone */
export function coursesOf(person: number, today: string): readonly Assignment[] {
  const states = habits[person % habits.length] ?? [];
  const first = mix(person, states.length);
  return states.map((state, place) => {
    const course = catalogue[(first + place) % catalogue.length] as (typeof catalogue)[number];
    const chance = mix(person, place);
    const due = dueIn[state](chance);
    return {
      ...course,
      assignedOn: addDays(today, -40 - (chance % 40)),
      dueOn: due === null ? null : addDays(today, due),
      progress: progressOf[state](chance),
      completedAt: state === 'done' ? `${addDays(today, -1 - (chance % 30))}T09:30:00Z` : null,
      link: `https://learn.example/${course.courseId}`,
    };
  });
}
