// The words of the mails in Spanish, formal.
import type { MailCatalogue } from './mail-texts.ts';
import type { MemberLine } from './mail-content.ts';
import { longDay, longInstant } from './local-time.ts';
import { brief, briefAddress } from './one-line.ts';
import { makePlural } from './plural.ts';

const count = makePlural('es');
const people = (number: number): string => count(number, { one: 'persona', other: 'personas' });
const newPeople = (number: number): string => count(number, { one: 'persona nueva', other: 'personas nuevas' });
const courses = (number: number): string => count(number, { one: 'curso', other: 'cursos' });
const minutes = (number: number): string => count(number, { one: 'minuto', other: 'minutos' });
const overdueCourses = (number: number): string => count(number, { one: 'vencido', other: 'vencidos' });
const dueSoonCourses = (number: number): string => count(number, { one: 'vence pronto', other: 'vencen pronto' });
const peopleWait = (number: number): string =>
  `${number > 0 ? count(number, { one: 'persona espera', other: 'personas esperan' }) : 'Nadie espera'} su aprobación`;

const pendingList = (companyName: string): string => `Abrir la lista «Pendientes de aprobación» de ${brief(companyName)}`;
const administers = (companyName: string): string => `Recibe este correo porque administra ${brief(companyName)} en Muster.`;
const untilApproved = 'Hasta que usted las apruebe, no participan en nada, no reciben correos y no se facturan.';

function otherEntries(number: number): readonly string[] {
  if (number <= 0) return [];
  const entries = count(number, { one: 'entrada que no parece una persona', other: 'entradas que no parecen personas' });
  return [`La lista contiene además ${entries}, como una sala o un buzón compartido. En cada una se indica por qué lo creemos.`];
}

const hasAccount = (companyName: string): string =>
  `Recibe este correo porque tiene una cuenta para la formación de ${brief(companyName)}.`;

const happenings = {
  signedInElsewhere: {
    subject: 'nuevo inicio de sesión',
    sentence: 'Alguien ha iniciado sesión en su cuenta desde un dispositivo o navegador nuevo.',
  },
  passwordChanged: { subject: 'su contraseña ha cambiado', sentence: 'Se ha cambiado la contraseña de su cuenta.' },
  secondFactorChanged: { subject: 'su segundo factor ha cambiado', sentence: 'Se ha cambiado el segundo factor de su cuenta.' },
} as const;

function dueWords(dueOn: string | null, isOverdue: boolean): string {
  if (dueOn === null) return 'sin fecha límite';
  return isOverdue ? `vencido desde el ${longDay(dueOn, 'es')}` : `vence el ${longDay(dueOn, 'es')}`;
}

const memberWords = ({ overdue, dueSoon }: MemberLine): string =>
  [...(overdue > 0 ? [overdueCourses(overdue)] : []), ...(dueSoon > 0 ? [dueSoonCourses(dueSoon)] : [])].join(', ');

const ownerSentences = {
  theirs: 'Solo un administrador del inquilino de Microsoft 365 de la empresa puede arreglarlo.',
  ours: 'El fallo es nuestro. La empresa no tiene que hacer nada.',
  gone: 'Parece que el propio inquilino de Microsoft 365 ya no existe.',
} as const;

