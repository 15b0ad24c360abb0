// Words that rooms, devices, shared mailboxes and programs are named with, in the languages our customers write. Hints, never proof.
import { printableAscii } from './one-line.ts';
import { foldText } from './person-text.ts';
import type { AccountKind } from './user.ts';

/** The kinds a word can hint at. */
export type HintedKind = Extract<AccountKind, 'room' | 'equipment' | 'sharedMailbox' | 'serviceAccount' | 'resourceAccount'>;

export interface HintingWord {
  readonly word: string;
  readonly kind: HintedKind;
  /** Also a given name or surname somewhere (Sala, Sales, Room, Jobs): says nothing against a person who has a full name. */
  readonly alsoName: boolean;
}

interface Vocabulary {
  readonly words: string;
  readonly alsoNames: string;
}

/** Comma-separated; matched as whole words after `foldText`, so accents and case do not matter here. */
const vocabularies: Readonly<Record<HintedKind, Vocabulary>> = {
  room: {
    words: `rooms, conf, conference, confroom, conference room, meeting room, meetingroom, boardroom, besprechung, besprechungsraum,
      besprechungszimmer, meetingraum, konferenzraum, konferenzzimmer, sitzungsraum, sitzungszimmer, seminarraum, schulungsraum, salle de réunion,
      reuniones, riunioni, reunião, reuniões, vergaderruimte, vergaderzaal, vergaderkamer, mødelokale, mødelokaler, møterom, konferensrum,
      mötesrum, kokoushuone, neuvotteluhuone, zasedačka, zasedací, konferencyjna, konferencyjny, tárgyaló, toplantı, переговорная, переговорка,
      конференц-зал, αίθουσα, 会議室, 会议室, 會議室, 회의실, ห้องประชุม, חדר ישיבות, غرفة الاجتماعات, قاعة`,
    alsoNames: 'room, sala, salle, raum, saal, zaal, board, huddle',
  },
  equipment: {
    words: `equipment, projector, projektor, proyector, projecteur, vidéoprojecteur, proiettore, projetor, whiteboard, flipchart, laptop, tablet,
      ipad, fahrzeug, dienstwagen, firmenwagen, poolfahrzeug, poolauto, company car, pool car, véhicule, vehículo, veicolo, vehicle, minibus,
      проектор, プロジェクター, 投影仪, 投影機, 프로젝터`,
    alsoNames: 'beamer, camera',
  },
  sharedMailbox: {
    words: `info, infos, information, informationen, informazioni, información, contact, contacts, kontakt, contacto, contatto, contato, mailbox,
      shared, postfach, sammelpostfach, funktionspostfach, postkorb, support, help, helpdesk, help desk, servicedesk, service desk, hilfe, soporte,
      suporte, assistenza, hr, recruiting, recruitment, careers, bewerbung, bewerbungen, karriere, vertrieb, verkauf, ventas, vendas, vendite,
      ventes, verkoop, försäljning, billing, invoice, invoices, invoicing, accounts, accounting, accountspayable, finance, rechnung, rechnungen,
      buchhaltung, facturation, factures, facturas, facturación, fatture, faturas, comptabilité, contabilidad, contabilità, contabilidade,
      office, büro, reception, rezeption, empfang, accueil, recepción, recepção, receptie, orders, bestellung, bestellungen, pedidos,
      commandes, ordini, bestellingen, marketing, newsletter, presse, prensa, feedback, team, kundenservice, kundendienst,
      customerservice, customer service, webmaster, postmaster, hostmaster, abuse, enquiries, enquiry, inquiries, anfrage, anfragen, angebote,
      booking, bookings, reservation, reservations, reservierung, reservas, secretariat, secrétariat, sekretariat, secretaría, compliance,
      datenschutz, privacy, dpo, инфо, продажи, бухгалтерия, поддержка, приемная, 客服, 問い合わせ, 営業部, 고객센터`,
    alsoNames: 'sales, jobs, press, stampa, post, mail, order, legal, hello',
  },
  serviceAccount: {
    words: `svc, service, services, serviceaccount, servicekonto, dienstkonto, noreply, no reply, donotreply, do not reply, nicht antworten,
      nepasrepondre, ne pas répondre, noresponder, no responder, scanner, scan, copier, kopierer, copieur, printer, imprimante, impresora,
      stampante, mfp, fax, admin, adm, admins, administrator, administrateur, administrador, amministratore, beheerder, администратор, sysadmin,
      superuser, superadmin, system, système, sistema, systeem, backup, backups, sicherung, test, testuser, demo, dummy, sync,
      synchronization, automation, automatisierung, api, intune, sql, ldap, smtp, relay, notification, notifications,
      benachrichtigung, monitoring, monitor, alert, alerts, connector, integration, breakglass, break glass, emergency access, kiosk, terminal,
      管理者, 管理员, 系統, スキャナー, 관리자`,
    alsoNames: 'bot, root, app, azure, cron, daemon, drucker, mailer',
  },
  resourceAccount: {
    words: 'auto attendant, autoattendant, call queue, callqueue, warteschleife, telefonzentrale, file d’attente',
    alsoNames: '',
  },
};