export const spanishMailTexts: MailCatalogue = {
  integrationConnected: ({ companyName, tenantName, pendingCount, people: waiting, listUrl, portalUrl, nextSyncText }) => ({
    subject: `${brief(companyName)} está conectada. ${peopleWait(waiting)}`,
    preview: `La primera sincronización de ${brief(tenantName)} ha terminado.`,
    heading: `${brief(companyName)} está conectada. ${peopleWait(waiting)}.`,
    paragraphs: [
      `La primera sincronización del inquilino de Microsoft 365 ${brief(tenantName)} ha terminado.`,
      ...(waiting > 0 ? [untilApproved] : []),
      ...otherEntries(pendingCount - waiting),
      'A partir de ahora, Muster sigue el directorio por sí solo.',
      ...(nextSyncText === undefined ? [] : [`Próxima sincronización: ${nextSyncText}`]),
    ],
    links: [
      { label: pendingList(companyName), url: listUrl },
      { label: `Abrir ${brief(companyName)} en Muster`, url: portalUrl },
    ],
    reason: administers(companyName),
  }),

  newUsersFound: ({ companyName, newCount, pendingCount, listUrl }) => ({
    subject: `${newPeople(newCount)} en ${brief(companyName)}: falta su aprobación`,
    preview: `${peopleWait(pendingCount)}.`,
    heading: `${newPeople(newCount)} en ${brief(companyName)}`,
    paragraphs: [
      pendingCount > newCount ? `Contando las anteriores, ${peopleWait(pendingCount)}.` : `${peopleWait(newCount)}.`,
      untilApproved,
    ],
    links: [{ label: pendingList(companyName), url: listUrl }],
    reason: administers(companyName),
  }),

  accessLost: ({ companyName, owner, reasonSentence, nextStep, settingsUrl }) => ({
    subject: `Muster ya no puede leer el directorio de ${brief(companyName)}`,
    preview: reasonSentence,
    heading: `Muster ya no puede leer el directorio de ${brief(companyName)}`,
    paragraphs: [
      reasonSentence,
      ownerSentences[owner],
      `Siguiente paso: ${nextStep}`,
      'La lista de usuarios queda como estaba: no se elimina a nadie y se conservan todas las decisiones. Volverá a seguir el directorio en cuanto se recupere el acceso.',
    ],
    links: [{ label: `Abrir la configuración de la integración de ${brief(companyName)}`, url: settingsUrl }],
    reason: administers(companyName),
  }),

  managerInvited: ({ companyName, managerName, teamSize, acceptUrl, tokenId, expiresOn }) => ({
    subject: `${brief(companyName)}: vea cómo avanza su equipo en la formación`,
    preview: `${tokenId === null ? 'Inicie sesión con Microsoft' : 'Elija una contraseña'} y vea la formación de su equipo: ${people(teamSize)}.`,
    heading: `Hola, ${brief(managerName)}`,
    paragraphs: [
      `${brief(companyName)} le da acceso a la formación de su equipo: ${people(teamSize)} en este momento.`,
      'Verá qué está vencido y qué vence pronto, y podrá enviar recordatorios.',
      tokenId === null
        ? `Puede iniciar sesión con su cuenta de Microsoft habitual hasta el ${longDay(expiresOn, 'es')}. Mientras no lo haga, no le enviaremos nada sobre su equipo.`
        : `El enlace funciona una sola vez y hasta el ${longDay(expiresOn, 'es')}. Mientras no lo use, no le enviaremos nada sobre su equipo.`,
    ],
    links: [
      tokenId === null
        ? { label: 'Iniciar sesión con Microsoft', url: acceptUrl }
        : { label: 'Elegir una contraseña', url: acceptUrl, tokenId },
    ],
    reason: `Recibe este correo porque en el directorio de ${brief(companyName)} consta que usted dirige a alguien. Si no es así, avise a su departamento de informática; no tiene que hacer nada más.`,
  }),

  passwordReset: ({ companyName, name, resetUrl, tokenId, validMinutes }) => ({
    subject: `${brief(companyName)}: elija una contraseña nueva`,
    preview: `El enlace funciona una sola vez, durante ${minutes(validMinutes)}.`,
    heading: `Hola, ${brief(name)}`,
    paragraphs: [
      'Alguien ha pedido una contraseña nueva para su cuenta. Si ha sido usted, elíjala ahora.',
      `El enlace funciona una sola vez, durante ${minutes(validMinutes)}. Si no ha sido usted, no haga nada: su contraseña sigue siendo la misma.`,
    ],
    links: [{ label: 'Elegir una contraseña nueva', url: resetUrl, tokenId }],
    reason: hasAccount(companyName),
  }),

  accountNotice: ({ companyName, name, what, at, timeZone, resetUrl }) => ({
    subject: `${brief(companyName)}: ${happenings[what].subject}`,
    preview: happenings[what].sentence,
    heading: `Hola, ${brief(name)}`,
    paragraphs: [
      happenings[what].sentence,
      `Cuándo: ${longInstant(at, timeZone, 'es')}.`,
      'Si ha sido usted, no tiene que hacer nada. Si no, elija enseguida una contraseña nueva: con ello se cierran también todas las sesiones.',
    ],
    links: [{ label: 'Elegir una contraseña nueva', url: resetUrl }],
    reason: hasAccount(companyName),
  }),

  addressChanged: ({ companyName, name, former, present, signInUrl }) => ({
    subject: `${brief(companyName)}: ahora inicia sesión con otra dirección`,
    preview: `El directorio de ${brief(companyName)} tiene otra dirección de correo para usted.`,
    heading: `Hola, ${brief(name)}`,
    paragraphs: [
      `En el directorio de ${brief(companyName)} constaba ${briefAddress(former)} como su dirección de correo; ahora consta ${briefAddress(present)}.`,
      `A partir de ahora, inicie sesión con ${briefAddress(present)}. Su contraseña no cambia. Este correo se envía a las dos direcciones.`,
      'Si no esperaba este cambio, avise a su departamento de informática.',
    ],
    links: [{ label: 'Iniciar sesión', url: signInUrl }],
    reason: hasAccount(companyName),
  }),

  teamReminder: ({ companyName, memberName, managerName, courses: listed, more }) => ({
    subject: `${brief(managerName)} le recuerda ${courses(listed.length + more)}`,
    preview: listed.map(({ title }) => brief(title)).join(', '),
    heading: `Hola, ${brief(memberName)}`,
    paragraphs: [
      `${brief(managerName)} le recuerda su formación:`,
      ...listed.map(({ title, dueOn, isOverdue }) => `${brief(title)}: ${dueWords(dueOn, isOverdue)}.`),
      ...(more > 0 ? [`Y ${courses(more)} más.`] : []),
    ],
    links: listed.flatMap(({ title, link }) => (link === null ? [] : [{ label: `Abrir ${brief(title)}`, url: link }])),
    reason: `Recibe este correo porque ${brief(managerName)} figura como su responsable en el directorio de ${brief(companyName)}.`,
  }),

  weeklyReminder: ({ companyName, managerName, overdue, dueSoon, doneSinceLast, members, more, teamUrl, status, unsubscribe }) => ({
    subject: `Su equipo esta semana: ${overdueCourses(overdue)}, ${dueSoonCourses(dueSoon)}`,
    preview: `Completados desde el último correo: ${courses(doneSinceLast)}.`,
    heading: `Hola, ${brief(managerName)}`,
    paragraphs: [
      `Su equipo en ${brief(companyName)}: ${count(overdue, { one: 'curso está vencido', other: 'cursos están vencidos' })}, ${dueSoonCourses(dueSoon)} y ${count(doneSinceLast, { one: 'se completó', other: 'se completaron' })} desde el último correo.`,
      ...members.map((member) => `${brief(member.name)}: ${memberWords(member)}.`),
      ...(more > 0 ? [`Y ${people(more)} más.`] : []),
    ],
    links: [
      { label: 'Abrir su equipo', url: teamUrl },
      ...(status === null ? [] : [{ label: 'Ver el estado de esta semana sin iniciar sesión', ...status }]),
      { label: 'Dejar de recibir estos correos semanales', ...unsubscribe },
    ],
    reason: `Recibe este correo porque dirige un equipo en ${brief(companyName)}.`,
    unsubscribe,
  }),
};