// These scripts put no blanks between words, so a word is looked for anywhere in the text.
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

const lexicon: readonly HintingWord[] = Object.entries(vocabularies).flatMap(([kind, { words, alsoNames }]) => [
  ...entriesOf(words, kind as HintedKind, false),
  ...entriesOf(alsoNames, kind as HintedKind, true),
]);
const singleWords = new Map(lexicon.filter(isSingleWord).map((entry) => [entry.word, entry]));
/** Phrases and words of unspaced scripts, with what to look for in a text whose words are put between single blanks. */
const otherWords = lexicon
  .filter((entry) => !isSingleWord(entry))
  .map((entry) => ({ entry, sought: unspaced.test(entry.word) ? entry.word : ` ${entry.word} ` }));
const asciiPhrases = otherWords.filter(({ sought }) => printableAscii.test(sought));

const innerCapital = /(?<=\p{Ll})(?=\p{Lu})/gu;
const asciiInnerCapital = /(?<=[a-z])(?=[A-Z])/gu;

/**
 * The words of the lexicon in a name or in the local part of an address, each once. Whole words only ("Roomi" holds no "room");
 * numbers at the end of a word do not count ("scanner01"), and `NoReply` or `MeetingRoom3` are read as two words as well.
 */
export function hintingWordsIn(text: string): readonly HintingWord[] {
  const isAscii = printableAscii.test(text);
  const whole = wordsOf(text);
  const apart = text.replace(isAscii ? asciiInnerCapital : innerCapital, ' ');
  const pieces = apart === text ? whole : wordsOf(apart);
  const found = new Set<HintingWord>();
  for (const word of whole) {
    const entry = singleWords.get(word);
    if (entry) found.add(entry);
  }
  for (const word of pieces) {
    const entry = singleWords.get(word);
    // A capital inside a name ("DeSales") is no reason to read half of it as a word that is also a name.
    if (entry?.alsoName === false) found.add(entry);
  }
  // Only a text in another script, or of several words, can hold one of the others.
  if (!isAscii || pieces.length > 1) {
    const spaced = ` ${pieces.join(' ')} `;
    for (const { entry, sought } of isAscii ? asciiPhrases : otherWords) if (spaced.includes(sought)) found.add(entry);
  }
  return [...found];
}

function entriesOf(words: string, kind: HintedKind, alsoName: boolean): readonly HintingWord[] {
  const list = words.split(',').map((word) => wordsOf(word).join(' '));
  return list.filter((word) => word !== '').map((word) => ({ word, kind, alsoName }));
}

function isSingleWord({ word }: HintingWord): boolean {
  return !word.includes(' ') && !unspaced.test(word);
}

function wordsOf(text: string): readonly string[] {
  const folded = foldText(text);
  const isAscii = printableAscii.test(folded);
  const words = folded.match(isAscii ? /[a-z0-9]+/gu : /[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const closingNumber = isAscii ? /(?<=[a-z])[0-9]+$/u : /(?<=\p{L})\p{N}+$/u;
  return words.map((word) => word.replace(closingNumber, ''));
}
